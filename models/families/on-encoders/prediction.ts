import type { NamedValues, Value } from '../../engine/index.ts';
import type { Prediction } from '../../model/index.ts';
import { deviationsOf } from './uncertainty.ts';
import type { ErrorModel } from './uncertainty.ts';

/** The inputs of a session. */
export type Feeds = Readonly<Record<string, Value>>;

export function floats(shape: readonly number[], data: Float32Array): Value {
  return { dtype: 'float32', shape, data };
}

/** The prediction in a row of the outputs `embedding` and `mood`. */
export function predictionOf(values: NamedValues, errors: ErrorModel, row: number): Prediction {
  const [valence, arousal] = (values['mood']!.data as Float32Array).subarray(2 * row);
  const mood = { valence: valence!, arousal: arousal! };
  const width = values['embedding']!.shape[1]!;
  const embedding = (values['embedding']!.data as Float32Array).slice(row * width, (row + 1) * width);
  return { embedding, ...mood, ...deviationsOf(errors, mood) };
}

/** In order, because clip encoders compute only what is new since the previous clip. */
export async function oneByOne<T, R>(items: readonly T[], read: (item: T) => Promise<R>): Promise<R[]> {
  const predictions: R[] = [];
  for (const item of items) predictions.push(await read(item));
  return predictions;
}
