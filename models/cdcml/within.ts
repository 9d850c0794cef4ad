import { z } from 'zod';
import type { Mood } from '../serving/index.ts';
import { trainedMetrics, type ModelDescription } from '../weights/index.ts';
import type { Judged } from './expected-similarity.ts';
import { shareWithin, type ErrorModel } from './uncertainty.ts';

/** How the figures are called in model.json, among `metrics.leftOut`. */
const WITHIN = {
  image: { valence: 'imageValenceWithin', arousal: 'imageArousalWithin' },
  music: { valence: 'musicValenceWithin', arousal: 'musicArousalWithin' },
} as const;

/** Part of the rated originals of the first set whose error is at most its standard deviation. */
export function withinFigures(
  kind: 'image' | 'music',
  errors: ErrorModel,
  items: readonly Judged[],
): Readonly<Record<string, number>> {
  const { valence, arousal } = shareWithin(errors, items);
  return { [WITHIN[kind].valence]: valence, [WITHIN[kind].arousal]: arousal };
}

const share = z.number().min(0).max(1);

/** The same as a model.json has it, of a refined model that of the model before; undefined in one of before it was counted. */
export function withinOf(kind: 'image' | 'music', { metrics }: ModelDescription): Mood | undefined {
  const { valence, arousal } = WITHIN[kind];
  const parsed = z
    .object({ leftOut: z.object({ [valence]: share, [arousal]: share }) })
    .safeParse(trainedMetrics(metrics));
  if (!parsed.success) return undefined;
  const { leftOut } = parsed.data;
  return { valence: leftOut[valence]!, arousal: leftOut[arousal]! };
}
