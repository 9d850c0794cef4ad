import { SynestheteError } from '../../models/errors.ts';
import { SAMPLE_RATE_HZ, type FeatureRows } from '../../models/features/index.ts';
import type { ClipInput, Model } from '../../models/model/index.ts';
import { openPicture, squash } from '../../models/pictures/index.ts';
import type { Stretch } from '../../models/stretch.ts';
import { clipsOfFile, type FileClip } from '../clips/index.ts';
import { readAhead } from './ahead.ts';
import { FeatureProcesses } from './feature-processes.ts';
import type { ClipPlace, FilePrediction } from './file-prediction.ts';
import { kindOf, type MediaKind } from './kind.ts';
import type { PredictionStore } from './store.ts';

/** A file that a model shall read. */
export interface FileRequest {
  readonly file: string;
  /** What it is; found out from its content unless given. */
  readonly kind?: MediaKind;
  /** The parts of a sound file to read; the whole file unless given. */
  readonly stretches?: readonly Stretch[];
}

/**
 * `prediction`: of a picture one, of sound one for each clip. Then, once for each file, `read` when all of it was read, or
 * `failed` where it could not be read (to its end).
 */
export type FileEvent<R> =
  | { readonly kind: 'prediction'; readonly request: R; readonly of: FilePrediction }
  | { readonly kind: 'read'; readonly request: R }
  | { readonly kind: 'failed'; readonly request: R; readonly error: SynestheteError };

export interface ReadOptions {
  /** Where predictions are found and kept; none unless given. */
  readonly store?: PredictionStore | undefined;
  /** What computes features, where several predictions share it; it is not closed. One for this prediction unless given. */
  readonly threads?: FeatureProcesses;
  /** Called with one line for each sound file that is damaged and still read. */
  readonly damaged?: (line: string) => void;
}

/** Files that are decoded at the same time. What each may have waiting bounds the memory. */
const FILES_AHEAD = 4;
const ITEMS_AHEAD = 8;
/** Clips of one file whose features are computed at the same time. */
const CLIPS_TOGETHER = 3;

/** What the network is given at once: more makes it no faster on a cpu. */
const BATCH = { image: 8, music: 16 } as const;

/**
 * Has a model read files: pictures squashed to the size it wants, sound as consecutive clips of 2 s. The events come
 * in the order of the requests. Decoding and features run ahead of the model in other threads; memory depends neither on the
 * number of files nor on their length. A file that can't be read fails by itself; the others go on.
 *
 * @throws SynestheteError ENGINE_FAILED when the model fails.
 */
export async function* readFiles<R extends FileRequest>(
  requests: Iterable<R>,
  model: Model,
  options: ReadOptions = {},
): AsyncGenerator<FileEvent<R>, void, undefined> {
  const threads = options.threads ?? new FeatureProcesses();
  const batch = new Batch<R>(model, options.store);
  const open: ReturnType<typeof readAhead<Item<R>>>[] = [];
  const waiting = requests[Symbol.iterator]();
  try {
    for (;;) {
      while (open.length < FILES_AHEAD) {
        const next = waiting.next();
        if (next.done === true) break;
        open.push(readAhead(itemsOf(next.value, model, threads, options), ITEMS_AHEAD));
      }
      const file = open[0];
      if (file === undefined) break;
      for (let item = await file.next(); item.done !== true; item = await file.next()) {
        yield* await batch.add(item.value);
      }
      open.shift();
    }
    yield* await batch.flush();
  } finally {
    await Promise.all(open.map((file) => file.close()));
    if (options.threads === undefined) await threads.close();
  }
}

/** What has become of a file: something that the model is yet to read, or an event that is final. */
type Item<R> =
  | { readonly kind: 'image'; readonly request: R; readonly input: Uint8Array }
  | { readonly kind: 'music'; readonly request: R; readonly input: ClipInput; readonly clip: ClipPlace }
  | { readonly kind: 'event'; readonly event: FileEvent<R>; readonly keepAs?: string | undefined };

