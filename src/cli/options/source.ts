import { InvalidArgumentError, Option, type Command } from 'commander';
import { SynestheteError } from '../../../models/errors.ts';
import {
  ChannelChoice,
  PCM_LIMITS,
  demo,
  deviceSource,
  fileSource,
  stdinSource,
  syntheticSource,
  type BackendName,
  type Pace,
  type Source,
  type StdinSourceOptions,
} from '../../../streams/sources/index.ts';
import { backendOption } from './devices.ts';
import { seconds } from './numbers.ts';

/** What the options of a command that listens say, as commander gives them. */
export interface SourceOptions {
  readonly file?: string;
  readonly device?: string;
  readonly fallback?: readonly string[];
  readonly backend?: BackendName;
  readonly stdin?: boolean;
  readonly format?: 's16le' | 'f32le';
  readonly rate?: number;
  readonly channels?: readonly number[];
  readonly track?: number;
  readonly demo?: boolean;
  readonly start?: number;
  readonly duration?: number;
  readonly pace?: Pace;
}

/** What a command does where the options say nothing. */
export interface SourceDefaults {
  /** How fast files and the demo are played. */
  readonly pace: Pace;
  /** `silence` for live shows, which must go on; `reject` where the numbers are the result. */
  readonly badSamples: 'silence' | 'reject';
  /** Back-pressure for files, standard input and the demo; see FileSourceOptions. */
  readonly ready?: () => Promise<void>;
  /** Longest block of files, standard input and the demo, in samples; for `ready`, which is called once a block. */
  readonly blockSamples?: number;
  /** Whether the channels can be changed while the source is heard; of raw samples they can't be named, only counted. */
  readonly canChooseChannels?: boolean;
  /** What the command can listen to, for the error where no source, or more than one, was chosen. */
  readonly choices?: string;
}

/** Adds the options that choose where sound comes from, and how. */
export function addSourceOptions(command: Command): Command {
  return command
    .option('--file <path>', 'listen to a sound or video file')
    .option('--device <name>', 'listen to a device: its name, a part of it, "default", or "monitor"')
    .option(
      '--fallback <name>',
      'a device that is heard while that of --device is away; given again, the next best',
      (name: string, before: readonly string[] | undefined) => [...(before ?? []), name],
    )
    .addOption(backendOption())
    .option('--stdin', 'listen to standard input: WAV, or raw samples with --format')
    .addOption(new Option('--format <format>', 'raw samples on standard input').choices(['s16le', 'f32le']))
    .option(
      '--rate <hz>',
      'sample rate of raw samples (default: 44100)',
      within('a rate in Hz', PCM_LIMITS.rateHz),
    )
    .option(
      '--channels <list>',
      'numbers of the channels to hear, such as 3,4 (default: all); of raw samples how many there are (default: 2)',
      parseChannels,
    )
    .option('--track <n>', 'sound track of a file (default: the one that the file names)', parseTrack)
    .option('--demo', 'listen to a built-in sound')
    .option('--start <seconds>', 'where to begin in a file', seconds)
    .option('--duration <seconds>', 'how much of a file to play', seconds)
    .option(
      '--pace <pace>',
      'a multiple of real time, or "max": as fast as the analysis goes, which the sound then waits for',
      parsePace,
    );
}

/**
 * The one source that was chosen.
 *
 * @param positional a file named without --file.
 * @throws SynestheteError USAGE when none, or more than one, was chosen, or an option does not belong to it.
 */
