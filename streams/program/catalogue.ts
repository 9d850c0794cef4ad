import type { CorrectedMood } from '../../models/gallery/index.ts';
import type { Mood } from '../../models/model/index.ts';

/** What the program knows of a picture. */
export interface CataloguePicture extends Mood {
  /** Stays the same between runs. */
  readonly id: string;
  /** The folder that it lies in, below the gallery's; empty for pictures of no bank. */
  readonly bank: string;
  readonly unsafe: boolean;
  /** A person has hidden it: it is never shown, even where unsafe pictures are. */
  readonly hidden?: boolean | undefined;
  /** Pictures with the same one are near copies of each other; undefined for a picture of its own. */
  readonly duplicateGroup?: string | undefined;
  /** How many pixels the original has: of near copies the largest is shown. */
  readonly pixels?: number | undefined;
  /** Where a hand has corrected its mood: what the model reads, and what the hand said. */
  readonly corrected?: CorrectedMood | undefined;
}

/** The pictures that a show can draw on. Never changes: a gallery that grows gives another catalogue. */
export interface Catalogue {
  readonly pictures: readonly CataloguePicture[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** Names of the banks, in order; folders in folders are banks as well, and belong to those around them. */
  readonly banks: readonly string[];
}

export function catalogueOf(pictures: readonly CataloguePicture[]): Catalogue {
  const banks = new Set<string>();
  for (const { bank } of pictures) {
    for (
      let name = bank;
      name !== '';
      name = name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : ''
    ) {
      banks.add(name);
    }
  }
  return {
    pictures,
    indexOf: new Map(pictures.map(({ id }, index) => [id, index])),
    banks: [...banks].sort(),
  };
}

export function isInBank(picture: CataloguePicture, bank: string | null): boolean {
  return bank === null || picture.bank === bank || picture.bank.startsWith(`${bank}/`);
}

/** Why a bank can't be shown, continuing "the bank …": there is none of that name, or none of its pictures may be shown. */
export function bankFault({ banks }: Pick<Catalogue, 'banks'>, bank: string): string {
  if (banks.includes(bank)) return `${bank} holds no picture that may be shown`;
  const names = banks.length === 0 ? 'no banks' : banks.join(', ');
  return `${bank} does not exist: the gallery has ${names}`;
}