async function* itemsOf<R extends FileRequest>(
  request: R,
  model: Model,
  threads: FeatureProcesses,
  { store, damaged }: ReadOptions,
): AsyncGenerator<Item<R>, void, undefined> {
  const { file } = request;
  try {
    const kind = request.kind ?? (await kindOf(file));
    const stretches = request.stretches ?? [{ startSeconds: 0, endSeconds: undefined }];
    const key = await store?.keyOf(file, kind, stretches);
    const stored = key === undefined ? undefined : await store?.find(key, stretches);
    if (stored !== undefined) {
      for (const of of stored) yield { kind: 'event', event: { kind: 'prediction', request, of } };
      yield { kind: 'event', event: { kind: 'read', request } };
      return;
    }
    const damages: string[] = [];
    if (kind === 'image') {
      const input = await squash(await openPicture(file), model.pictureInput);
      yield { kind, request, input };
    } else {
      const clips = clipsOfFile(file, stretches, (line) => {
        damages.push(line);
        damaged?.(line);
      });
      const rows = model.featureRows;
      const inputs = rows === 'none' ? withoutFeatures(clips) : withFeatures(clips, rows, threads);
      for await (const { clip, input } of inputs) {
        const place = { stretch: clip.stretch, startSeconds: clip.startSample / SAMPLE_RATE_HZ };
        yield { kind, request, input, clip: place };
      }
    }
    // What is kept would be found without a word of the damage.
    yield { kind: 'event', event: { kind: 'read', request }, keepAs: damages.length > 0 ? undefined : key };
  } catch (error) {
    if (!(error instanceof SynestheteError)) throw error;
    yield { kind: 'event', event: { kind: 'failed', request, error } };
  }
}

/** A clip with what the model reads of it. */
interface ReadyClip {
  readonly clip: FileClip;
  readonly input: ClipInput;
}

function readyClip(clip: FileClip, features: Float32Array): ReadyClip {
  return { clip, input: { samples: clip.samples, before: clip.before, features } };
}

async function* withoutFeatures(clips: AsyncIterable<FileClip>): AsyncGenerator<ReadyClip, void, undefined> {
  for await (const clip of clips) yield readyClip(clip, new Float32Array());
}

/** Clips in their order, with the features of some computed at the same time. */
async function* withFeatures(
  clips: AsyncIterable<FileClip>,
  rows: FeatureRows,
  threads: FeatureProcesses,
): AsyncGenerator<ReadyClip, void, undefined> {
  const underWay: Promise<ReadyClip>[] = [];
  for await (const clip of clips) {
    const analysed = threads.of(clip, rows).then((features) => readyClip(clip, features));
    analysed.catch(() => undefined); // the loop below throws it, if it gets there
    underWay.push(analysed);
    if (underWay.length >= CLIPS_TOGETHER) yield await underWay.shift()!;
  }
  for (const analysed of underWay) yield await analysed;
}

/** Gathers what the model is to read, and gives events in the order in which items came. */
class Batch<R extends FileRequest> {
  readonly #model: Model;
  readonly #store: PredictionStore | undefined;
  #items: Item<R>[] = [];
  /** The kind of the items that the model is to read, all the same, and their number. */
  #kind: MediaKind | undefined;
  #count = 0;
  /** What was read of the file that is not over yet. */
  #ofFile: FilePrediction[] = [];

  constructor(model: Model, store: PredictionStore | undefined) {
    this.#model = model;
    this.#store = store;
  }

  async add(item: Item<R>): Promise<FileEvent<R>[]> {
    if (item.kind === 'event') {
      this.#items.push(item);
      return this.#count === 0 ? this.flush() : [];
    }
    const before = this.#kind !== undefined && this.#kind !== item.kind ? await this.flush() : [];
    this.#items.push(item);
    this.#kind = item.kind;
    this.#count++;
    return this.#count < BATCH[item.kind] ? before : [...before, ...(await this.flush())];
  }

  async flush(): Promise<FileEvent<R>[]> {
    const items = this.#items;
    this.#items = [];
    this.#kind = undefined;
    this.#count = 0;
    const pictures = items.filter((item) => item.kind === 'image');
    const clips = items.filter((item) => item.kind === 'music');
    const inPictures =
      pictures.length === 0 ? [] : await this.#model.embedPictures(pictures.map(({ input }) => input));
    const inClips = clips.length === 0 ? [] : await this.#model.embedClips(clips.map(({ input }) => input));
    const events: FileEvent<R>[] = [];
    let picture = 0;
    let clip = 0;
    for (const item of items) {
      if (item.kind === 'event') {
        if (item.keepAs !== undefined) await this.#store?.keep(item.keepAs, this.#ofFile);
        if (item.event.kind !== 'prediction') this.#ofFile = [];
        events.push(item.event);
        continue;
      }
      const of: FilePrediction =
        item.kind === 'image'
          ? { kind: 'image', prediction: inPictures[picture++]! }
          : { kind: 'music', prediction: inClips[clip++]!, clip: item.clip };
      if (this.#store !== undefined) this.#ofFile.push(of);
      events.push({ kind: 'prediction', request: item.request, of });
    }
    return events;
  }
}
