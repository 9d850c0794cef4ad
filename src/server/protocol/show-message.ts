import { z } from 'zod';
import { displayFitsSchema } from '../../../streams/program/index.ts';

export const PROTOCOL_VERSION = 1;

/** In a message. */
export const MOST_CANDIDATES = 64;

const unit = z.number().min(0).max(1);
const seconds = z.number().min(0);
const milliseconds = z.number().min(0);
const pictureId = z.string().min(1).max(64);

const imageOnShow = z.strictObject({
  id: pictureId,
  url: z.string().meta({ description: 'Where the picture is, relative to the address of the stream' }),
  width: z.int().positive().meta({ description: 'Pixels of the picture at `url`, as it is to be seen' }),
  height: z.int().positive(),
});

/** The whole state of a show, which the server pushes to every display. Field names are the protocol's, version 1. */
export const showMessageSchema = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  epoch: z.string().min(1).meta({ description: 'Changes when the server restarts; a UUID, opaque' }),
  seq: z.int().min(0).meta({ description: 'Grows by one with each state, within an epoch' }),
  time: seconds.meta({ description: 'Seconds since the show began; of a replay, seconds of its sound' }),
  mood: z
    .strictObject({ valence: unit, arousal: unit, confidence: unit })
    .meta({ description: 'Mood of the music, smoothed; calm and unpleasant is (0, 0)' }),
  level: z.strictObject({
    rms: z.number().min(0).meta({ description: 'Of the newest sound; full scale is 1' }),
    onset: z.boolean().meta({ description: 'A note or beat began since the message before' }),
  }),
  show: z.strictObject({
    state: z.enum(['live', 'hold', 'blackout', 'idle']),
    image: imageOnShow.nullable().meta({ description: 'null while there is no picture to show' }),
    since: seconds.meta({ description: 'When the picture came on show, on the scale of `time`' }),
    crossfade: seconds.meta({ description: 'How long the change to it takes; 0 is a cut, as on an onset' }),
  }),
  candidates: z
    .array(z.strictObject({ id: pictureId, score: z.number() }))
    .max(MOST_CANDIDATES)
    .meta({
      description:
        'What fits now, best first. The higher a score the better; of the built-in model it is an expected distance of moods, negative. Scores compare within one message only',
    }),
  fits: displayFitsSchema.optional().meta({
    description:
      'How displays, by their names, are to fill their screens, where an operator has chosen it: "" is those without a name. ' +
      'All others go by what they were set up with',
  }),
  latency: z
    .strictObject({ analysis: milliseconds, total: milliseconds })
    .meta({ description: "Since the arrival of the clip's last sample" }),
});

/** A state of the show as displays get it. */
export type ShowMessage = z.infer<typeof showMessageSchema>;

/**
 * A state as the program gives it, without what the server adds: version, epoch, seq, the address of the picture and
 * its size.
 */
export interface ShowState extends Omit<
  ShowMessage,
  'v' | 'epoch' | 'seq' | 'show' | 'candidates' | 'latency'
> {
  /** Latency of the newest clip: the same object in all states until the next clip. */
  readonly latency: ShowMessage['latency'];
  readonly show: Omit<ShowMessage['show'], 'image'> & { readonly image: { readonly id: string } | null };
  readonly candidates: readonly { readonly id: string; readonly score: number }[];
  /** The main screen, and that of each group of displays after it. Displays get one of them as their `show`. */
  readonly screens: readonly ScreenOnShow[];
}

/** What is on a screen, on the scale of `time`. */
export interface ScreenOnShow {
  readonly image: { readonly id: string } | null;
  readonly since: number;
  readonly crossfade: number;
}
