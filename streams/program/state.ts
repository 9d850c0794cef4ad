import type { Mood } from '../../models/model/index.ts';
import { isInBank, type Catalogue, type CataloguePicture } from './catalogue.ts';
import type { Control } from './control.ts';
import { CLOSED_GATE, type Gate } from './gate.ts';
import type { ProgramSettings } from './settings.ts';

/** A picture that fits the music, as the matching found it. */
export interface Candidate {
  readonly id: string;
  /** The model's own score; comparable within one match only. */
  readonly score: number;
  /** 1: the best of all allowed ones; 0: as good as blind choice. */
  readonly fit: number;
}

/** The pictures that fit the music best, at a moment. */
interface Match {
  readonly mood: Mood & { readonly confidence: number };
  /** Where in the plane these pictures were looked for: the mood after `fit` and push. It may lie outside. */
  readonly target: Mood;
  /** Best first. */
  readonly candidates: readonly Candidate[];
  /** How those fit that were on show when the match was made. */
  readonly shown: readonly Candidate[];
}

/** All that the program answers to. Times are seconds of the show; one that lies before the last is taken as that. */
export type ProgramEvent =
  | { readonly kind: 'tick'; readonly atSeconds: number }
  | { readonly kind: 'level'; readonly atSeconds: number; readonly rms: number; readonly onset: boolean }
  | { readonly kind: 'match'; readonly atSeconds: number; readonly match: Match }
  | { readonly kind: 'control'; readonly atSeconds: number; readonly control: Control }
  /** The pictures that there are have changed. */
  | { readonly kind: 'catalogue'; readonly atSeconds: number; readonly catalogue: Catalogue }
  /** A picture can't be read any more, its file being damaged or gone; or it can again. */
  | { readonly kind: 'broken' | 'mended'; readonly atSeconds: number; readonly image: string }
  /** No picture can be read, as when their disk is away; or they can again. */
  | { readonly kind: 'reach'; readonly atSeconds: number; readonly reachable: boolean };

/** Why a picture came. */
export type Reason = 'fit' | 'dwell' | 'idle' | 'operator' | 'replacement' | 'restored' | 'opening';

/** What is on one screen. */
export interface Screen {
  /**
   * Null only where there is no picture that may be shown. One that breaks when there is no other stays: displays have it.
   */
  readonly image: string | null;
  readonly sinceSeconds: number;
  /** How long it took to come: 0 is a cut. */
  readonly crossfadeSeconds: number;
  readonly reason: Reason;
  /** The pictures before, the last one last; no more than are needed. */
  readonly recent: readonly string[];
  /** Since when another picture is due; null while this one fits. */
  readonly dueSinceSeconds: number | null;
}

/** A change by the operator that the flash limiter holds back. */
interface Postponed {
  readonly image: string;
  readonly goesBack: boolean;
}

export interface ProgramState {
  readonly atSeconds: number;
  readonly settings: ProgramSettings;
  readonly catalogue: Catalogue;
  /**
   * Rows of the catalogue that may be shown: of the bank, safe, not hidden, not banned, not broken, and of near copies only the
   * largest. Ascending.
   */
  readonly allowed: readonly number[];
  /** The bank of the settings, or null while it holds no picture that may be shown: other banks are better than nothing. */
  readonly bankInForce: string | null;
  readonly bans: ReadonlySet<string>;
  readonly broken: ReadonlySet<string>;
  /** False while no picture can be read: then all screens stay as they are. */
  readonly reachable: boolean;
  /** The main screen first. */
  readonly screens: readonly Screen[];
  /** Where `back` leads, nearest last. */
  readonly past: readonly string[];
  readonly hold: boolean;
  readonly pin: string | null;
  readonly blackout: { readonly on: boolean; readonly sinceSeconds: number; readonly fadeSeconds: number };
  readonly gate: Gate;
  readonly match: (Match & { readonly atSeconds: number }) | null;
  /** When pictures changed in the last second: for the flash limiter. */
  readonly changes: readonly number[];
  readonly postponed: Postponed | null;
}

/** What a step did, for those who tell of it. */
export type ProgramEffect =
  | {
      readonly kind: 'show';
      readonly atSeconds: number;
      readonly screen: number;
      readonly image: string | null;
      readonly crossfadeSeconds: number;
      readonly reason: Reason;
    }
  | {
      readonly kind: 'blackout';
      readonly atSeconds: number;
      readonly on: boolean;
      readonly fadeSeconds: number;
    }
  | { readonly kind: 'idle'; readonly atSeconds: number; readonly on: boolean }
  | {
      readonly kind: 'refused';
      readonly atSeconds: number;
      readonly control: Control;
      readonly message: string;
    };

