import { SynestheteError } from '../errors.ts';
import { foldBatchNorm } from '../graph/index.ts';
import type { Weights } from './inference-layers.ts';
import { embedsHalves, SIMILARITY, similarityOptions } from './systems.ts';
import type { SystemSettings } from './systems.ts';

/** A fully connected layer with its batch normalisation folded in: y = W x + b. */
interface Dense {
  readonly inputs: number;
  readonly outputs: number;
  /** [outputs, inputs] */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/**
 * The predictor of similarity without a graph, for ranking many pictures for one clip. Its first layer is split into a
 * vector for each picture and one for each clip; the other layers take their sum. Equal to `similarityOf` with the
 * running statistics.
 */
export class PairScorer {
  /** Length of a picture's and of a clip's vector. */
  readonly width: number;
  readonly #first: Dense | null;
  readonly #rest: readonly Dense[];
  readonly #scratch: readonly Float32Array[];

  /** @throws SynestheteError OTHER_ARCHITECTURE when a weight is missing */
  constructor(weights: Weights, settings: SystemSettings) {
    const { hidden, normalised } = similarityOptions(settings);
    const take = (name: string): Float32Array => {
      const weight = weights[`${SIMILARITY}.${name}`];
      if (weight !== undefined) return weight.data;
      throw new SynestheteError(
        'OTHER_ARCHITECTURE',
        `weight ${SIMILARITY}.${name} is missing: take weights of this architecture`,
      );
    };
    const dense = (index: number, inputs: number): Dense => {
      const bias = take(`${index}.bias`);
      const outputs = bias.length;
      const weight = take(`${index}.weight`);
      if (!normalised || index === hidden.length) return { inputs, outputs, weight, bias };
      const norm = `${index}.norm`;
      const { scale, shift } = foldBatchNorm(
        take(`${norm}.weight`),
        take(`${norm}.bias`),
        take(`${norm}.running_mean`),
        take(`${norm}.running_var`),
      );
      return {
        inputs,
        outputs,
        weight: weight.map((value, i) => value * scale[Math.floor(i / inputs)]!),
        bias: bias.map((value, i) => value * scale[i]! + shift[i]!),
      };
    };
    this.width = hidden[0]!;
    this.#first = embedsHalves(settings) ? null : dense(0, 2 * settings.embedding);
    this.#rest = hidden.map((inputs, i) => dense(i + 1, inputs));
    this.#scratch = [this.width, ...this.#rest.map(({ outputs }) => outputs)].map(
      (count) => new Float32Array(count),
    );
  }

  pictureVector(embedding: Float32Array): Float32Array {
    return this.#half(embedding, 0, true);
  }

  clipVector(embedding: Float32Array): Float32Array {
    return this.#half(embedding, embedding.length, false);
  }

  #half(embedding: Float32Array, start: number, biased: boolean): Float32Array {
    const first = this.#first;
    if (!first) return embedding;
    const { inputs, outputs, weight, bias } = first;
    const vector = new Float32Array(outputs);
    for (let o = 0; o < outputs; o++) {
      let sum = biased ? bias[o]! : 0;
      const row = o * inputs + start;
      for (let i = 0; i < embedding.length; i++) sum += weight[row + i]! * embedding[i]!;
      vector[o] = sum;
    }
    return vector;
  }

  /**
   * Predicted similarities in (0, 1) of pictures with one clip.
   * @param pictures picture vectors, row-major [count, width]
   * @param out [count]
   */
  scores(pictures: Float32Array, clip: Float32Array, out: Float32Array): Float32Array {
    const { width } = this;
    for (let p = 0; p < out.length; p++) {
      const sum = this.#scratch[0]!;
      for (let i = 0; i < width; i++) sum[i] = Math.max(0, pictures[p * width + i]! + clip[i]!);
      const logit = this.#rest.reduce((x, layer, index) => {
        const y = this.#scratch[index + 1]!;
        const last = index === this.#rest.length - 1;
        const { inputs, outputs, weight, bias } = layer;
        for (let o = 0; o < outputs; o++) {
          let total = bias[o]!;
          for (let i = 0; i < inputs; i++) total += weight[o * inputs + i]! * x[i]!;
          y[o] = last ? total : Math.max(0, total);
        }
        return y;
      }, sum)[0]!;
      out[p] = 1 / (1 + Math.exp(-logit));
    }
    return out;
  }
}
