import { Subject } from 'rxjs';
import { SynestheteError } from '../../../../models/errors.ts';
import type { Screen } from '../../../../models/screens.ts';
import type {
  GalleryPage,
  GalleryQuery,
  KeptOutPage,
  KeptOutQuery,
  Picture,
  Show,
  ShowState,
  Thumbnail,
} from '../../../../src/server/index.ts';
import type { Control } from '../../../../streams/program/index.ts';

/** A show whose states a test makes, and which remembers what it was asked. */
export class FakeShow implements Show {
  readonly states = new Subject<ShowState>();
  readonly asked: Control[] = [];
  readonly pictures = new Map<string, Picture>();
  readonly unsafe = new Set<string>();
  #control: ((control: Control) => void) | undefined;

  /** @param ids pictures that exist; their files only where a test writes them. */
  constructor(ids: readonly string[] = ['a', 'b', 'c', 'd']) {
    for (const id of ids) this.addPicture(id, `/nowhere/${id}.webp`);
  }

  addPicture(id: string, file: string): void {
    this.pictures.set(id, { file, type: 'image/webp', width: 1920, height: 1080 });
  }

  /** The next control meets this. */
  onControl(then: (control: Control) => void): void {
    this.#control = then;
  }

  control(control: Control): void {
    this.#control?.(control);
    if (control.control === 'pin' && control.image !== null && !this.pictures.has(control.image)) {
      throw new SynestheteError('USAGE', `there is no picture ${control.image}: choose one of the gallery`);
    }
    this.asked.push(control);
  }

  status() {
    return {
      source: '/music/fake.wav',
      clips: { total: 40, dropped: 3, lost: 2 },
      gaps: 1,
      analysis: { restarts: 4 },
    };
  }

  publicStatus() {
    return { ...this.status(), source: 'fake.wav' };
  }

  picture(id: string): Picture | undefined {
    return this.pictures.get(id);
  }

  /** What was asked for, for screens. */
  readonly wanted: (Screen & { readonly id: string })[] = [];
  /** What there is for screens. */
  readonly renditions = new Map<string, Picture>();

  async rendition(id: string, screen: Screen) {
    const whole = this.pictures.get(id);
    if (whole === undefined) return undefined;
    this.wanted.push({ id, ...screen });
    const own = this.renditions.get(id);
    return { ...whole, ...own, isOwn: own !== undefined, isPending: own === undefined };
  }

  thumbnail(id: string, mayControl: boolean): Thumbnail | undefined {
    const picture = this.pictures.get(id);
    const isPrivate = this.unsafe.has(id);
    return picture === undefined || (isPrivate && !mayControl) ? undefined : { ...picture, isPrivate };
  }

  keptOut({ list, offset, limit }: KeptOutQuery): KeptOutPage {
    const ids = list === 'marked' ? [...this.unsafe] : [];
    const pictures = ids
      .slice(offset, offset + limit)
      .map((id) => ({ id, file: `${id}.jpg`, bank: null, unsafe: 0.9 }));
    return { total: ids.length, revision: String(this.pictures.size), pictures };
  }

  gallery({ offset, limit, bank, withUnsafe }: GalleryQuery): GalleryPage | Promise<GalleryPage> {
    const all = bank === undefined ? [...this.pictures.keys()] : [];
    const ids = all.filter((id) => withUnsafe || !this.unsafe.has(id));
    return {
      total: ids.length,
      revision: String(this.pictures.size),
      pictures: ids.slice(offset, offset + limit).map((id) => ({
        ...{ id, file: `${id}.jpg`, bank: null, valence: 0.5, arousal: 0.5 },
        ...{ reading: { valence: 0.5, arousal: 0.5 }, hand: null },
        ...{ width: 1920, height: 1080, unsafe: this.unsafe.has(id), banned: false },
      })),
    };
  }

  /** The moods by hand, as they were given. */
  csv = 'file,valence,arousal\n';

  async moods() {
    return this.csv;
  }

  async takeMoods(csv: Uint8Array) {
    const text = Buffer.from(csv).toString();
    if (!text.startsWith('file,')) throw new SynestheteError('BAD_TABLE', 'the table lacks the columns file');
    this.csv = text;
  }

  async devices() {
    return [{ name: 'USB Mixer' }];
  }
}

export function stateOf(
  image: string | null,
  candidates: readonly string[] = ['a', 'b', 'c', 'd'],
  time = 1,
  since = 0,
  others: readonly (string | null)[] = [],
): ShowState {
  const onShow = (id: string | null) => ({ image: id === null ? null : { id }, since, crossfade: 1.5 });
  return {
    time,
    mood: { valence: 0.25, arousal: 0.75, confidence: 0.5 },
    level: { rms: 0.1, onset: false },
    show: { state: 'live', ...onShow(image) },
    screens: [image, ...others].map(onShow),
    candidates: candidates.map((id, i) => ({ id, score: 1 - i / 10 })),
    latency: { analysis: 12, total: 20 },
  };
}
