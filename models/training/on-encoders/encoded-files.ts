import { cacheKey } from '../../cache.ts';
import type { DiskCache } from '../../cache.ts';
import { sha256, sha256OfFile } from '../../checksum.ts';
import {
  ENCODER_INPUT,
  OnnxEncoder,
  PICTURE_ENCODERS,
  PICTURE_SQUARE,
  PictureEncoding,
  encoderFingerprint,
  openClipEncoders,
  pictureSquare,
} from '../../encoders/index.ts';
import type {
  EncodedPicture,
  OnnxEncoderFile,
  OpenClipEncoders,
  PictureEncoderName,
} from '../../encoders/index.ts';
import { engineKey, type Engine } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import { fromSquare } from '../../families/on-encoders/index.ts';
import {
  BEFORE_SAMPLES,
  CLIP_SAMPLES,
  SAMPLE_RATE_HZ,
  createFeatureExtractor,
} from '../../features/index.ts';
import type { FeatureExtractor } from '../../features/index.ts';
import { openPicture, squash, type Picture } from '../../pictures/index.ts';
import { Random } from '../../random.ts';
import type { Stretch } from '../../stretch.ts';
import { variedPicture } from '../end-to-end/index.ts';
import type { SoundReader } from '../end-to-end/index.ts';

/** Raise it whenever the same file gives other numbers: cached features are then computed again. */
const VERSION = 1;

/** The features of files from frozen encoders. */
export interface EncodedFiles {
  /** Widths of the features of each encoder, in their order in a row. */
  readonly pictureWidths: readonly number[];
  readonly clipWidths: readonly number[];
  /**
   * @param view 0: the picture itself; else a varied one (crop, mirror image, scale, JPEG), drawn from the file's
   *   content and this number
   * @returns the features of all picture encoders, one after the other
   * @throws SynestheteError BAD_PICTURE, FILE_NOT_FOUND, NOT_A_FILE, BAD_ENCODER (an ONNX encoder gives numbers for it
   *   that are not finite), ENGINE_FAILED
   */
  picture(file: string, view: number): Promise<Float32Array>;
  /**
   * @returns the features of all clip encoders, for each consecutive clip of 2 s of each stretch
   * @throws SynestheteError OUT_OF_RANGE for a stretch without a clip; those of the reader; ENGINE_FAILED
   */
  clips(file: string, stretches: readonly Stretch[]): Promise<readonly (readonly Float32Array[])[]>;
  close(): Promise<void>;
}

export interface EncodingOptions {
  readonly engine: Engine;
  readonly cache: DiskCache;
  readonly readSound: SoundReader;
  /** Bundled encoders; none if the ONNX encoder replaces them. */
  readonly pictures: readonly PictureEncoderName[];
  readonly onnx?: OnnxEncoderFile | undefined;
  readonly clips: readonly string[];
}

/**
 * Opens the encoders. The cache keeps their features, so that an interrupted training resumes from there.
 * @throws SynestheteError BROKEN_INSTALL, ENGINE_FAILED
 */
export async function encodeFiles(options: EncodingOptions): Promise<EncodedFiles> {
  const { engine } = options;
  const [pictures, onnx, clips, extractor, ...fingerprints] = await Promise.all([
    options.pictures.length === 0 ? undefined : PictureEncoding.open(engine, options.pictures),
    options.onnx && OnnxEncoder.open(engine, options.onnx),
    openClipEncoders(engine, options.clips),
    createFeatureExtractor(),
    ...options.pictures.map(async (name) => [name, await encoderFingerprint(name)] as const),
  ]);
  return new CachedFiles(options, { pictures, onnx, clips, extractor, fingerprints: new Map(fingerprints) });
}

interface Opened {
  readonly pictures: PictureEncoding | undefined;
  readonly onnx: OnnxEncoder | undefined;
  readonly clips: OpenClipEncoders;
  readonly extractor: FeatureExtractor;
  /** Identity of the picture encoders' weights. */
  readonly fingerprints: ReadonlyMap<PictureEncoderName, string>;
}

class CachedFiles implements EncodedFiles {
  readonly pictureWidths: readonly number[];
  readonly clipWidths: readonly number[];
  readonly #options: EncodingOptions;
  readonly #opened: Opened;

  constructor(options: EncodingOptions, opened: Opened) {
    this.#options = options;
    this.#opened = opened;
    this.pictureWidths = [
      ...(opened.pictures?.names ?? []).map((name) => PICTURE_ENCODERS[name].features),
      ...(opened.onnx ? [opened.onnx.settings.output.width] : []),
    ];
    this.clipWidths = opened.clips.widths;
  }

