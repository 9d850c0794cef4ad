import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SynestheteError, messageOf } from '../../errors.ts';
import type { Screen } from '../../screens.ts';
import { RENDITION_SIDE, screenPath } from '../layout.ts';
import type { Picture } from '../snapshot.ts';
import { DiskBound, noteUse } from './disk-bound.ts';
import { cutFor, isCopyEnough } from './geometry.ts';
import type { RenditionRequest } from './make.ts';
import { RenditionMaker } from './maker.ts';

/** What a screen can show of a picture now. */
export interface ScreenRendition {
  /** Absolute path of a JPEG. */
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** Whether it is made for the screen; otherwise it is the picture's rendition for all screens. */
  readonly isOwn: boolean;
  /** Whether a sharper one, or one that is better cropped, is going to be made: ask again. */
  readonly isPending: boolean;
}

interface RenditionStoreOptions {
  /** Folder of pictures. */
  readonly gallery: string;
  readonly indexFolder: string;
  /** Called with one line for a person. */
  readonly notice: (line: string) => void;
  /** Makes one at a time; a process of its own unless set. */
  readonly maker?: Pick<RenditionMaker, 'make' | 'close'>;
  /** Of all renditions for screens; 8 GiB unless set. */
  readonly mostBytes?: number;
}

/** Renditions that wait. When there are more, the one that was wanted first is forgotten: its display asks again. */
const MOST_WAITING = 32;
/** A picture that fails is not tried again for this time, and none where their disk can't be written. */
const FAILED_FOR_MS = 60_000;
/** One that ends or hangs the process is left alone for longer. */
const DEADLY_FOR_MS = 3_600_000;
/** Failures that other pictures would meet as well. */
const PAUSING: ReadonlySet<string> = new Set(['WRITE_FAILED', 'CANNOT_START']);
/** Pictures that failed and are remembered. */
const MOST_FAILED = 1000;

/** The renditions of a gallery for screens: made when first wanted, one at a time, the newest wish first. */
export class RenditionStore {
  readonly #options: RenditionStoreOptions;
  readonly #maker: Pick<RenditionMaker, 'make' | 'close'>;
  readonly #bound: DiskBound;
  /** By path, the newest wish last. */
  readonly #waiting = new Map<string, RenditionRequest>();
  #working: string | undefined;
  /** When each path may be tried again. */
  readonly #failedUntilMs = new Map<string, number>();
  #pausedUntilMs = 0;
  /** Why there was a pause, until a rendition is made again. */
  #pausedFor = '';
  #isClosed = false;

  constructor(options: RenditionStoreOptions) {
    this.#options = options;
    this.#maker = options.maker ?? new RenditionMaker();
    this.#bound = new DiskBound(options.indexFolder, options.mostBytes);
  }

  /** How many wait to be made. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * The best that there is for a screen now. Has a better one made where there can be one; doesn't wait for it.
   * @param mayMake false: only what is there already
   */
  async find(picture: Picture, screen: Screen, mayMake = true): Promise<ScreenRendition> {
    const { gallery, indexFolder } = this.#options;
    const scale = Math.min(1, RENDITION_SIDE / Math.max(picture.width, picture.height));
    const common = {
      file: picture.rendition,
      width: Math.max(1, Math.round(picture.width * scale)),
      height: Math.max(1, Math.round(picture.height * scale)),
      isOwn: false,
    };
    if (isCopyEnough(picture, RENDITION_SIDE, screen)) return { ...common, isPending: false };
    const path = screenPath(indexFolder, picture.content, screen);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) {
      void noteUse(path, found);
      const { width, height } = cutFor(picture, screen);
      return { file: path, width, height, isOwn: true, isPending: false };
    }
    if (!mayMake) return { ...common, isPending: false };
    const isPending = this.#want({
      file: join(gallery, picture.file),
      content: picture.content,
      copy: picture.rendition,
      screen,
      path,
    });
    return { ...common, isPending };
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
    this.#maker.close();
  }

  /** @returns whether it is going to be made */
  #want(request: RenditionRequest): boolean {
    const { path } = request;
    const nowMs = performance.now();
    if (this.#isClosed || nowMs < this.#pausedUntilMs || nowMs < (this.#failedUntilMs.get(path) ?? 0))
      return false;
    if (this.#working === path) return true;
    this.#waiting.delete(path);
    this.#waiting.set(path, request);
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= MOST_WAITING) break;
      this.#waiting.delete(oldest);
    }
    if (this.#working === undefined) void this.#work();
    return true;
  }

  async #work(): Promise<void> {
    for (let next = this.#takeNewest(); next !== undefined; next = this.#takeNewest()) {
      this.#working = next.path;
      try {
        if (await this.#bound.hasRoom()) {
          await this.#maker.make(next);
          this.#pausedFor = '';
          await this.#bound.add(next.path);
        } else this.#pause(`the disk of ${this.#options.indexFolder} is nearly full`);
      } catch (error) {
        this.#fail(next, error);
      }
    }
    this.#working = undefined;
  }

  #takeNewest(): RenditionRequest | undefined {
    const newest = [...this.#waiting.values()].pop();
    if (newest !== undefined) this.#waiting.delete(newest.path);
    return newest;
  }

  #fail({ path, file }: RenditionRequest, error: unknown): void {
    if (this.#isClosed) return;
    const isKnown = this.#failedUntilMs.delete(path);
    const isDeadly = error instanceof SynestheteError && error.code === 'ENGINE_FAILED';
    this.#failedUntilMs.set(path, performance.now() + (isDeadly ? DEADLY_FOR_MS : FAILED_FOR_MS));
    for (const oldest of this.#failedUntilMs.keys()) {
      if (this.#failedUntilMs.size <= MOST_FAILED) break;
      this.#failedUntilMs.delete(oldest);
    }
    if (error instanceof SynestheteError && PAUSING.has(error.code)) this.#pause(messageOf(error));
    else if (!isKnown)
      this.#options.notice(`${file} stays as it was indexed on large screens: ${messageOf(error)}`);
  }

  #pause(why: string): void {
    this.#waiting.clear();
    this.#pausedUntilMs = performance.now() + FAILED_FOR_MS;
    if (this.#pausedFor === '')
      this.#options.notice(`large screens get pictures of ${RENDITION_SIDE} pixels: ${why}`);
    this.#pausedFor = why;
  }
}
