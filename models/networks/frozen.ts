/** What the weights of a frozen ResNet-50 are called in a model's file. The frozen Inception-v3 comes with its package. */
export const BACKBONE_PREFIX = 'backbone.';

/** The mixed layers whose means over space are the 2048 numbers of the frozen Inception-v3, 768 and 1280 of them. */
export const FROZEN_INCEPTION_LAYERS = ['mixed5', 'mixed8'] as const;

/** ACP-Net's 2048 (METHOD). */
export const FROZEN_INCEPTION_FEATURES = 2048;

/** Those numbers, from what a trunk with these layers has read. */
export function inceptionMeans(
  layers: ReadonlyMap<string, { readonly mean: Float32Array }>,
): Float32Array {
  const features = new Float32Array(FROZEN_INCEPTION_FEATURES);
  let at = 0;
  for (const layer of FROZEN_INCEPTION_LAYERS) {
    const { mean } = layers.get(layer)!;
    features.set(mean, at);
    at += mean.length;
  }
  return features;
}