/** What is kept of a show between two runs. */
export interface Remembered {
  readonly images: readonly (string | null)[];
  readonly bans: readonly string[];
  readonly hold: boolean;
  readonly pin: string | null;
  readonly blackout: boolean;
}

/**
 * @param kept of the run before; its pictures are shown again, and its pin holds, where the catalogue still has them and
 *   they may be shown.
 */
export function initialState(
  settings: ProgramSettings,
  catalogue: Catalogue,
  kept?: Remembered,
): ProgramState {
  const screens = Array.from({ length: settings.screens }, (_, index): Screen => ({
    image: kept?.images[index] ?? null,
    sinceSeconds: 0,
    crossfadeSeconds: 0,
    reason: 'restored',
    recent: [],
    dueSinceSeconds: null,
  }));
  const eligibility = { settings, catalogue, bans: new Set(kept?.bans), broken: new Set<string>() };
  const pin = kept?.pin ?? null;
  return {
    atSeconds: 0,
    ...eligibility,
    ...allowedOf(eligibility),
    reachable: true,
    screens,
    past: [],
    hold: kept?.hold ?? false,
    pin: pin !== null && isShowable(eligibility, pin) ? pin : null,
    blackout: { on: kept?.blackout ?? false, sinceSeconds: 0, fadeSeconds: 0 },
    gate: CLOSED_GATE,
    match: null,
    changes: [],
    postponed: null,
  };
}

export function remembered({ screens, bans, hold, pin, blackout }: ProgramState): Remembered {
  return {
    images: screens.map(({ image }) => image),
    bans: [...bans],
    hold,
    pin,
    blackout: blackout.on,
  };
}

type Eligibility = Pick<ProgramState, 'bans' | 'broken' | 'settings' | 'catalogue'>;

/** Whether a picture may be shown at all, in whichever bank. */
export function isShowable({ bans, broken, settings, catalogue }: Eligibility, id: string): boolean {
  const picture = catalogue.pictures[catalogue.indexOf.get(id) ?? -1];
  return picture !== undefined && isGood(picture, bans, broken, settings);
}

/** Whether a picture may be on show for want of another: it may be shown but for being broken. */
export function mayStay(eligibility: Eligibility, id: string): boolean {
  return isShowable({ ...eligibility, broken: new Set() }, id);
}

/** Whether the program may choose a picture by itself. */
export function isAllowed(
  { catalogue, allowed }: Pick<ProgramState, 'catalogue' | 'allowed'>,
  id: string,
): boolean {
  const row = catalogue.indexOf.get(id);
  return row !== undefined && holds(allowed, row);
}

/** Whether a row is among rows in ascending order. */
function holds(rows: readonly number[], wanted: number): boolean {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return rows[low] === wanted;
}

/** Rows of the catalogue that the program may choose from, and of which bank they are. */
export function allowedOf({
  bans,
  broken,
  settings,
  catalogue,
}: Eligibility): Pick<ProgramState, 'allowed' | 'bankInForce'> {
  const good = [...catalogue.pictures.keys()].filter((row) =>
    isGood(catalogue.pictures[row]!, bans, broken, settings),
  );
  const inBank = good.filter((row) => isInBank(catalogue.pictures[row]!, settings.bank));
  return inBank.length > 0
    ? { allowed: withoutSmallerCopies(inBank, catalogue), bankInForce: settings.bank }
    : { allowed: withoutSmallerCopies(good, catalogue), bankInForce: null };
}

/** Leaves out thumbnails and other small copies of pictures that are there in a larger size. */
function withoutSmallerCopies(rows: readonly number[], { pictures }: Catalogue): readonly number[] {
  const largest = new Map<string, number>();
  for (const row of rows) {
    const { duplicateGroup, pixels = 0 } = pictures[row]!;
    if (duplicateGroup === undefined) continue;
    largest.set(duplicateGroup, Math.max(largest.get(duplicateGroup) ?? 0, pixels));
  }
  return rows.filter((row) => {
    const { duplicateGroup, pixels = 0 } = pictures[row]!;
    return duplicateGroup === undefined || pixels === largest.get(duplicateGroup);
  });
}

function isGood(
  { id, unsafe, hidden }: CataloguePicture,
  bans: ReadonlySet<string>,
  broken: ReadonlySet<string>,
  { allowUnsafe }: ProgramSettings,
): boolean {
  return hidden !== true && (allowUnsafe || !unsafe) && !bans.has(id) && !broken.has(id);
}

/** What a screen tells of itself: blackout before hold before idle. */
export function showStateOf({
  blackout,
  hold,
  pin,
  gate,
}: ProgramState): 'live' | 'hold' | 'blackout' | 'idle' {
  if (blackout.on) return 'blackout';
  if (hold || pin !== null) return 'hold';
  return gate.open ? 'live' : 'idle';
}
