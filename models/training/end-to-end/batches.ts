import type { NamedValues, Value } from '../../engine/index.ts';
import type { Shape } from '../../graph/index.ts';
import { STEP, dropoutMask } from '../../graph/training/index.ts';
import { clipShape, pictureShape, pictureSquare } from '../../networks/index.ts';
import type { SystemSettings } from '../../networks/index.ts';
import type { PlanePoint } from '../../plane.ts';
import { Random } from '../../random.ts';
import type { IndexedPair } from '../imemnet/index.ts';
import { changeGain, drawMask } from './augment.ts';
import type { ClipItem, PictureItem, TrainingData } from './data.ts';
import { pixelsOf } from './media.ts';
import { drawPairs } from './pairs.ts';
import type { TrainingSettings } from './settings.ts';
import { INPUT } from './step.ts';
import type { TrainingStep } from './step.ts';

/** The inputs of a stage's steps, apart from the learning rate and trainable state. */
export interface Feeder {
  readonly stepsPerEpoch: number;
  /**
   * The whole batch of a step. It depends only on the step's number and the settings, so that a resumed training gets
   * the same.
   * @param step counts from 0 over the whole stage
   */
  feeds(step: number): Promise<NamedValues>;
}

function floats(shape: Shape, data: Float32Array): Value {
  return { dtype: 'float32', shape, data };
}

/** An endless sequence of shuffled passes over `count` items. */
class Shuffled {
  readonly #count: number;
  readonly #seed: number;
  readonly #purpose: string;
  #pass = -1;
  #order: number[] = [];

  constructor(count: number, seed: number, purpose: string) {
    this.#count = count;
    this.#seed = seed;
    this.#purpose = purpose;
  }

