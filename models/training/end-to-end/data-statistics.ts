import { MEL_ROWS, clipShape } from '../../networks/index.ts';
import type { SystemSettings } from '../../networks/index.ts';
import type { PictureItem, SplitData } from './data.ts';

/** Statistics of the training data, by the names of the weights. @param train the training split */
export async function dataStatistics(
  train: SplitData,
  system: SystemSettings,
): Promise<Readonly<Record<string, Float32Array>>> {
  const statistics: Record<string, Float32Array> = {};
  if (system.normalisation !== 'none') {
    const isMel = (row: number): boolean =>
      system.system !== 'l3-net' &&
      system.normalisation === 'log-mel' &&
      row >= MEL_ROWS.first &&
      row < MEL_ROWS.end;
    const music = await rowStatistics(train, system, (row, value) =>
      isMel(row) ? 10 * Math.log10(Math.max(1e-10, value)) : value,
    );
    statistics['music.features.mean'] = music.mean;
    statistics['music.features.deviation'] = music.deviation;
  }
  if (system.imageFrozen) {
    const image = featureStatistics(train.pictures, system.imageFeatures);
    statistics['image.features.mean'] = image.mean;
    statistics['image.features.deviation'] = image.deviation;
  }
  return statistics;
}

/** Mean and deviation of each row over the consecutive clips of a split, in the units of `transform`. */
async function rowStatistics(
  data: SplitData,
  system: SystemSettings,
  transform: (row: number, value: number) => number,
): Promise<{ mean: Float32Array; deviation: Float32Array }> {
  const [rows, columns] = clipShape(system);
  const [sums, squares] = [new Float64Array(rows), new Float64Array(rows)];
  const stretches = new Set(data.clips.map(({ stretch }) => stretch));
  let count = 0;
  for (const index of stretches) {
    const { values, consecutive } = await data.store.stretch(index);
    for (let clip = 0; clip < consecutive; clip++) {
      for (let row = 0; row < rows; row++) {
        const start = (clip * rows + row) * columns;
        for (let i = start; i < start + columns; i++) {
          const value = transform(row, values[i]!);
          sums[row]! += value;
          squares[row]! += value * value;
        }
      }
    }
    count += consecutive * columns;
  }
  return statisticsOf(sums, squares, count);
}

/** Mean and deviation of each number of the pictures' own features. */
function featureStatistics(
  pictures: readonly PictureItem[],
  width: number,
): { mean: Float32Array; deviation: Float32Array } {
  const [sums, squares] = [new Float64Array(width), new Float64Array(width)];
  for (const { features } of pictures) {
    for (let i = 0; i < width; i++) {
      sums[i]! += features![i]!;
      squares[i]! += features![i]! ** 2;
    }
  }
  return statisticsOf(sums, squares, pictures.length);
}

/** Divisor of a row that never varies. */
const LEAST_DEVIATION = 1e-5;

function statisticsOf(sums: Float64Array, squares: Float64Array, count: number) {
  const mean = Float32Array.from(sums, (sum) => sum / count);
  const deviation = Float32Array.from(squares, (square, i) => {
    const value = Math.sqrt(Math.max(0, square / count - (sums[i]! / count) ** 2));
    return value > LEAST_DEVIATION ? value : 1;
  });
  return { mean, deviation };
}
