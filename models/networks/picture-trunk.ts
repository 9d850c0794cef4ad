import type { Engine, Session } from '../engine/index.ts';
import { Graph, sizeOf } from '../graph/index.ts';
import {
  INCEPTION_SIDE,
  MIXED_LAYERS,
  UNSAFE_CLASSES,
  inceptionFeatures,
  pixelPlanes,
  pooledStatistics,
  unsafeHead,
} from './inception.ts';
import type { MixedLayer } from './inception.ts';
import { inferenceLayers } from './layers.ts';
import type { Weights } from './layers.ts';
import { nsfwjsWeights } from './nsfwjs.ts';

/** Mean and (biased) standard deviation over space of a layer, each as long as the layer has channels. */
interface LayerStatistics {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

type UnsafeClass = (typeof UNSAFE_CLASSES)[number];

/** What the trunk finds in a picture. */
export interface PictureTraits {
  /** Of the layers that were asked for. */
  readonly layers: ReadonlyMap<MixedLayer, LayerStatistics>;
  /** Probabilities, which sum to 1. */
  readonly classes: Readonly<Record<UnsafeClass, number>>;
  /**
   * Probability in [0, 1] that the picture is pornographic or a drawing of that kind. "sexy" does not count: it is
   * where the network puts swimwear, dance and bare skin, which a show may well hold; who wants it out has `classes`.
   */
  readonly unsafe: number;
}

export interface PictureTrunkOptions {
  /** Which layers to pool. */
  readonly layers: readonly MixedLayer[];
  /** Those of nsfwjs unless others, such as fine-tuned ones, are given. */
  readonly weights?: Weights | undefined;
  /** How many pictures the engine is given at once; an incomplete batch takes as long as a whole one. */
  readonly batchSize?: number;
}

/** Numbers of a squashed picture. */
const PIXEL_VALUES = INCEPTION_SIDE * INCEPTION_SIDE * 3;

/** On the cpu provider eight at once take eight times as long as one, so that one wastes nothing. */
const BATCH_ON_CPU = 1;
const BATCH_ON_GPU = 8;

function trunkGraph(weights: Weights, layers: readonly MixedLayer[], batchSize: number): Graph {
  const graph = new Graph('picture trunk');
  const built = inferenceLayers(graph, weights);
  const pixels = graph.input('pixels', [batchSize, INCEPTION_SIDE, INCEPTION_SIDE, 3]);
  const features = inceptionFeatures(built, pixelPlanes(pixels));
  for (const layer of layers) {
    const { mean, deviation } = pooledStatistics(features.get(layer)!);
    graph.output(`${layer}.mean`, mean);
    graph.output(`${layer}.deviation`, deviation);
  }
  graph.output('classes', unsafeHead(built, features.get('mixed10')!));
  return graph;
}

/** The Inception-v3 of nsfwjs, loaded and ready: squashed pictures in, pooled middle layers and unsafe classes out. */
export class PictureTrunk {
  readonly layers: readonly MixedLayer[];
  readonly #session: Session;
  readonly #batchSize: number;

  private constructor(session: Session, layers: readonly MixedLayer[], batchSize: number) {
    this.#session = session;
    this.layers = layers;
    this.#batchSize = batchSize;
  }

  /**
   * @throws SynestheteError BROKEN_INSTALL when nsfwjs's weights are missing, OTHER_ARCHITECTURE when other weights do
   *   not fit, ENGINE_FAILED
   */
  static async open(engine: Engine, options: PictureTrunkOptions): Promise<PictureTrunk> {
    const { batchSize = engine.provider === 'cpu' ? BATCH_ON_CPU : BATCH_ON_GPU } = options;
    const layers = MIXED_LAYERS.filter((layer) => options.layers.includes(layer));
    const weights = options.weights ?? (await nsfwjsWeights());
    return new PictureTrunk(await engine.load(trunkGraph(weights, layers, batchSize)), layers, batchSize);
  }

  /**
   * @param pictures each squashed to 299×299: sRGB bytes, row-major [299, 299, 3]
   * @returns in the order of the pictures, whatever the batch size
   * @throws SynestheteError ENGINE_FAILED
   */
  async read(pictures: readonly Uint8Array[]): Promise<PictureTraits[]> {
    const traits: PictureTraits[] = [];
    for (let start = 0; start < pictures.length; start += this.#batchSize) {
      traits.push(...(await this.#readBatch(pictures.slice(start, start + this.#batchSize))));
    }
    return traits;
  }

  async #readBatch(pictures: readonly Uint8Array[]): Promise<PictureTraits[]> {
    const shape = [this.#batchSize, INCEPTION_SIDE, INCEPTION_SIDE, 3];
    const data = new Float32Array(sizeOf(shape));
    pictures.forEach((picture, i) => {
      if (picture.length !== PIXEL_VALUES) {
        throw new RangeError(
          `a picture of ${picture.length} bytes is not ${INCEPTION_SIDE}×${INCEPTION_SIDE}×3`,
        );
      }
      data.set(picture, i * PIXEL_VALUES);
    });
    const results = await this.#session.run({ pixels: { dtype: 'float32', shape, data } });
    const row = (name: string, i: number): Float32Array => {
      const { data: values, shape: [, width] } = results[name]!; // prettier-ignore
      return (values as Float32Array).slice(i * width!, (i + 1) * width!);
    };
    return pictures.map((_, i) => {
      const probabilities = row('classes', i);
      const classes = Object.fromEntries(
        UNSAFE_CLASSES.map((name, k) => [name, probabilities[k]!]),
      ) as Record<UnsafeClass, number>;
      return {
        layers: new Map(
          this.layers.map((layer) => [
            layer,
            { mean: row(`${layer}.mean`, i), deviation: row(`${layer}.deviation`, i) },
          ]),
        ),
        classes,
        unsafe: Math.min(1, classes.porn + classes.hentai),
      };
    });
  }

  /** Gives the memory back. */
  close(): Promise<void> {
    return this.#session.close();
  }
}