  at(place: number): number {
    const pass = Math.floor(place / this.#count);
    if (pass !== this.#pass) {
      const random = Random.seeded(this.#seed, `${this.#purpose}, pass ${pass}`);
      this.#order = random.shuffle(Array.from({ length: this.#count }, (_, index) => index));
      this.#pass = pass;
    }
    return this.#order[place % this.#count]!;
  }
}

/** Dropout masks and the number of a step. */
function stepFeeds({ masks }: TrainingStep, step: number, seed: number): Record<string, Value> {
  const feeds: Record<string, Value> = { [STEP]: floats([], Float32Array.of(step + 1)) };
  for (const [name, { shape, rate }] of masks) {
    feeds[name] = floats(shape, dropoutMask(seed, step, name, shape, rate));
  }
  return feeds;
}

function moods(items: readonly { readonly mood: PlanePoint }[]): Value {
  const data = Float32Array.from(items.flatMap(({ mood }) => [mood.valence, mood.arousal]));
  return floats([items.length, 2], data);
}

/** Batches of pictures and clips for training a network. */
export class BatchFeeder implements Feeder {
  readonly stepsPerEpoch: number;
  readonly #data: TrainingData;
  readonly #system: SystemSettings;
  readonly #settings: TrainingSettings;
  readonly #step: TrainingStep;
  readonly #pictures: Shuffled;
  readonly #clips: Shuffled;
  readonly #pairs: { readonly list: readonly IndexedPair[]; readonly order: Shuffled } | null;

  constructor(data: TrainingData, system: SystemSettings, settings: TrainingSettings, step: TrainingStep) {
    this.#data = data;
    this.#system = system;
    this.#settings = settings;
    this.#step = step;
    const { seed, batch } = settings;
    const { pictures, clips } = data.train;
    this.#pictures = new Shuffled(pictures.length, seed, 'pictures');
    this.#clips = new Shuffled(clips.length, seed, 'clips');
    const list =
      data.pairs ?? (settings.pairs === 'sampled' ? drawPairs(data.train, data.sigma, seed) : null);
    this.#pairs = list && { list, order: new Shuffled(list.length, seed, 'pairs') };
    const most = list?.length ?? Math.max(pictures.length, clips.length);
    this.stepsPerEpoch = Math.ceil(most / batch);
  }

  async feeds(step: number): Promise<NamedValues> {
    const { batch } = this.#step;
    const { pictures, clips } = this.#data.train;
    const places = Array.from({ length: batch }, (_, i) => step * batch + i);
    const pairs = this.#pairs && places.map((place) => this.#pairs!.list[this.#pairs!.order.at(place)]!);
    const chosenPictures = places.map(
      (place, i) => pictures[pairs?.[i]!.picture ?? this.#pictures.at(place)]!,
    );
    const chosenClips = places.map((place, i) => clips[pairs?.[i]!.clip ?? this.#clips.at(place)]!);
    return {
      ...stepFeeds(this.#step, step, this.#settings.seed),
      ...(await this.#clipFeeds(chosenClips, places)),
      [INPUT.pictures]: await this.#pictureFeed(chosenPictures, places),
      [INPUT.pictureMoods]: moods(chosenPictures),
      [INPUT.clipMoods]: moods(chosenClips),
      ...(this.#data.pairs &&
        pairs && {
          [INPUT.similarity]: floats(
            [batch],
            Float32Array.from(pairs, ({ similarity }) => similarity),
          ),
        }),
    };
  }

  #random(purpose: string, place: number): Random {
    return Random.seeded(this.#settings.seed, `${purpose} ${place}`);
  }

  async #pictureFeed(chosen: readonly PictureItem[], places: readonly number[]): Promise<Value> {
    const { augment } = this.#settings;
    const shape = pictureShape(this.#system);
    const size = shape.reduce((product, length) => product * length, 1);
    const data = new Float32Array(chosen.length * size);
    const fill = async ({ file, features }: PictureItem, i: number): Promise<void> => {
      const random = this.#random('picture', places[i]!);
      if (features) {
        const variant = augment ? random.below(features.length / size) : 0;
        data.set(features.subarray(variant * size, (variant + 1) * size), i * size);
      } else {
        data.set(await pixelsOf(file, pictureSquare(this.#system), augment ? random : null), i * size);
      }
    };
    await Promise.all(chosen.map(fill));
    return floats([chosen.length, ...shape], data);
  }

  async #clipFeeds(chosen: readonly ClipItem[], places: readonly number[]): Promise<NamedValues> {
    const { augment } = this.#settings;
    const [rows, columns] = clipShape(this.#system);
    const size = rows * columns;
    const count = chosen.length;
    const data = new Float32Array(count * size);
    const rowMask = new Float32Array(count * rows);
    const frameMask = new Float32Array(count * columns);
    for (const [i, { stretch, index }] of chosen.entries()) {
      const { values, count: variants, consecutive } = await this.#data.train.store.stretch(stretch);
      const random = this.#random('clip', places[i]!);
      const elsewhere = augment && variants > consecutive && random.real() < 0.5;
      const clip = elsewhere ? consecutive + random.below(variants - consecutive) : index;
      const target = data.subarray(i * size, (i + 1) * size);
      target.set(values.subarray(clip * size, (clip + 1) * size));
      if (!augment) continue;
      if (this.#system.system !== 'l3-net') changeGain(target, columns, random);
      drawMask(rowMask.subarray(i * rows, (i + 1) * rows), 'rows', random);
      drawMask(frameMask.subarray(i * columns, (i + 1) * columns), 'frames', random);
    }
    return {
      [INPUT.clips]: floats([count, rows, columns], data),
      ...(augment && {
        [INPUT.rowMask]: floats([count, rows, 1], rowMask),
        [INPUT.frameMask]: floats([count, 1, columns], frameMask),
      }),
    };
  }
}

/** Learned features of pictures or clips, all in memory, with their labels. */
export interface LearntFeatures {
  /** One for each picture or clip. */
  readonly features: readonly Float32Array[];
  readonly items: readonly { readonly mood: PlanePoint }[];
}

/** Batches of learned features for the predictor of VA. */
export class FeatureFeeder implements Feeder {
  readonly stepsPerEpoch: number;
  readonly #pictures: LearntFeatures;
  readonly #clips: LearntFeatures;
  readonly #step: TrainingStep;
  readonly #seed: number;
  readonly #orders: readonly [Shuffled, Shuffled];

  constructor(pictures: LearntFeatures, clips: LearntFeatures, step: TrainingStep, seed: number) {
    this.#pictures = pictures;
    this.#clips = clips;
    this.#step = step;
    this.#seed = seed;
    const counts = [pictures.items.length, clips.items.length] as const;
    this.#orders = [
      new Shuffled(counts[0], seed, 'features of pictures'),
      new Shuffled(counts[1], seed, 'features of clips'),
    ];
    this.stepsPerEpoch = Math.ceil(Math.max(...counts) / step.batch);
  }

  feeds(step: number): Promise<NamedValues> {
    const { batch } = this.#step;
    const take = ({ features, items }: LearntFeatures, order: Shuffled): [Value, Value] => {
      const chosen = Array.from({ length: batch }, (_, i) => order.at(step * batch + i));
      const width = features[0]!.length;
      const data = new Float32Array(batch * width);
      chosen.forEach((index, i) => {
        data.set(features[index]!, i * width);
      });
      return [floats([batch, width], data), moods(chosen.map((index) => items[index]!))];
    };
    const [pictures, pictureMoods] = take(this.#pictures, this.#orders[0]);
    const [clips, clipMoods] = take(this.#clips, this.#orders[1]);
    return Promise.resolve({
      ...stepFeeds(this.#step, step, this.#seed),
      [INPUT.pictures]: pictures,
      [INPUT.pictureMoods]: pictureMoods,
      [INPUT.clips]: clips,
      [INPUT.clipMoods]: clipMoods,
    });
  }
}

/** Prepares the feeds of the next `ahead` steps while one runs; memory stays bounded. */
export class Prefetcher {
  readonly #feeder: Feeder;
  readonly #ahead: number;
  readonly #end: number;
  readonly #ready: Promise<NamedValues>[] = [];
  #next: number;

  /** @param first the first step that is taken; @param end the step after the last one */
  constructor(feeder: Feeder, first: number, end: number, ahead: number) {
    this.#feeder = feeder;
    this.#next = first;
    this.#end = end;
    this.#ahead = ahead;
  }

  take(): Promise<NamedValues> {
    while (this.#ready.length <= this.#ahead && this.#next < this.#end) {
      const feeds = this.#feeder.feeds(this.#next++);
      // `take` rejects with its failure; this handler keeps it from counting as unhandled before.
      feeds.catch(() => undefined);
      this.#ready.push(feeds);
    }
    return this.#ready.shift()!;
  }
}
