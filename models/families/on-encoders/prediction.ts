import type { NamedValues, Value } from '../../engine/index.ts';
import type { Prediction } from '../../model/index.ts';
import { deviationsOf } from './uncertainty.ts';
import type { ErrorModel } from './uncertainty.ts';

/** What a session is fed. */
export type Feeds = Readonly<Record<string, Value>>;

export function floats(shape: readonly number[], data: Float32Array): Value {
  return { dtype: 'float32', shape, data };
}

/** The reading in a row of the outputs `embedding` and `mood`. */
export function predictionOf(values: NamedValues, errors: ErrorModel, row: number): Prediction {
  const [valence, arousal] = (values['mood']!.data as Float32Array).subarray(2 * row);
  const mood = { valence: valence!, arousal: arousal! };
  const width = values['embedding']!.shape[1]!;
  const embedding = (values['embedding']!.data as Float32Array).slice(row * width, (row + 1) * width);
  return { embedding, ...mood, ...deviationsOf(errors, mood) };
}

/** In order: what encodes clips computes only what is new since the clip before. */
export async function oneByOne<T, R>(items: readonly T[], read: (item: T) => Promise<R>): Promise<R[]> {
  const predictions: R[] = [];
  for (const item of items) predictions.push(await read(item));
  return predictions;
}
