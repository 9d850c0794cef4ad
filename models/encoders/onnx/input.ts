import { SynestheteError, type ErrorDetails } from '../../errors.ts';
import type { OnnxHeader, OnnxValue } from '../../graph/index.ts';
import type { Remedy } from '../../remedy.ts';
import { LAYOUTS, LEAST_SIDE, MOST_SIDE, MOST_TOGETHER, type OnnxEncoderSettings } from './settings.ts';

/** Settings of an encoder that a person gives; the others are read from its file. */
export interface GivenEncoder {
  /** Pixels on a side. */
  readonly size?: number;
  readonly layout?: (typeof LAYOUTS)[number];
  /** Red, green and blue on [0, 1]. */
  readonly mean?: readonly [number, number, number];
  readonly deviation?: readonly [number, number, number];
  /** Name of the output that is the features. */
  readonly output?: string;
  /** For tokens: their mean, or the first alone. */
  readonly pooling?: 'mean' | 'first';
}

type Input = OnnxEncoderSettings['input'];
type Colours = Pick<Input, 'mean' | 'deviation'>;

/** Mean and deviation of ImageNet on [0, 1], which most networks use. */
const IMAGENET: Colours = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

/** ONNX's standard metadata of pictures, `Image.NominalPixelRange`. */
const RANGES: ReadonlyMap<string | undefined, Colours> = new Map([
  ['NominalRange_0_255', { mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255] }],
  ['Normalized_0_1', { mean: [0, 0, 0], deviation: [1, 1, 1] }],
  ['Normalized_1_1', { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] }],
]);

const SIZE_KEYS = ['image_size', 'input_size'];
const MEAN_KEYS = ['image_mean', 'mean', 'pixel_mean'];
const DEVIATION_KEYS = ['image_std', 'std', 'pixel_std', 'deviation'];

/** `"pixel_values" [batch, 3, 224, 224]`; a free length without a name is `?`. */
export function shown({ name, shape }: Pick<OnnxValue, 'name' | 'shape'>): string {
  return `"${name}" [${shape?.map((length) => length ?? '?').join(', ') ?? '…'}]`;
}

/**
 * The input of a network, from the given settings and from its file.
 * @param path for errors
 * @returns with `isAssumed`, whether mean and deviation are ImageNet's because none were given
 * @throws SynestheteError USAGE when a setting is missing or contradicts the file; BAD_ENCODER for a network that does
 *   not take pictures
 */
export function inputOf(
  path: string,
  { inputs, metadata }: OnnxHeader,
  given: GivenEncoder,
): Input & { readonly isAssumed: boolean } {
  const value = onlyInput(path, inputs);
  const type = typeOf(path, value);
  const shape = value.shape!;
  const layout = layoutOf(path, value, given.layout);
  const [channels, height, width] = layout === 'nchw' ? [1, 2, 3] : [3, 1, 2];
  const found = shape[channels];
  if (typeof found === 'number' && found !== 3) throw otherChannels(path, value, found);
  const batch = typeof shape[0] === 'number' ? shape[0] : 1;
  if (batch > MOST_TOGETHER) {
    throw bad(path, `takes ${batch} pictures at once; export it with a free batch, or with one of 1`);
  }
  const size = sizeOf(path, value, [shape[height]!, shape[width]!], given.size, metadata);
  const { isAssumed, ...colours } = coloursOf(path, type, given, metadata);
  return {
    ...{ name: value.name, type, layout, ...size, batch },
    colours: metadata.get('Image.BitmapPixelFormat') === 'Bgr8' ? 'bgr' : 'rgb',
    ...colours,
    isAssumed,
  };
}

function otherChannels(path: string, value: OnnxValue, found: number): SynestheteError {
  return bad(path, `takes ${shown(value)}, ${found} channels; pictures have 3: red, green and blue`);
}

export function bad(path: string, problem: string, details?: ErrorDetails): SynestheteError {
  return new SynestheteError('BAD_ENCODER', `${path} ${problem}`, details);
}

export function unclear(path: string, problem: string, remedy: Remedy): SynestheteError {
  return new SynestheteError('USAGE', `${path} ${problem}`, { remedy });
}

function onlyInput(path: string, inputs: readonly OnnxValue[]): OnnxValue {
  const [first, ...others] = inputs;
  if (first === undefined) throw bad(path, 'takes no input; export a network that takes pictures');
  if (others.length > 0) {
    throw bad(
      path,
      `takes ${inputs.map(shown).join(', ')}; export the part that takes pictures alone, such as CLIP's vision model`,
    );
  }
  if (first.shape?.length === 4) return first;
  throw bad(
    path,
    `takes ${shown(first)}; pictures are [batch, 3, height, width] or [batch, height, width, 3]`,
  );
}

function typeOf(path: string, { type, ...value }: OnnxValue): Input['type'] {
  if (type === 'float32' || type === 'uint8') return type;
  throw bad(path, `takes ${shown(value)} of ${type}; export it for float32`);
}

