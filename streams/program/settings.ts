import { z } from 'zod';
import { displayFitsSchema } from './display-fits.ts';
import { DEFAULT_GATE_DECIBELS, gateAt } from './gate-levels.ts';

const seconds = z.number().min(0).max(3600);
const push = z.number().min(-1).max(1);

/** How the show behaves. What an operator can change while it runs, and what is chosen when it starts. */
export const programSettingsSchema = z.strictObject({
  /** A picture stays while its fit is at least this: 1 gives way to any better one, 0 only to blind choice. */
  sensitivity: z.number().min(0).max(1),
  /** A picture stays at least and, while music plays, at most so long. */
  minimumDwellSeconds: seconds,
  maximumDwellSeconds: seconds,
  crossfadeSeconds: z.number().min(0).max(30),
  /** Time constant of the mood's smoothing, in seconds of sound, on top of what the model attends to; 0: none. */
  smoothingSeconds: z.number().min(0).max(120),
  moodOffset: z.strictObject({ valence: push, arousal: push }),
  /**
   * What pictures are to fit: 0 the mood of the music itself, 1 its place in the night so far, which the gallery's moods
   * are stretched under, so that a gallery of one mood still moves with the music.
   */
  fit: z.number().min(0).max(1),
  /** Only pictures of this bank; null for all. */
  bank: z.string().nullable(),
  /** None of the last so many pictures is shown again, as far as there are enough. */
  noRepeat: z.int().min(0).max(1000),
  /** How long a change that is due waits for an onset to cut on; then it fades. */
  onsetWindowSeconds: seconds,
  /** Where sound counts as music (root mean square, full scale ±1), and where as silence again: below the former. */
  gateOpensRms: z.number().min(0).max(1),
  gateClosesRms: z.number().min(0).max(1),
  /** Silence longer than this brings the idle look. */
  idleAfterSeconds: seconds,
  /** How long a picture stays in the idle look, and how long it takes to fade there. */
  idleDwellSeconds: seconds,
  idleCrossfadeSeconds: z.number().min(0).max(30),
  blackoutFadeSeconds: seconds,
  /** At most three changes begin in any second: see `FlashLimiter`. Off only for those who know their audience. */
  flashLimiter: z.boolean(),
  /** Pictures that the index marks as unsafe may be shown. */
  allowUnsafe: z.boolean(),
  /** Screens with pictures that the program chooses for each: the main one, and that of each group of displays. */
  screens: z.int().min(1).max(16),
  /** How pictures fill the displays that an operator has chosen it for. */
  displayFits: displayFitsSchema,
});

/** How a show behaves. docs/console.md explains the settings that operators change. */
export type ProgramSettings = Readonly<z.infer<typeof programSettingsSchema>>;

/** Screens of a live show: the main one and seven groups of displays. They cost little, and no display has to ask for its group. */
export const LIVE_SCREENS = 8;

/**
 * Sensitivity, dwell, smoothing, fit and repetition are chosen by the show gap (`models/training/show-gap.ts`) of nights of songs of 6 s,
 * of 30 s and of 3 min, each read by a network that had not learnt it, among those that leave a picture for 6 s on average
 * in songs of 30 s. The model card has the table.
 */
export const DEFAULT_PROGRAM_SETTINGS: ProgramSettings = {
  sensitivity: 0.95,
  minimumDwellSeconds: 1.5,
  maximumDwellSeconds: 24,
  crossfadeSeconds: 1.5,
  smoothingSeconds: 0,
  moodOffset: { valence: 0, arousal: 0 },
  fit: 0.25,
  bank: null,
  noRepeat: 12,
  onsetWindowSeconds: 1,
  ...gateAt(DEFAULT_GATE_DECIBELS),
  idleAfterSeconds: 4,
  idleDwellSeconds: 20,
  idleCrossfadeSeconds: 4,
  blackoutFadeSeconds: 1,
  flashLimiter: true,
  allowUnsafe: false,
  screens: 1,
  displayFits: [],
};
