import type { Engine, NamedValues } from '../../engine/index.ts';
import { Graph } from '../../graph/index.ts';
import {
  clipBranch,
  clipShape,
  featureWidth,
  moodOf,
  pictureBranch,
  pictureShape,
  pictureSquare,
} from '../../networks/index.ts';
import type { Branch, Layers, SystemSettings } from '../../networks/index.ts';
import { evaluationLayers } from '../../networks/training/index.ts';
import type { SplitData } from './data.ts';
import { pixelsOf } from './media.ts';

type Session = Awaited<ReturnType<Engine['load']>>;

/** Weights by name, during training. */
export type StateValues = Readonly<Record<string, Float32Array>>;

/** What the network predicts for pictures or clips, one row each. */
export interface Predictions {
  readonly embeddings: readonly Float32Array[];
  readonly features: readonly Float32Array[];
  /** Valence and arousal; empty before their predictor is trained. */
  readonly moods: readonly Float32Array[];
}

const BATCH = 8;

type Sides = Readonly<Record<'picture' | 'clip', { readonly graph: Graph; readonly session: Session }>>;

/** Runs whole splits through the current weights, as the finished model would. */
export class SplitPredictor {
  readonly #system: SystemSettings;
  readonly #sides: Sides;
  readonly #signal: AbortSignal;

  private constructor(system: SystemSettings, sides: Sides, signal: AbortSignal) {
    this.#system = system;
    this.#sides = sides;
    this.#signal = signal;
  }

  /**
   * @param withMoods whether the weights include a predictor of VA
   * @param signal checked before each batch
   */
  static async open(
    engine: Engine,
    system: SystemSettings,
    withMoods: boolean,
    signal: AbortSignal,
  ): Promise<SplitPredictor> {
    const load = async (
      side: 'picture' | 'clip',
      shape: readonly number[],
      build: (layers: Layers, x: ReturnType<Graph['input']>) => Branch,
    ): Promise<{ graph: Graph; session: Session }> => {
      const graph = new Graph(`${side}s read`);
      const layers = evaluationLayers(graph);
      const { features, embedding } = build(layers, graph.input('x', [BATCH, ...shape]));
      graph.output('features', features);
      graph.output('embedding', embedding);
      if (withMoods) graph.output('mood', moodOf(layers, features, side, system));
      return { graph, session: await engine.load(graph) };
    };
    const sides = {
      picture: await load('picture', pictureShape(system), (layers, x) => pictureBranch(layers, x, system)),
      clip: await load('clip', clipShape(system), (layers, x) => clipBranch(layers, x, system)),
    };
    return new SplitPredictor(system, sides, signal);
  }

  async pictures({ pictures }: SplitData, state: StateValues): Promise<Predictions> {
    const square = pictureSquare(this.#system);
    return this.#read('picture', pictures.length, state, async (index) => {
      const { file, features } = pictures[index]!;
      if (features) return features.subarray(0, this.#system.imageFeatures);
      return pixelsOf(file, square, null);
    });
  }

  async clips({ clips, store }: SplitData, state: StateValues): Promise<Predictions> {
    const [rows, columns] = clipShape(this.#system);
    const size = rows * columns;
    return this.#read('clip', clips.length, state, async (index) => {
      const { stretch, index: clip } = clips[index]!;
      const { values } = await store.stretch(stretch);
      return values.subarray(clip * size, (clip + 1) * size);
    });
  }

  async #read(
    side: 'picture' | 'clip',
    count: number,
    state: StateValues,
    valuesOf: (index: number) => Promise<ArrayLike<number>>,
  ): Promise<Predictions> {
    const { graph, session } = this.#sides[side];
    const x = graph.inputs.get('x')!;
    const data = new Float32Array(x.shape.reduce((product, length) => product * length, 1));
    const predictions = { embeddings: [], features: [], moods: [] } as Record<
      keyof Predictions,
      Float32Array[]
    >;
    const weights = feedsOf(graph, state);
    for (let first = 0; first < count; first += BATCH) {
      this.#signal.throwIfAborted();
      const here = Math.min(BATCH, count - first);
      for (let i = 0; i < here; i++) data.set(await valuesOf(first + i), (i * data.length) / BATCH);
      const results = await session.run({ ...weights, x: { dtype: 'float32', shape: x.shape, data } });
      for (const [name, rows] of [
        ['embedding', predictions.embeddings],
        ['features', predictions.features],
        ['mood', predictions.moods],
      ] as const) {
        const values = results[name]?.data as Float32Array | undefined;
        if (!values) continue;
        const width = values.length / BATCH;
        for (let i = 0; i < here; i++) rows.push(values.slice(i * width, (i + 1) * width));
      }
    }
    return predictions;
  }

  async close(): Promise<void> {
    await this.#sides.picture.session.close();
    await this.#sides.clip.session.close();
  }
}

function feedsOf(graph: Graph, state: StateValues): NamedValues {
  return Object.fromEntries(
    [...graph.inputs].flatMap(([name, { shape }]) =>
      name === 'x' ? [] : [[name, { dtype: 'float32' as const, shape, data: state[name]! }]],
    ),
  );
}

/** Predicts valence and arousal from learned features, with the current weights of the predictor. */
export class MoodPredictor {
  readonly #session: Session;
  readonly #graph: Graph;

  private constructor(graph: Graph, session: Session) {
    this.#graph = graph;
    this.#session = session;
  }

  static async open(engine: Engine, system: SystemSettings): Promise<MoodPredictor> {
    const graph = new Graph('moods read');
    const x = graph.input('x', [BATCH, featureWidth(system)]);
    graph.output('mood', moodOf(evaluationLayers(graph), x, 'picture', system));
    return new MoodPredictor(graph, await engine.load(graph));
  }

  async read(features: readonly Float32Array[], state: StateValues): Promise<Float32Array[]> {
    const { shape } = this.#graph.inputs.get('x')!;
    const data = new Float32Array(shape[0]! * shape[1]!);
    const weights = feedsOf(this.#graph, state);
    const moods: Float32Array[] = [];
    for (let first = 0; first < features.length; first += BATCH) {
      const here = features.slice(first, first + BATCH);
      here.forEach((values, i) => {
        data.set(values, i * shape[1]!);
      });
      const results = await this.#session.run({ ...weights, x: { dtype: 'float32', shape, data } });
      const values = results['mood']!.data as Float32Array;
      here.forEach((_, i) => moods.push(values.slice(2 * i, 2 * i + 2)));
    }
    return moods;
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
