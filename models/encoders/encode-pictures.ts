import type { Engine, Session } from '../engine/index.ts';
import { Graph, sizeOf } from '../graph/index.ts';
import type { Weights } from '../networks/index.ts';
import { PICTURE_ENCODER_NAMES, PICTURE_SQUARE } from './encoder.ts';
import type { PictureEncoderName } from './encoder.ts';
import { PICTURE_ENCODERS } from './picture-encoders.ts';
import { readEncoderWeights } from './weights.ts';

/** The output of the encoders for one picture. */
export interface EncodedPicture {
  /** Features of each requested encoder; their lengths are its `features`. */
  readonly features: ReadonlyMap<PictureEncoderName, Float32Array>;
  /** Probability in [0, 1] that the picture is pornographic; null without open-nsfw. */
  readonly unsafe: number | null;
}

/** CPU time grows linearly with the batch, so a batch of 1 is optimal. */
const BATCH_ON_CPU = 1;
const BATCH_ON_GPU = 8;

const SHAPE = [PICTURE_SQUARE, PICTURE_SQUARE, 3] as const;

function encodersGraph(
  encoders: readonly (readonly [PictureEncoderName, Weights])[],
  batchSize: number,
): Graph {
  const graph = new Graph('picture encoders');
  const pixels = graph.input('pixels', [batchSize, ...SHAPE]);
  for (const [name, weights] of encoders) {
    const { features, unsafe } = PICTURE_ENCODERS[name].build(pixels, weights);
    graph.output(`${name}.features`, features);
    if (unsafe) graph.output('unsafe', unsafe);
  }
  return graph;
}

/** Loaded picture encoders: squashed pictures in, features out. All run in one session. */
export class PictureEncoding {
  /** In the order of PICTURE_ENCODER_NAMES. */
  readonly names: readonly PictureEncoderName[];
  readonly #session: Session;
  readonly #batchSize: number;

  private constructor(session: Session, names: readonly PictureEncoderName[], batchSize: number) {
    this.#session = session;
    this.names = names;
    this.#batchSize = batchSize;
  }

  /**
   * @param options.batchSize how many pictures the engine is given at once; an incomplete batch takes as long as a
   *   whole one
   * @throws SynestheteError BROKEN_INSTALL when weights are missing, ENGINE_FAILED
   */
  static async open(
    engine: Engine,
    wanted: readonly PictureEncoderName[],
    options: { readonly batchSize?: number } = {},
  ): Promise<PictureEncoding> {
    const { batchSize = engine.provider === 'cpu' ? BATCH_ON_CPU : BATCH_ON_GPU } = options;
    const names = PICTURE_ENCODER_NAMES.filter((name) => wanted.includes(name));
    const encoders = await Promise.all(
      names.map(async (name) => [name, await readEncoderWeights(name)] as const),
    );
    return new PictureEncoding(await engine.load(encodersGraph(encoders, batchSize)), names, batchSize);
  }

  /**
   * @param pictures each squashed to PICTURE_SQUARE by the cubic kernel: sRGB bytes, row-major [260, 260, 3]
   * @returns in the order of the pictures, whatever the batch size
   * @throws SynestheteError ENGINE_FAILED
   */
  async encode(pictures: readonly Uint8Array[]): Promise<EncodedPicture[]> {
    const encoded: EncodedPicture[] = [];
    for (let start = 0; start < pictures.length; start += this.#batchSize) {
      encoded.push(...(await this.#encodeBatch(pictures.slice(start, start + this.#batchSize))));
    }
    return encoded;
  }

  async #encodeBatch(pictures: readonly Uint8Array[]): Promise<EncodedPicture[]> {
    const shape = [this.#batchSize, ...SHAPE];
    const data = new Float32Array(sizeOf(shape));
    pictures.forEach((picture, i) => {
      if (picture.length !== sizeOf(SHAPE)) {
        throw new RangeError(`a picture of ${picture.length} bytes is not ${SHAPE.join('×')}`);
      }
      data.set(picture, i * picture.length);
    });
    const results = await this.#session.run({ pixels: { dtype: 'float32', shape, data } });
    return pictures.map((_, i) => ({
      features: new Map(
        this.names.map((name) => {
          const { features } = PICTURE_ENCODERS[name];
          const values = results[`${name}.features`]!.data as Float32Array;
          return [name, values.slice(i * features, (i + 1) * features)];
        }),
      ),
      unsafe: results['unsafe']?.data[i] ?? null,
    }));
  }

  /** Frees the memory. */
  close(): Promise<void> {
    return this.#session.close();
  }
}
