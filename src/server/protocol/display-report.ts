import { z } from 'zod';
import { fitSchema } from '../../../streams/program/index.ts';
import { ref } from './ref.ts';

/** How a display keeps its screen on; `none`: the screen may sleep. */
const wakeSchema = z.enum(['lock', 'video', 'none']);

/**
 * What a display says it shows: when that changes, and every few seconds, so that its silence is noticed. It needs no
 * token, and changes nothing in the show.
 */
export const displayReportSchema = z.strictObject({
  type: z.literal('report'),
  picture: z.string().min(1).max(64).nullable().meta({ description: 'Id of the picture on the screen' }),
  black: z.boolean().optional().meta({ description: 'Whether the screen is black, as in a blackout' }),
  paintedAt: z
    .number()
    .min(0)
    .max(1e9)
    .nullable()
    .optional()
    .meta({ description: 'When the picture was first drawn, on the scale of `time`' }),
  delay: z
    .number()
    .min(0)
    .max(1e9)
    .nullable()
    .optional()
    .meta({ description: 'Milliseconds from the state that asked for it to its first frame' }),
  error: z
    .string()
    .min(1)
    .max(200)
    // Control characters would garble the terminals and logs that show it.
    .regex(/^\P{Cc}*$/u)
    .nullable()
    .optional()
    .meta({ description: 'What is wrong, in one line' }),
  width: z.int().min(0).max(100_000).optional().meta({ description: 'Pixels of the screen' }),
  height: z.int().min(0).max(100_000).optional(),
  visible: z.boolean().optional().meta({ description: 'False for a page in the background' }),
  wake: wakeSchema.optional().meta({ description: 'What keeps the screen on' }),
  fit: fitSchema.optional().meta({ description: 'How the picture fills the screen' }),
  ref: ref.optional(),
});

export type DisplayReport = z.infer<typeof displayReportSchema>;
