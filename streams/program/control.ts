import { z } from 'zod';
import { displayNameSchema, fitSchema } from './display-fits.ts';

const pictureId = z.string().min(1).max(64);
const on = z.boolean();
const seconds = z.number().min(0).max(3600);
const push = z.number().min(-1).max(1);
/** As many as a source can have. */
const MOST_CHANNELS = 64;
const byHand = z.number().min(0).max(1).nullable();

/**
 * What an operator can ask of a running show, from whichever side it comes: console, hotkey, REST, WebSocket or OSC.
 * The one source of its types, its validation and its published schema.
 */
export const controlSchema = z.discriminatedUnion('control', [
  /** Keep the picture on show, whatever the music does. */
  z.strictObject({ control: z.literal('hold'), on }),
  /** Fade to black, and back to the picture. */
  z.strictObject({ control: z.literal('blackout'), on, fadeSeconds: seconds.optional() }),
  /** The best other picture now. */
  z.strictObject({ control: z.literal('next') }),
  /** The picture before. */
  z.strictObject({ control: z.literal('back') }),
  /** Show this picture until another is pinned or null is. */
  z.strictObject({ control: z.literal('pin'), image: pictureId.nullable() }),
  /** Never show this picture (the one on show when none is named) again, or allow it again. */
  z.strictObject({ control: z.literal('ban'), image: pictureId.optional(), on }),
  /** Show pictures of this bank only; null for all of the gallery. */
  z.strictObject({ control: z.literal('bank'), bank: z.string().min(1).max(256).nullable() }),
  /** How readily a better picture takes the place of the one on show: 0 hardly, 1 at once. */
  z.strictObject({ control: z.literal('sensitivity'), value: z.number().min(0).max(1) }),
  z
    .strictObject({ control: z.literal('dwell'), minimumSeconds: seconds, maximumSeconds: seconds })
    .refine(
      ({ minimumSeconds, maximumSeconds }) => minimumSeconds <= maximumSeconds,
      'the minimum dwell is longer than the maximum',
    ),
  z.strictObject({ control: z.literal('crossfade'), seconds: z.number().min(0).max(30) }),
  /** Time constant of the smoothing of the mood. */
  z.strictObject({ control: z.literal('smoothing'), seconds: z.number().min(0).max(120) }),
  /** Level (root mean square, dB full scale) at which the show wakes; it sleeps again some dB below. */
  z.strictObject({ control: z.literal('gate'), decibels: z.number().min(-100).max(0) }),
  /** Added to the mood of the music before pictures are matched. */
  z.strictObject({ control: z.literal('mood-offset'), valence: push, arousal: push }),
  /** What pictures are to fit: 0 the mood of the music itself, 1 its place in the night so far. */
  z.strictObject({ control: z.literal('fit'), value: z.number().min(0).max(1) }),
  /** How pictures fill the displays of a name, '' for those without one; null for what their own address says. */
  z.strictObject({
    control: z.literal('display-fit'),
    display: displayNameSchema,
    fit: fitSchema.nullable(),
  }),
  /** The mood of a picture by hand, kept beside the gallery; null is the model's prediction. */
  z.strictObject({ control: z.literal('mood'), image: pictureId, valence: byHand, arousal: byHand }),
  /** Takes the last change of the moods by hand back, as far back as the program runs. */
  z.strictObject({ control: z.literal('mood-undo') }),
  z.strictObject({ control: z.literal('mood-redo') }),
  /**
   * Never show this picture (the one on show when none is named) in any show of the gallery, or no longer hide it. Kept
   * beside the index.
   */
  z.strictObject({ control: z.literal('hide'), image: pictureId.optional(), on }),
  /** Show this picture although it is marked as unsafe, or no longer. Kept beside the index. */
  z.strictObject({ control: z.literal('allow'), image: pictureId, on }),
  /** Takes the last change of what is hidden and allowed back, as far back as the program runs. */
  z.strictObject({ control: z.literal('list-undo') }),
  z.strictObject({ control: z.literal('list-redo') }),
  /** Another source of sound: `demo`, `device:NAME`, `file:PATH` of those the program was started with, `browser`. */
  z.strictObject({ control: z.literal('source'), source: z.string().min(1).max(1024) }),
  /** Which channels of the source are heard, by their numbers from 1 on; null for all. */
  z.strictObject({
    control: z.literal('channels'),
    channels: z.array(z.int().min(1).max(MOST_CHANNELS)).min(1).max(MOST_CHANNELS).nullable(),
  }),
  /** Another model: one of the folders that the program was started with. */
  z.strictObject({ control: z.literal('model'), model: z.string().min(1).max(1024) }),
]);

/** Something that an operator can ask of a running show. */
export type Control = z.infer<typeof controlSchema>;
