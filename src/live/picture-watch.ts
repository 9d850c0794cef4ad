import { open } from 'node:fs/promises';
import { Subject, type Observable } from 'rxjs';
import type { ProgramState } from '../../streams/program/index.ts';
import type { ShowGallery } from '../show/index.ts';

/** Which files of pictures have broken or are mended. */
export type PictureNews =
  | { readonly kind: 'broken' | 'mended'; readonly image: string }
  | { readonly kind: 'reach'; readonly reachable: boolean };

interface PictureWatchOptions {
  /** The present ones. */
  readonly gallery: () => ShowGallery;
  readonly program: () => Pick<ProgramState, 'screens' | 'broken'>;
  /** Called with one line for a person. */
  readonly warn: (line: string) => void;
}

/** When a picture can't be read, this many others are tried, one after the other, before it counts as broken. */
const WITNESSES = 8;

/**
 * Finds out which pictures displays can't load. One whose file is gone is broken, as long as others can be read, and
 * mended when it can be read again. When none of several can be read, their disk is away: the watch says so once, and
 * counts no picture as broken.
 */
export class PictureWatch {
  readonly #options: PictureWatchOptions;
  readonly #news = new Subject<PictureNews>();
  readonly #checking = new Set<string>();
  #isReachable = true;
  #isLooking = false;

  constructor(options: PictureWatchOptions) {
    this.#options = options;
  }

  get news(): Observable<PictureNews> {
    return this.#news;
  }

  /** Checks a picture as it comes on show, before displays miss it. */
  async check(id: string): Promise<void> {
    const gallery = this.#options.gallery();
    const files = gallery.filesOf(id);
    if (files === undefined || !this.#isReachable || this.#checking.has(id) || this.#isBlamed(id)) return;
    this.#checking.add(id);
    try {
      if (await isReadable(files.rendition)) return;
      const others = this.#witnesses(gallery, new Set([id, ...this.#options.program().broken]));
      const isItself = await isAnyReadable(gallery, others);
      if (gallery !== this.#options.gallery()) return;
      if (isItself) this.#blame(id, files.name);
      else this.#setReachable(false);
    } finally {
      this.#checking.delete(id);
    }
  }

  /**
   * Call it every few seconds: a picture may be deleted while it is on show, or may have been deleted since the
   * restored run, and a broken one may be readable again.
   */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const gallery = this.#options.gallery();
      const { screens, broken } = this.#options.program();
      const onShow = screens.flatMap(({ image }) => image ?? []);
      if (!this.#isReachable) {
        if (!(await isAnyReadable(gallery, [...onShow, ...this.#witnesses(gallery, new Set())]))) return;
        this.#setReachable(true);
      }
      for (const id of new Set(onShow)) await this.check(id);
      for (const image of broken) {
        if (this.#isReachable && (await isAnyReadable(gallery, [image]))) {
          this.#news.next({ kind: 'mended', image });
        }
      }
    } finally {
      this.#isLooking = false;
    }
  }

  /** Ids of pictures that are spread over the gallery. */
  #witnesses({ catalogue }: ShowGallery, without: ReadonlySet<string>): string[] {
    const others = catalogue.pictures.filter(({ id }) => !without.has(id));
    const step = Math.max(1, others.length / WITNESSES);
    return Array.from(
      { length: Math.min(WITNESSES, others.length) },
      (_, i) => others[Math.floor(i * step)]!.id,
    );
  }

  /** Looked up each time, since the program may change in the middle of a check. */
  #isBlamed(id: string): boolean {
    return this.#options.program().broken.has(id);
  }

  #blame(image: string, name: string): void {
    this.#options.warn(`${name} can't be read any more and is left out: index the gallery again`);
    this.#news.next({ kind: 'broken', image });
  }

  #setReachable(reachable: boolean): void {
    if (reachable === this.#isReachable) return;
    this.#isReachable = reachable;
    this.#options.warn(
      reachable
        ? 'the pictures can be read again: the show goes on'
        : 'no picture can be read any more: what is on show stays until their disk is there again',
    );
    this.#news.next({ kind: 'reach', reachable });
  }
}

/** One after the other: a disk that does not answer blocks one thread, not all. */
async function isAnyReadable(gallery: ShowGallery, ids: readonly string[]): Promise<boolean> {
  for (const id of ids) {
    const files = gallery.filesOf(id);
    if (files !== undefined && (await isReadable(files.rendition))) return true;
  }
  return false;
}

/** Whether its first byte can be read: a disk that fails may still know the names of its files. */
async function isReadable(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      return (await file.read(Buffer.alloc(1), 0, 1, 0)).bytesRead === 1;
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}
