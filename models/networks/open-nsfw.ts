import {
  add,
  concat,
  conv,
  globalAveragePool,
  maxPool,
  reduceMean,
  relu,
  reshape,
  slice,
  softmax,
  sub,
  transpose,
} from '../graph/index.ts';
import type { Tensor } from '../graph/index.ts';
import type { Layers } from './layers.ts';

/** Side of open_nsfw's input square. */
export const OPEN_NSFW_SIDE = 224;

/**
 * Blocks and their inner channels in each stage: ResNet-50's blocks at half width. Their output is four times as wide.
 */
const STAGES = [
  { blocks: 3, width: 32 },
  { blocks: 4, width: 64 },
  { blocks: 6, width: 128 },
  { blocks: 3, width: 256 },
] as const;

/** The stage whose output is pooled for features, besides that of the last. */
const POOLED_STAGE = 2;

/** Numbers in `openNsfw(…).features`: 1024 and 512. */
export const OPEN_NSFW_BLOCKS = [4 * STAGES[3].width, 4 * STAGES[POOLED_STAGE].width];

/** Means of blue, green and red, on 0..255, from Caffe's ImageNet. */
const MEAN = [104, 117, 123];

/**
 * Prepares pixels for open_nsfw: blue, green, red, minus their means.
 * @param x [batch, height, width, 3], sRGB 0..255
 * @returns [batch, 3, height, width]
 */
export function openNsfwPixels(x: Tensor): Tensor {
  const planes = transpose(x, [0, 3, 1, 2]);
  const plane = (channel: number): Tensor => slice(planes, [{ axis: 1, start: channel, end: channel + 1 }]);
  const mean = x.graph.constant(x.graph.unusedName('pixel'), [1, 3, 1, 1], Float32Array.from(MEAN));
  return sub(concat([plane(2), plane(1), plane(0)], 1), mean);
}

/** A convolution whose batch normalisation was folded into `name.weight` and `name.bias`. */
function folded(
  layers: Layers,
  x: Tensor,
  name: string,
  [channels, kernel, stride]: readonly [channels: number, kernel: number, stride: number],
): Tensor {
  const weight = layers.parameter(`${name}.weight`, [channels, x.shape[1]!, kernel, kernel]);
  const pad = Math.floor(kernel / 2);
  return conv(x, weight, {
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
    bias: layers.parameter(`${name}.bias`, [channels]),
  });
}

/** 1×1, 3×3 and 1×1 beside a shortcut; unlike in torchvision the first 1×1 strides. */
function bottleneck(layers: Layers, x: Tensor, name: string, width: number, stride: number): Tensor {
  const a = relu(folded(layers, x, `${name}_branch2a`, [width, 1, stride]));
  const b = relu(folded(layers, a, `${name}_branch2b`, [width, 3, 1]));
  const c = folded(layers, b, `${name}_branch2c`, [4 * width, 1, 1]);
  const isFirst = name.endsWith('block0');
  return relu(add(c, isFirst ? folded(layers, x, `${name}_proj_shortcut`, [4 * width, 1, stride]) : x));
}

/**
 * Yahoo's open_nsfw, a thin ResNet-50 that detects pornographic pictures. Names come from its TensorFlow port, with the
 * batch normalisations folded into the convolutions: `conv_1`, `stage0_block0_branch2a`, …, `fc_nsfw`.
 * @param x [batch, 3, 224, 224] of openNsfwPixels; any size of at least 32 works
 * @returns `features` [batch, 1536]: means over space at the end of the last stage (1024), then of the stage before it
 *   (512); `unsafe` [batch, 1], a probability
 */
export function openNsfw(layers: Layers, x: Tensor): { readonly features: Tensor; readonly unsafe: Tensor } {
  const stem = relu(folded(layers, x, 'conv_1', [64, 7, 2]));
  let y = maxPool(stem, { kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] });
  let middle = y;
  STAGES.forEach(({ blocks, width }, stage) => {
    for (let i = 0; i < blocks; i++) {
      const stride = i === 0 && stage > 0 ? 2 : 1;
      y = bottleneck(layers, y, `stage${stage}_block${i}`, width, stride);
    }
    if (stage === POOLED_STAGE) middle = y;
  });
  const pooled = reshape(globalAveragePool(y), [x.shape[0]!, -1]);
  const classes = softmax(layers.linear(pooled, 'fc_nsfw', 2));
  return {
    features: concat([pooled, reduceMean(middle, [2, 3])], 1),
    unsafe: slice(classes, [{ axis: 1, start: 1, end: 2 }]),
  };
}
