import { add, globalAveragePool, maxPool, relu, reshape } from '../graph/index.ts';
import type { Tensor } from '../graph/index.ts';
import type { Layers } from './layers.ts';

export type ResNetDepth = 18 | 50;

interface Architecture {
  /** Blocks in each of the four stages. */
  readonly blocks: readonly [number, number, number, number];
  readonly block: (layers: Layers, x: Tensor, name: string, width: number, stride: number) => Tensor;
}

const ARCHITECTURES: Readonly<Record<ResNetDepth, Architecture>> = {
  18: { blocks: [2, 2, 2, 2], block: basicBlock },
  50: { blocks: [3, 4, 6, 3], block: bottleneck },
};

/** Two 3×3 convolutions beside a shortcut. */
function basicBlock(layers: Layers, x: Tensor, name: string, width: number, stride: number): Tensor {
  const convNorm = (input: Tensor, number: 1 | 2, step: number): Tensor =>
    layers.convNorm(input, `${name}.conv${number}`, `${name}.bn${number}`, {
      channels: width,
      kernel: 3,
      stride: step,
    });
  const inner = relu(convNorm(x, 1, stride));
  return relu(add(convNorm(inner, 2, 1), shortcut(layers, x, name, width, stride)));
}

/** 1×1, 3×3 and 1×1 convolutions beside a shortcut; the 3×3 one strides, as in torchvision. */
function bottleneck(layers: Layers, x: Tensor, name: string, width: number, stride: number): Tensor {
  const channels = 4 * width;
  const narrowed = relu(layers.convNorm(x, `${name}.conv1`, `${name}.bn1`, { channels: width, kernel: 1 }));
  const spatial = relu(
    layers.convNorm(narrowed, `${name}.conv2`, `${name}.bn2`, { channels: width, kernel: 3, stride }),
  );
  const widened = layers.convNorm(spatial, `${name}.conv3`, `${name}.bn3`, { channels, kernel: 1 });
  return relu(add(widened, shortcut(layers, x, name, channels, stride)));
}

function shortcut(layers: Layers, x: Tensor, name: string, channels: number, stride: number): Tensor {
  if (stride === 1 && x.shape[1] === channels) return x;
  return layers.convNorm(x, `${name}.downsample.0`, `${name}.downsample.1`, { channels, kernel: 1, stride });
}

/** Channels after the stem, and in the blocks of the first stage, of torchvision's networks. */
const STANDARD_WIDTH = 64;

/**
 * A ResNet (He et al., "Deep Residual Learning for Image Recognition") up to its pooled features, with the names and
 * the layout of torchvision's resnet18 and resnet50.
 * @param x [batch, 3, height, width]
 * @param width channels after the stem, 64 in torchvision's; all others grow and shrink with it
 * @returns [batch, 512] (ResNet-18) or [batch, 2048] (ResNet-50)
 */
export function resnetFeatures(
  layers: Layers,
  x: Tensor,
  depth: ResNetDepth,
  width = STANDARD_WIDTH,
): Tensor {
  const { blocks, block } = ARCHITECTURES[depth];
  const stem = layers.convNorm(x, 'conv1', 'bn1', { channels: width, kernel: 7, stride: 2 });
  // Pooling before the ReLU gives the same bits and rectifies only a quarter of the numbers.
  let features = relu(maxPool(stem, { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }));
  blocks.forEach((count, stage) => {
    for (let i = 0; i < count; i++) {
      const stride = i === 0 && stage > 0 ? 2 : 1;
      features = block(layers, features, `layer${stage + 1}.${i}`, width * 2 ** stage, stride);
    }
  });
  return reshape(globalAveragePool(features), [x.shape[0]!, -1]);
}

/** A whole ResNet: its features, then the layer `fc` to [batch, outputs]. */
export function resnet(layers: Layers, x: Tensor, depth: ResNetDepth, outputs: number): Tensor {
  return layers.linear(resnetFeatures(layers, x, depth), 'fc', outputs);
}
