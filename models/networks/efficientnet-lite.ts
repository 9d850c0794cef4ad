import { add, clip, concat, globalAveragePool, mul, reduceMean, reshape, transpose } from '../graph/index.ts';
import type { Tensor } from '../graph/index.ts';
import type { Layers } from './layers.ts';

export const EFFICIENTNET_LITES = ['lite0', 'lite2'] as const;

export type EfficientNetLite = (typeof EFFICIENTNET_LITES)[number];

interface Stage {
  readonly kernel: number;
  /** The stride of its first block. */
  readonly stride: number;
  /** Factor by which the blocks widen before they convolve. */
  readonly expansion: number;
  readonly channels: number;
  readonly blocks: number;
}

const STEM_CHANNELS = 32;

/** Numbers in the pooled output of the head. */
const EFFICIENTNET_HEAD = 1280;

/** TensorFlow's value for this network. */
const EPSILON = 1e-3;

/** [kernel, stride, expansion] of each stage, the same in all variants. */
const SHAPES = [
  [3, 1, 1],
  [3, 2, 6],
  [5, 2, 6],
  [3, 2, 6],
  [5, 1, 6],
  [5, 2, 6],
  [3, 1, 6],
] as const;

/** [channels, blocks] of each stage. */
const SIZES: Readonly<Record<EfficientNetLite, readonly (readonly [number, number])[]>> = {
  lite0: [[16, 1], [24, 2], [40, 2], [80, 3], [112, 3], [192, 4], [320, 1]], // prettier-ignore
  lite2: [[16, 1], [24, 3], [48, 3], [88, 4], [120, 4], [208, 5], [352, 1]], // prettier-ignore
};

/** The first stage whose output is pooled for features. */
const FIRST_POOLED = 3;

function stagesOf(variant: EfficientNetLite): readonly Stage[] {
  return SIZES[variant].map(([channels, blocks], i) => {
    const [kernel, stride, expansion] = SHAPES[i]!;
    return { kernel, stride, expansion, channels, blocks };
  });
}

/** Numbers of each layer in `efficientNetLite(…).features`. */
export function efficientNetLiteBlocks(variant: EfficientNetLite): number[] {
  return [
    ...stagesOf(variant)
      .slice(FIRST_POOLED)
      .map(({ channels }) => channels),
    EFFICIENTNET_HEAD,
  ];
}

/**
 * Normalises pixels for EfficientNet-lite, to about −1 … 1.
 * @param x [batch, height, width, 3], sRGB 0..255
 * @returns [batch, 3, height, width]
 */
export function efficientNetPixels(x: Tensor): Tensor {
  return add(mul(transpose(x, [0, 3, 1, 2]), 1 / (255 * 0.502)), -0.498 / 0.502);
}

function relu6(x: Tensor): Tensor {
  return clip(x, 0, 6);
}

interface BlockOptions {
  readonly kernel: number;
  readonly stride: number;
  readonly expansion: number;
  readonly channels: number;
}

/**
 * An inverted residual block (MobileNetV2): widened by 1×1, convolved depthwise, narrowed by 1×1 without an activation,
 * and added to its input when both have the same shape.
 */
export function invertedResidual(
  layers: Layers,
  x: Tensor,
  name: string,
  { kernel, stride, expansion, channels }: BlockOptions,
): Tensor {
  const convNorm = (
    input: Tensor,
    conv: string,
    norm: string,
    options: Parameters<Layers['convNorm']>[3],
  ): Tensor =>
    layers.convNorm(input, `${name}.${conv}`, `${name}.${norm}`, {
      ...options,
      epsilon: EPSILON,
      padding: 'same',
    });
  const wide = x.shape[1]! * expansion;
  const expanded =
    expansion === 1 ? x : relu6(convNorm(x, '_expand_conv', '_bn0', { channels: wide, kernel: 1 }));
  const spatial = relu6(
    convNorm(expanded, '_depthwise_conv', '_bn1', { channels: wide, kernel, stride, group: wide }),
  );
  const narrowed = convNorm(spatial, '_project_conv', '_bn2', { channels, kernel: 1 });
  return stride === 1 && channels === x.shape[1] ? add(narrowed, x) : narrowed;
}

/** The output of EfficientNet-lite for a picture. */
interface EfficientNetOutputs {
  /**
   * The means over space at the end of the stages of 80, 112, 192 and 320 channels (88, 120, 208 and 352 in lite2), then
   * the 1280 numbers of the head: [batch, the sum of efficientNetLiteBlocks(variant)].
   */
  readonly features: Tensor;
  /** The pooled head alone, [batch, 1280]: the input of the classifier, and of a trained projection. */
  readonly head: Tensor;
}

/**
 * EfficientNet-lite (Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks"; Liu,
 * "Higher accuracy on vision models with EfficientNet-Lite") without its classifier, with ReLU6, without swish and
 * squeeze-and-excitation. In the lite variants the stem and the head keep their width, and the first and the last stage
 * their depth, when the rest is scaled. Names are those of the Python package efficientnet-lite-pytorch (`_conv_stem`,
 * `_bn0`, `_blocks.0._depthwise_conv`, …).
 * @param x [batch, 3, height, width] of efficientNetPixels; lite0 was trained at 224, lite2 at 260 pixels, and any size
 *   of at least 32 works
 */
export function efficientNetLite(layers: Layers, x: Tensor, variant: EfficientNetLite): EfficientNetOutputs {
  const stem = { channels: STEM_CHANNELS, kernel: 3, stride: 2, padding: 'same', epsilon: EPSILON } as const;
  let y = relu6(layers.convNorm(x, '_conv_stem', '_bn0', stem));
  const pooled: Tensor[] = [];
  let block = 0;
  stagesOf(variant).forEach(({ kernel, stride, expansion, channels, blocks }, stage) => {
    for (let i = 0; i < blocks; i++) {
      const options = { kernel, stride: i === 0 ? stride : 1, expansion, channels };
      y = invertedResidual(layers, y, `_blocks.${block}`, options);
      block++;
    }
    if (stage >= FIRST_POOLED) pooled.push(reduceMean(y, [2, 3]));
  });
  const last = { channels: EFFICIENTNET_HEAD, kernel: 1, epsilon: EPSILON } as const;
  y = relu6(layers.convNorm(y, '_conv_head', '_bn1', last));
  const head = reshape(globalAveragePool(y), [x.shape[0]!, -1]);
  return { features: concat([...pooled, head], 1), head };
}