function layoutOf(path: string, value: OnnxValue, given: GivenEncoder['layout']): Input['layout'] {
  const shape = value.shape!;
  const isChannels = (axis: number) =>
    shape[axis] === 3 || /^(c|.*channels?)$/iu.test(`${shape[axis] ?? ''}`);
  const [first, last] = [isChannels(1), isChannels(3)];
  if (given !== undefined) {
    if (given === 'nchw' ? last && !first : first && !last) {
      throw unclear(path, `takes ${shown(value)}, which is not ${given}`, {
        kind: 'leave-out',
        settings: ['encoderLayout'],
      });
    }
    return given;
  }
  if (first !== last) return first ? 'nchw' : 'nhwc';
  const lengths = [shape[1], shape[3]].filter((length) => typeof length === 'number');
  const channels = lengths.find((length) => length < LEAST_SIDE);
  if (!first && channels !== undefined) throw otherChannels(path, value, channels);
  if (!first && lengths.length === 2) {
    throw bad(path, `takes ${shown(value)}, in which no axis has the length 3 of red, green and blue`);
  }
  throw unclear(path, `takes ${shown(value)}, which does not show the axis of channels`, {
    kind: 'give',
    settings: ['encoderLayout'],
    value: LAYOUTS.join(' or '),
  });
}

function sizeOf(
  path: string,
  value: OnnxValue,
  [height, width]: readonly [number | string | null, number | string | null],
  given: number | undefined,
  metadata: OnnxHeader['metadata'],
): Pick<Input, 'width' | 'height'> {
  const inFile = numbersOf(metadata, SIZE_KEYS)?.slice(-2) ?? [];
  const size = {
    height: typeof height === 'number' ? height : (given ?? inFile[0]),
    width: typeof width === 'number' ? width : (given ?? inFile[1] ?? inFile[0]),
  };
  if (size.height === undefined || size.width === undefined) {
    throw unclear(
      path,
      `takes ${shown(value)}, pictures of any size, and does not say which size it was trained on`,
      { kind: 'give', settings: ['encoderSize'], example: '224' },
    );
  }
  if (given !== undefined && (size.height !== given || size.width !== given)) {
    throw unclear(path, `takes ${shown(value)}, which contradicts the given size ${given}`, {
      kind: 'leave-out',
      settings: ['encoderSize'],
    });
  }
  const sides = [size.height, size.width];
  if (sides.every((side) => Number.isInteger(side) && side >= LEAST_SIDE && side <= MOST_SIDE)) {
    return { width: size.width, height: size.height };
  }
  throw bad(
    path,
    `takes pictures of ${size.width}×${size.height}; ${LEAST_SIDE} to ${MOST_SIDE} pixels on a side are possible`,
  );
}

function coloursOf(
  path: string,
  type: Input['type'],
  { mean, deviation }: GivenEncoder,
  metadata: OnnxHeader['metadata'],
): Colours & { readonly isAssumed: boolean } {
  const isTold = mean !== undefined && deviation !== undefined;
  if (type === 'uint8') {
    if (mean === undefined && deviation === undefined)
      return { ...RANGES.get('NominalRange_0_255')!, isAssumed: false };
    throw unclear(path, 'takes bytes and scales them itself', {
      kind: 'leave-out',
      settings: ['encoderMean', 'encoderDeviation'],
    });
  }
  if (isTold) return { mean: [...mean], deviation: [...deviation], isAssumed: false };
  if (mean !== undefined || deviation !== undefined) {
    throw unclear(path, 'needs both mean and deviation of the colours, or neither', {
      kind: 'give',
      settings: ['encoderMean', 'encoderDeviation'],
    });
  }
  const inFile = coloursIn(metadata) ?? RANGES.get(metadata.get('Image.NominalPixelRange'));
  return inFile ? { ...inFile, isAssumed: false } : { ...IMAGENET, isAssumed: true };
}

/** Mean and deviation from the metadata, which gives them on [0, 1] or on [0, 255]. */
function coloursIn(metadata: OnnxHeader['metadata']): Colours | undefined {
  const [mean, deviation] = [MEAN_KEYS, DEVIATION_KEYS].map((keys) => {
    const numbers = numbersOf(metadata, keys) ?? [];
    return numbers.length === 1 ? [numbers[0]!, numbers[0]!, numbers[0]!] : numbers;
  }) as [number[], number[]];
  if (mean.length !== 3 || deviation.length !== 3) return undefined;
  const scale = [...mean, ...deviation].some((value) => value > 1) ? 255 : 1;
  const colours = {
    mean: mean.map((value) => value / scale),
    deviation: deviation.map((value) => value / scale),
  };
  const fit = colours.mean.every((value) => value >= 0 && value <= 1) && colours.deviation.every((value) => value > 0 && value <= 1); // prettier-ignore
  return fit ? colours : undefined;
}

/** The numbers of the first of these keys that has any, however they are written. */
function numbersOf(metadata: OnnxHeader['metadata'], keys: readonly string[]): number[] | undefined {
  for (const key of keys) {
    const numbers = metadata.get(key)?.match(/\d+(?:\.\d+)?(?:e-?\d+)?/giu);
    if (numbers) return numbers.map(Number);
  }
  return undefined;
}
