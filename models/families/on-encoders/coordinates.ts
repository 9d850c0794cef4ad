import { gemm, maximum, minimum, mul, sub } from '../../graph/index.ts';
import type { Tensor } from '../../graph/index.ts';

/**
 * Maps the features of encoders to fewer coordinates: standardises and limits each column, scales each block to its
 * weight, and projects onto principal components. The mean squared distance of the coordinates over the training data
 * is 1.
 */
export interface CoordinateMap {
  /** [width]; subtracted. */
  readonly mean: Float32Array;
  /** [width]; multiplied with. */
  readonly scale: Float32Array;
  /** [width]: limit of each scaled column; values beyond it are clipped. */
  readonly bound: Float32Array;
  /** [width]: the mean of the scaled columns, which limiting may have moved. */
  readonly centre: Float32Array;
  /** Row-major [components, width], orthonormal up to half precision. */
  readonly components: Float32Array;
}

/**
 * The same as part of a graph.
 * @param features [batch, width]
 * @returns [batch, components]
 */
export function mapCoordinates(map: CoordinateMap, features: Tensor): Tensor {
  return mapCentred(map, centred(map, features));
}

/**
 * Features scaled and limited, minus their mean over the training data.
 * @param features [batch, width]
 * @returns [batch, width]
 */
export function centred(map: CoordinateMap, features: Tensor): Tensor {
  const { graph } = features;
  const width = map.mean.length;
  const line = (name: string, values: Float32Array): Tensor => graph.constant(name, [1, width], values);
  const bound = line('bound', map.bound);
  const standard = mul(sub(features, line('mean', map.mean)), line('scale', map.scale));
  return sub(maximum(minimum(standard, bound), mul(bound, -1)), line('centre', map.centre));
}

/** The coordinates of the result of `centred`. @returns [batch, components] */
export function mapCentred(map: CoordinateMap, features: Tensor): Tensor {
  const width = map.mean.length;
  const components = features.graph.constant(
    'components',
    [map.components.length / width, width],
    map.components,
  );
  return gemm(features, components, { transposeB: true });
}