  /** Features are cached by encoder, so that models with other sets of encoders share them. */
  async picture(file: string, view: number): Promise<Float32Array> {
    const { pictures, onnx, fingerprints } = this.#opened;
    const side = pictureSquare(onnx?.settings);
    const by = engineKey(this.#options.engine);
    const picture = await openPicture(file);
    const content = sha256(picture.bytes);
    let square: Promise<Uint8Array> | undefined;
    const pixels = (): Promise<Uint8Array> => (square ??= squareOf(picture, side, view, content));
    let encoded: Promise<EncodedPicture> | undefined;
    const encode = async (encoding: PictureEncoding): Promise<EncodedPicture> => {
      const [found] = await encoding.encode([await fromSquare(await pixels(), side, ENCODER_INPUT)]);
      return found!;
    };
    const parts: Float32Array[] = [];
    for (const name of pictures?.names ?? []) {
      // Another square than the bundled encoders' own gives other features.
      const of = { encoder: fingerprints.get(name), ...(side !== PICTURE_SQUARE && { square: side }) };
      const key = cacheKey(content, { what: 'picture features', version: VERSION, ...of, ...by, view });
      parts.push(
        await this.#kept(key, async () => (await (encoded ??= encode(pictures!))).features.get(name)!),
      );
    }
    if (onnx !== undefined) {
      const of = { encoder: onnx.settings };
      const key = cacheKey(content, { what: 'picture features', version: VERSION, ...of, ...by, view });
      parts.push(
        await this.#kept(key, async () => {
          const input = await fromSquare(await pixels(), side, onnx.settings.input);
          return (await named(file, onnx.encode([input])))[0]!;
        }),
      );
    }
    return joined(parts);
  }

  async #kept(key: string, compute: () => Promise<Float32Array>): Promise<Float32Array> {
    const stored = await this.#options.cache.getOrCompute(key, async () => {
      const data = await compute();
      return new Map([['features', { shape: [data.length], data }]]);
    });
    return stored.get('features')!.data;
  }

  async clips(file: string, stretches: readonly Stretch[]): Promise<Float32Array[][]> {
    const content = await sha256OfFile(file);
    const { identity } = this.#opened.clips;
    const by = engineKey(this.#options.engine);
    const settings = { what: 'clip features', version: VERSION, encoders: identity, stretches, ...by };
    const stored = await this.#options.cache.getOrCompute(cacheKey(content, settings), async () => {
      const perStretch = await this.#encodeClips(file, stretches);
      const all = perStretch.flat();
      const counts = Float32Array.from(perStretch, (clips) => clips.length);
      return new Map([
        ['features', { shape: [all.length, all[0]!.length], data: joined(all) }],
        ['counts', { shape: [counts.length], data: counts }],
      ]);
    });
    const { shape, data } = stored.get('features')!;
    const width = shape[1]!;
    let row = 0;
    return Array.from(stored.get('counts')!.data, (count) =>
      Array.from({ length: count }, () => data.slice(row * width, ++row * width)),
    );
  }

  /** Decodes the file once, starting with the sound before the first clip. */
  async #encodeClips(file: string, stretches: readonly Stretch[]): Promise<Float32Array[][]> {
    const { clips, extractor } = this.#opened;
    const contextSeconds = BEFORE_SAMPLES / SAMPLE_RATE_HZ;
    const firstSeconds = Math.max(
      0,
      Math.min(...stretches.map(({ startSeconds }) => startSeconds)) - contextSeconds,
    );
    const ends = stretches.map(({ endSeconds }) => endSeconds);
    const endSeconds = ends.includes(undefined) ? undefined : Math.max(...(ends as number[]));
    const sound = await this.#options.readSound(file, firstSeconds, endSeconds);
    const result: Float32Array[][] = [];
    for (const stretch of stretches) {
      const from = Math.round((stretch.startSeconds - firstSeconds) * SAMPLE_RATE_HZ);
      const to =
        stretch.endSeconds === undefined
          ? sound.length
          : Math.min(sound.length, Math.round((stretch.endSeconds - firstSeconds) * SAMPLE_RATE_HZ));
      const features: Float32Array[] = [];
      for (let start = from; start + CLIP_SAMPLES <= to; start += CLIP_SAMPLES) {
        const samples = sound.subarray(start, start + CLIP_SAMPLES);
        const before = sound.subarray(Math.max(0, start - BEFORE_SAMPLES), start);
        const rows = clips.featureRows;
        const needed = rows === 'none' ? new Float32Array() : extractor.extract(samples, { rows });
        features.push(await clips.encode({ samples, before, features: needed }));
      }
      if (features.length === 0) {
        throw new SynestheteError(
          'OUT_OF_RANGE',
          `${file} has ${(Math.max(0, to - from) / SAMPLE_RATE_HZ).toFixed(2)} s from ${stretch.startSeconds} s on, too little for a clip of 2 s; give a longer stretch`,
        );
      }
      result.push(features);
    }
    return result;
  }

  async close(): Promise<void> {
    const { pictures, onnx, clips } = this.#opened;
    await Promise.all([pictures?.close(), onnx?.close(), clips.close()]);
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A picture, or a varied view of it, squashed to a square. */
function squareOf(picture: Picture, side: number, view: number, content: string): Promise<Uint8Array> {
  if (view === 0) return squash(picture, { ...ENCODER_INPUT, width: side, height: side });
  return variedPicture(picture, { width: side, height: side }, Random.seeded(view, `picture ${content}`));
}

/** Adds the file's name to an encoder's error. */
async function named<T>(file: string, encoding: Promise<T>): Promise<T> {
  try {
    return await encoding;
  } catch (error) {
    if (!(error instanceof SynestheteError) || error.code !== 'BAD_ENCODER') throw error;
    throw new SynestheteError('BAD_ENCODER', `${file}: ${error.message}`, { cause: error });
  }
}
