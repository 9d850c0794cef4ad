import { z } from 'zod';
import type { Mood } from '../../model/index.ts';
import { trainedMetrics, type ModelDescription } from '../../weights/index.ts';

/** Name of the figures in model.json, within `metrics.leftOut`. */
export const WITHIN = {
  image: { valence: 'imageValenceWithin', arousal: 'imageArousalWithin' },
  music: { valence: 'musicValenceWithin', arousal: 'musicArousalWithin' },
} as const;

const share = z.number().min(0).max(1);

/** The same from a model.json; for a refined model, that of its base model; undefined in older models. */
export function withinOf(kind: 'image' | 'music', { metrics }: ModelDescription): Mood | undefined {
  const { valence, arousal } = WITHIN[kind];
  const parsed = z
    .object({ leftOut: z.object({ [valence]: share, [arousal]: share }) })
    .safeParse(trainedMetrics(metrics));
  if (!parsed.success) return undefined;
  const { leftOut } = parsed.data;
  return { valence: leftOut[valence]!, arousal: leftOut[arousal]! };
}
