import type { Engine } from '../../engine/index.ts';
import type { CoordinateMap } from '../../families/on-encoders/index.ts';
import { principalComponents, productOnEngine } from '../../linear-algebra/index.ts';
import { floatToHalf, halfToFloat } from '../../weights/index.ts';

/** A block of columns whose distances have a fixed total weight, whatever their number and spread. */
export interface Block {
  readonly width: number;
  readonly weight: number;
}

/** Rows multiplied at once, which bounds the memory. */
const ROWS_TOGETHER = 4096;

/** Keeps columns that hardly vary from being amplified. */
const LEAST_DEVIATION = 1e-3;

export interface CoordinateOptions {
  readonly blocks: readonly Block[];
  /** Limit of a column, in standard deviations. */
  readonly limit: number;
  readonly components: number;
}

/**
 * Fits the map to rows of features, so that their mean squared distance becomes 1.
 *
 * @param rows each as long as the blocks together; at least two different ones.
 * @throws SynestheteError ENGINE_FAILED
 */
export async function fitCoordinates(
  engine: Engine,
  rows: readonly Float32Array[],
  { blocks, limit, components: wanted }: CoordinateOptions,
): Promise<CoordinateMap> {
  const width = blocks.reduce((sum, block) => sum + block.width, 0);
  const { mean, deviation } = columnStatistics(rows, width);
  const scale = Float32Array.from(deviation, (value) => 1 / (value + LEAST_DEVIATION));
  const limited = (row: Float32Array, column: number): number =>
    Math.max(-limit, Math.min(limit, (row[column]! - mean[column]!) * scale[column]!));

  // The mean squared distance of two rows is twice the sum of the columns' variances. A block that never varies is left
  // out.
  let start = 0;
  const measured = blocks.map((block) => {
    const columns = Array.from({ length: block.width }, (_, i) => start + i);
    start += block.width;
    let variance = 0;
    for (const c of columns) variance += varianceOf(rows, (row) => limited(row, c));
    return { ...block, columns, variance };
  });
  const totalWeight = measured.reduce((sum, { weight, variance }) => sum + (variance > 0 ? weight : 0), 0);
  for (const { columns, weight, variance } of measured) {
    const factor = variance > 0 ? Math.sqrt(weight / totalWeight / (2 * variance)) : 0;
    for (const c of columns) scale[c]! *= factor;
  }
  const bound = Float32Array.from(scale, (value, c) => limit * value * (deviation[c]! + LEAST_DEVIATION));
  const scaled = (row: Float32Array, c: number): number =>
    Math.max(-bound[c]!, Math.min(bound[c]!, (row[c]! - mean[c]!) * scale[c]!));
  const centre = Float32Array.from({ length: width }, (_, c) => {
    let sum = 0;
    for (const row of rows) sum += scaled(row, c);
    return sum / rows.length;
  });
  const centred = new Float32Array(rows.length * width);
  rows.forEach((row, r) => {
    for (let c = 0; c < width; c++) centred[r * width + c] = scaled(row, c) - centre[c]!;
  });
  const { directions } = await principalComponents(engine, centred, width, wanted);
  const components = halfToFloat(floatToHalf(directions));
  return { mean, scale, bound, centre, components };
}

/**
 * Coordinates of features in the map.
 * @param rows each as long as the blocks together
 * @returns row-major [rows, components]
 * @throws SynestheteError ENGINE_FAILED
 */
export async function coordinatesOf(
  engine: Engine,
  map: CoordinateMap,
  rows: readonly Float32Array[],
): Promise<Float32Array> {
  const width = map.mean.length;
  const size = map.components.length / width;
  const values = new Float32Array(rows.length * size);
  for (let first = 0; first < rows.length; first += ROWS_TOGETHER) {
    const part = rows.slice(first, first + ROWS_TOGETHER);
    const centred = new Float32Array(part.length * width);
    part.forEach((row, r) => {
      for (let c = 0; c < width; c++) {
        const scaled = (row[c]! - map.mean[c]!) * map.scale[c]!;
        centred[r * width + c] = Math.max(-map.bound[c]!, Math.min(map.bound[c]!, scaled)) - map.centre[c]!;
      }
    });
    values.set(await productOnEngine(engine, centred, map.components, width), first * size);
  }
  return values;
}

function columnStatistics(
  rows: readonly Float32Array[],
  width: number,
): { mean: Float32Array; deviation: Float64Array } {
  const mean = new Float64Array(width);
  for (const row of rows) for (let c = 0; c < width; c++) mean[c]! += row[c]! / rows.length;
  const deviation = mean.map((_, c) => Math.sqrt(varianceOf(rows, (row) => row[c]!)));
  return { mean: Float32Array.from(mean), deviation };
}

function varianceOf(rows: readonly Float32Array[], value: (row: Float32Array) => number): number {
  let sum = 0;
  for (const row of rows) sum += value(row);
  const middle = sum / rows.length;
  let squares = 0;
  for (const row of rows) squares += (value(row) - middle) ** 2;
  return squares / rows.length;
}
