import { maxPool, reduceMax, relu } from '../graph/index.ts';
import type { Tensor } from '../graph/index.ts';
import type { Layers } from './layers.ts';

/**
 * One modality of L3-Net (Arandjelović and Zisserman, "Look, Listen and Learn", 2017): four blocks of two 3×3
 * convolutions with batch normalisation and ReLU, `width` to 8 · `width` channels, with 2×2 pooling between them and
 * global pooling at the end.
 * @param x [batch, channels, height, width]
 * @param width channels of the first block, 64 in the paper
 * @returns [batch, 8 · width]
 */
export function l3Features(layers: Layers, x: Tensor, width: number): Tensor {
  let features = x;
  for (let block = 0; block < 4; block++) {
    if (block > 0) features = maxPool(features, { kernel: [2, 2], strides: [2, 2] });
    for (const number of [1, 2]) {
      const name = `block${block + 1}.conv${number}`;
      const options = { channels: width * 2 ** block, kernel: 3 };
      features = relu(layers.convNorm(features, name, `${name}.norm`, options));
    }
  }
  return reduceMax(features, [2, 3]);
}