export function sourceOf(options: SourceOptions, defaults: SourceDefaults, positional?: string): Source {
  const file = positional ?? options.file;
  const chosen = [
    positional,
    options.file === undefined ? undefined : '--file',
    options.device === undefined ? undefined : '--device',
    options.stdin === true ? '--stdin' : undefined,
    options.demo === true ? '--demo' : undefined,
  ].filter((name) => name !== undefined);
  if (chosen.length !== 1) {
    const what = defaults.choices ?? 'a file, --device NAME, --stdin or --demo';
    throw new SynestheteError(
      'USAGE',
      chosen.length === 0
        ? `nothing to listen to: give ${what}`
        : `only one thing can be listened to at a time, not ${chosen.join(' and ')}: give ${what}`,
    );
  }
  checkBelonging(options, chosen[0]!, file !== undefined);
  const { badSamples } = defaults;
  const pace = options.pace ?? defaults.pace;
  const ready = defaults.ready === undefined ? {} : { ready: defaults.ready };
  const { blockSamples } = defaults;
  const channels =
    defaults.canChooseChannels === true
      ? { choice: new ChannelChoice(options.channels) }
      : options.channels === undefined
        ? {}
        : { channels: options.channels };
  if (file !== undefined) {
    return fileSource(file, {
      pace,
      badSamples,
      ...ready,
      ...(blockSamples === undefined ? {} : { blockSamples }),
      ...channels,
      ...(options.track === undefined ? {} : { track: options.track }),
      ...(options.start === undefined ? {} : { startSeconds: options.start }),
      ...(options.duration === undefined ? {} : { durationSeconds: options.duration }),
    });
  }
  if (options.device !== undefined) {
    return deviceSource(options.device, {
      badSamples,
      ...channels,
      ...(options.fallback === undefined ? {} : { fallbacks: options.fallback }),
      ...(options.backend === undefined ? {} : { backend: options.backend }),
    });
  }
  if (options.stdin === true) {
    return stdinSource({
      badSamples,
      ...ready,
      ...(blockSamples === undefined ? {} : { blockSamples }),
      ...(options.format === undefined ? channels : rawFormat(options.format, options)),
    });
  }
  return syntheticSource(demo(), {
    name: 'demo',
    pace,
    ...ready,
    ...(blockSamples === undefined ? {} : { blockSizes: [blockSamples] }),
  });
}

/** An option without effect is a mistake that the person should learn of. */
function checkBelonging(options: SourceOptions, chosen: string, isFile: boolean): void {
  const strays: [unknown, string, boolean, string][] = [
    [options.format, '--format', chosen === '--stdin', '--stdin'],
    [options.rate, '--rate', chosen === '--stdin' && options.format !== undefined, '--stdin --format'],
    [options.channels, '--channels', chosen !== '--demo', 'a file, --device or --stdin'],
    [options.track, '--track', isFile, 'a file'],
    [options.fallback, '--fallback', chosen === '--device', '--device'],
    [options.backend, '--backend', chosen === '--device', '--device'],
    [options.start, '--start', isFile, 'a file'],
    [options.duration, '--duration', isFile, 'a file'],
    [
      options.pace,
      '--pace',
      isFile || chosen === '--demo' || (chosen === '--stdin' && options.pace === 'consumed'),
      chosen === '--stdin' ? '--stdin only as "max"' : 'a file, --demo or --stdin',
    ],
  ];
  for (const [value, name, belongs, to] of strays) {
    if (value === undefined || belongs) continue;
    throw new SynestheteError('USAGE', `${name} has no meaning for ${chosen}: it goes with ${to}`);
  }
}

/** @throws SynestheteError USAGE for a list of channels: it would not say how many there are. */
function rawFormat(
  encoding: 's16le' | 'f32le',
  { rate, channels = [2] }: SourceOptions,
): Pick<StdinSourceOptions, 'format'> {
  if (channels.length === 1) {
    return { format: { encoding, rateHz: rate ?? 44_100, channels: channels[0]! } };
  }
  throw new SynestheteError(
    'USAGE',
    `--channels of raw samples is how many there are, such as 2, not ${channels.join(',')}: to choose channels, send WAV`,
  );
}

/** `3,4` → [3, 4]. */
function parseChannels(text: string): readonly number[] {
  const parse = within('numbers of channels, such as 3,4, each', PCM_LIMITS.channels);
  return [...new Set(text.split(',').map((part) => parse(part)))];
}

function parseTrack(text: string): number {
  return within('the number of a track', { least: 1, most: 1000 })(text);
}

function within(what: string, limits: { least: number; most: number }): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (Number.isInteger(value) && value >= limits.least && value <= limits.most) return value;
    throw new InvalidArgumentError(`It must be ${what}, from ${limits.least} to ${limits.most}.`);
  };
}

export function parsePace(text: string): Pace {
  if (text === 'max') return 'consumed';
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('It must be a multiple of real time, as 1 or 2.5, or "max".');
  }
  return value;
}
