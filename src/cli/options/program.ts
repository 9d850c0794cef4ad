import { InvalidArgumentError, type Command } from 'commander';
import { UNSAFE_THRESHOLD } from '../../../models/model/index.ts';
import {
  DEFAULT_GATE_DECIBELS,
  DEFAULT_PROGRAM_SETTINGS as DEFAULTS,
  gateAt,
  type ProgramSettings,
} from '../../../streams/program/index.ts';
import { inGroup } from '../terminal/help.ts';
import { addHopOption, type HopOptions } from './hop.ts';
import { numberWithin } from './numbers.ts';

/** Help of `index` and of the commands that show pictures. */
export const UNSAFE_THRESHOLD_HELP = `the probability of nudity, 0 to 1, from which a picture is marked as unsafe (default: ${UNSAFE_THRESHOLD})`;

/** What the options say that choose which picture comes when, as commander gives them. */
export interface ChoiceOptions {
  readonly sensitivity?: number;
  readonly dwell?: Dwell;
  readonly smoothing?: number;
  readonly fit?: number;
  readonly keepOut?: number;
}

/** What the options of a command that shows pictures say, as commander gives them. */
export interface ProgramOptions extends ChoiceOptions, HopOptions {
  readonly gallery?: string;
  readonly index?: string;
  readonly bank?: string;
  readonly crossfade?: number;
  readonly gate?: number;
  readonly moodOffset?: ProgramSettings['moodOffset'];
  readonly screens?: number;
  readonly allowUnsafe?: true;
  readonly unsafeThreshold?: number;
  /** commander's name for --no-flash-limiter: false with it. */
  readonly flashLimiter: boolean;
}

type Dwell = Pick<ProgramSettings, 'minimumDwellSeconds' | 'maximumDwellSeconds'>;

/** Adds the options that choose which picture comes when. */
export function addChoiceOptions(command: Command): Command {
  return command
    .option(
      '--sensitivity <part>',
      `how readily a better picture comes, 0 to 1 (default: ${DEFAULTS.sensitivity})`,
      numberWithin(0, 1),
    )
    .option(
      '--dwell <min-max>',
      `how long a picture stays, in seconds (default: ${DEFAULTS.minimumDwellSeconds}-${DEFAULTS.maximumDwellSeconds})`,
      parseDwell,
    )
    .option(
      '--smoothing <seconds>',
      `slows the mood down further: time constant (default: ${DEFAULTS.smoothingSeconds})`,
      numberWithin(0, 120),
    )
    .option(
      '--fit <part>',
      `pictures fit the music's own mood, 0, or its place in the night so far, 1 (default: ${DEFAULTS.fit})`,
      numberWithin(0, 1),
    )
    .option(
      '--keep-out <n>',
      `none of the last n pictures comes again (default: ${DEFAULTS.noRepeat})`,
      numberWithin(0, 1000, true),
    );
}

/** Adds the options that choose the pictures and how they are shown. */
export function addProgramOptions(command: Command): Command {
  inGroup(command, 'Pictures:', addPictureOptions);
  return inGroup(command, 'The show:', addShowOptions);
}

function addPictureOptions(command: Command): void {
  command
    .option(
      '--gallery <folder>',
      'the pictures: a folder that "synesthete index" has seen (default: those that are built in)',
    )
    .option('--index <folder>', 'where their index lies (default: .synesthete in the gallery)')
    .option('--bank <name>', 'only the pictures of this sub-folder')
    .option('--allow-unsafe', 'show all pictures, those that are marked as unsafe too')
    .option('--unsafe-threshold <p>', UNSAFE_THRESHOLD_HELP, numberWithin(0, 1));
}

function addShowOptions(command: Command): void {
  addChoiceOptions(command)
    .option(
      '--crossfade <seconds>',
      `how long soft changes take (default: ${DEFAULTS.crossfadeSeconds})`,
      numberWithin(0, 30),
    )
    .option(
      '--gate <dB>',
      `the level at which the show wakes, in dB full scale from -100 to 0; it sleeps again 6 dB below (default: ${DEFAULT_GATE_DECIBELS})`,
      numberWithin(-100, 0),
    )
    .option('--mood-offset <v,a>', 'push valence and arousal, each from -1 to 1', parseOffset)
    .option(
      '--screens <n>',
      'screens with pictures of their own: the main one and the groups of displays 1 to n-1 (default: 8 in live, 1 in replay)',
      numberWithin(1, 16, true),
    )
    .option(
      '--no-flash-limiter',
      'let more than 3 changes come in a second: that can harm people with photosensitive epilepsy',
    );
  addHopOption(command);
}

/** The settings that the options of `addChoiceOptions` choose; leaves out the others. */
export function choiceSettings({
  sensitivity,
  dwell,
  smoothing,
  fit,
  keepOut,
}: ChoiceOptions): Partial<ProgramSettings> {
  return {
    ...(sensitivity !== undefined && { sensitivity }),
    ...dwell,
    ...(smoothing !== undefined && { smoothingSeconds: smoothing }),
    ...(fit !== undefined && { fit }),
    ...(keepOut !== undefined && { noRepeat: keepOut }),
  };
}

/** The settings that the options choose; leaves out the others. */
export function chosenSettings(options: ProgramOptions): Partial<ProgramSettings> {
  const { bank, crossfade, gate, moodOffset, screens } = options;
  return {
    ...choiceSettings(options),
    ...(bank !== undefined && { bank }),
    ...(crossfade !== undefined && { crossfadeSeconds: crossfade }),
    ...(gate !== undefined && gateAt(gate)),
    ...(moodOffset !== undefined && { moodOffset }),
    ...(screens !== undefined && { screens }),
    allowUnsafe: options.allowUnsafe === true,
    flashLimiter: options.flashLimiter,
  };
}

export function unsafeThresholdOf({ unsafeThreshold }: ProgramOptions): { unsafeThreshold?: number } {
  return unsafeThreshold === undefined ? {} : { unsafeThreshold };
}

function parseDwell(text: string): Dwell {
  const [least, most, ...more] = text.split('-').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (least! >= 0 && most! >= least! && most! <= 3600 && more.length === 0) {
    return { minimumDwellSeconds: least!, maximumDwellSeconds: most! };
  }
  throw new InvalidArgumentError('It must be two times in seconds, the shorter one first, as 4-16.');
}

function parseOffset(text: string): ProgramSettings['moodOffset'] {
  const [valence, arousal, ...more] = text
    .split(',')
    .map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (Math.abs(valence!) <= 1 && Math.abs(arousal!) <= 1 && more.length === 0) {
    return { valence: valence!, arousal: arousal! };
  }
  throw new InvalidArgumentError('It must be two numbers from -1 to 1, as 0.2,-0.1.');
}
