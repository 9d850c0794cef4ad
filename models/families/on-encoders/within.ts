import { z } from 'zod';
import type { Mood } from '../../model/index.ts';
import { trainedMetrics, type ModelDescription } from '../../weights/index.ts';

/** How the figures are called in model.json, among `metrics.leftOut`. */
export const WITHIN = {
  image: { valence: 'imageValenceWithin', arousal: 'imageArousalWithin' },
  music: { valence: 'musicValenceWithin', arousal: 'musicArousalWithin' },
} as const;

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
