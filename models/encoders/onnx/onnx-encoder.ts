import type { Engine, NamedValues, Session, Value } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import { pooled } from './output.ts';
import type { OnnxEncoderSettings } from './settings.ts';

type Input = OnnxEncoderSettings['input'];

/** A picture encoder that is an ONNX file of another program, loaded. */
export class OnnxEncoder {
  readonly settings: OnnxEncoderSettings;
  readonly #name: string;
  readonly #session: Session;
  readonly #tables: readonly Float32Array[];

  /** @param name of its file, for errors */
  constructor(session: Session, settings: OnnxEncoderSettings, name: string) {
    this.settings = settings;
    this.#name = name;
    this.#session = session;
    this.#tables = tablesOf(settings.input);
  }

  /** @throws SynestheteError ENGINE_FAILED */
  static async open(
    engine: Engine,
    { bytes, name, settings }: Pick<OnnxEncoderFile, 'bytes' | 'name' | 'settings'>,
  ): Promise<OnnxEncoder> {
    return new OnnxEncoder(await engine.load(bytes), settings, name);
  }

  /**
   * @param pictures each squashed to the size of the input: sRGB bytes, row-major [height, width, 3]
   * @returns the features of each, `settings.output.width` numbers
   * @throws SynestheteError BAD_ENCODER for features that are not finite or have another width than before;
   *   ENGINE_FAILED
   */
  async encode(pictures: readonly Uint8Array[]): Promise<Float32Array[]> {
    const { input, output } = this.settings;
    const features: Float32Array[] = [];
    for (let start = 0; start < pictures.length; start += input.batch) {
      const together = pictures.slice(start, start + input.batch);
      const value = (await this.run(together))[output.name]!;
      const rows = pooled(value, output, input.layout).slice(0, together.length);
      for (const row of rows) this.#check(row, value);
      features.push(...rows);
    }
    return features;
  }

  /**
   * All outputs of a run.
   * @param pictures at most `settings.input.batch`
   * @throws SynestheteError ENGINE_FAILED
   */
  run(pictures: readonly Uint8Array[]): Promise<NamedValues> {
    const { input } = this.settings;
    return this.#session.run({ [input.name]: fed(pictures, input, this.#tables) });
  }

  #check(row: Float32Array, { shape }: Value): void {
    const { name, width } = this.settings.output;
    if (row.length !== width) {
      throw new SynestheteError(
        'BAD_ENCODER',
        `${this.#name} gives "${name}" [${shape.join(', ')}], not ${width} numbers a picture as before; its output must have one shape`,
      );
    }
    if (row.every(Number.isFinite)) return;
    throw new SynestheteError(
      'BAD_ENCODER',
      `${this.#name} gives numbers that are not finite in "${name}"; check its mean and deviation, or export it in float32`,
    );
  }

  /** Frees the memory. */
  close(): Promise<void> {
    return this.#session.close();
  }
}

/** A file that can be opened as an encoder. */
export interface OnnxEncoderFile {
  readonly bytes: Uint8Array;
  /** Name of the file, without its folder. */
  readonly name: string;
  readonly settings: OnnxEncoderSettings;
  /** Whether mean and deviation are ImageNet's because there are no others. */
  readonly isAssumed: boolean;
}

/** The input value for each byte of red, green and blue. */
function tablesOf({ mean, deviation }: Input): Float32Array[] {
  return mean.map((middle, channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - middle) / deviation[channel]!),
  );
}

/** The places of a batch that no picture fills stay zero. */
function fed(
  pictures: readonly Uint8Array[],
  { type, layout, width, height, batch, colours }: Input,
  tables: readonly Float32Array[],
): Value {
  const pixels = width * height;
  const length = batch * 3 * pixels;
  const data = type === 'uint8' ? new Uint8Array(length) : new Float32Array(length);
  const [ofPixel, ofChannel] = layout === 'nchw' ? [1, pixels] : [3, 1];
  pictures.forEach((picture, i) => {
    if (picture.length !== 3 * pixels) {
      throw new RangeError(`a picture of ${picture.length} bytes is not ${height}×${width}×3`);
    }
    for (let channel = 0; channel < 3; channel++) {
      const table = tables[channel]!;
      const place = colours === 'bgr' ? 2 - channel : channel;
      let at = i * 3 * pixels + place * ofChannel;
      for (let p = channel; p < picture.length; p += 3, at += ofPixel) {
        data[at] = type === 'uint8' ? picture[p]! : table[picture[p]!]!;
      }
    }
  });
  const shape = layout === 'nchw' ? [batch, 3, height, width] : [batch, height, width, 3];
  return { dtype: type, shape, data };
}
