import { hardwareOf } from '../../engine/index.ts';
import type { Engine, Session } from '../../engine/index.ts';
import { CLIP_SAMPLES, FEATURE_ROWS, FRAME_COUNT, checkClip } from '../../features/index.ts';
import { Graph, expand, reshape } from '../../graph/index.ts';
import type { Hardware, Tensor } from '../../graph/index.ts';
import { featuresOfSamples } from './features.ts';

/** Computes features of many clips at once, on an engine. */
export class GraphExtractor {
  readonly batch: number;
  readonly #session: Session;
  readonly #samples: Float32Array;

  constructor(session: Session, batch: number) {
    this.batch = batch;
    this.#session = session;
    this.#samples = new Float32Array(batch * CLIP_SAMPLES);
  }

  /**
   * The result of `FeatureExtractor.extract` for each clip, within the graph's accuracy. One call at a time.
   * @param clips any number of clips of 44,100 samples, mono, 22,050 Hz, full scale ±1; `batch` of them run together
   * @returns for each clip its 193 × 87 features, row by row
   * @throws SynestheteError BAD_SAMPLES when a clip has another length or a sample that is not a finite number
   * @throws SynestheteError ENGINE_FAILED when the provider gives up
   */
  async extract(clips: readonly Float32Array[]): Promise<Float32Array[]> {
    for (const clip of clips) checkClip(clip);
    const size = FEATURE_ROWS * FRAME_COUNT;
    const matrices: Float32Array[] = [];
    for (let first = 0; first < clips.length; first += this.batch) {
      const together = clips.slice(first, first + this.batch);
      this.#samples.fill(0);
      together.forEach((clip, i) => {
        this.#samples.set(clip, i * CLIP_SAMPLES);
      });
      const { features } = await this.#session.run({
        samples: { dtype: 'float32', shape: [this.batch, CLIP_SAMPLES], data: this.#samples },
      });
      const data = features!.data as Float32Array;
      matrices.push(...together.map((_, i) => data.slice(i * size, (i + 1) * size)));
    }
    return matrices;
  }

  /** Frees the memory; the extractor can't be used afterwards. */
  close(): Promise<void> {
    return this.#session.close();
  }
}

/**
 * An extractor of the 193 × 87 features that runs on an engine, `batch` clips at a time.
 * @throws SynestheteError ENGINE_FAILED when the engine does not load the graph
 */
export async function createGraphExtractor(engine: Engine, batch: number): Promise<GraphExtractor> {
  const graph = new Graph('features', hardwareOf(engine));
  graph.output('features', featuresOfSamples(graph.input('samples', [batch, CLIP_SAMPLES])));
  return new GraphExtractor(await engine.load(graph), batch);
}

/** A matrix of features [batch, 193, 87] as a picture of three equal planes [batch, 3, 193, 87], as the paper feeds ResNet-18. */
export function repeatedPlanes(features: Tensor): Tensor {
  const [batch, rows, frames] = features.shape as [number, number, number];
  return expand(reshape(features, [batch, 1, rows, frames]), [batch, 3, rows, frames]);
}

/**
 * One graph from sound to embedding: its input `samples` [batch, 44100], its outputs `features` [batch, 193, 87] and
 * `embedding`, whatever shape the network gives.
 * @param network from features [batch, 193, 87] to an embedding, built of operators of the same graph
 */
export function soundToEmbedding(
  batch: number,
  network: (features: Tensor) => Tensor,
  tunedFor: Hardware = 'gpu',
): Graph {
  const graph = new Graph('sound to embedding', tunedFor);
  const features = featuresOfSamples(graph.input('samples', [batch, CLIP_SAMPLES]));
  graph.output('features', features);
  graph.output('embedding', network(features));
  return graph;
}
