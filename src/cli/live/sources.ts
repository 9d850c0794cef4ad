import { tap } from 'rxjs';
import { SynestheteError } from '../../../models/errors.ts';
import type { FileMoods } from '../../../models/moods/index.ts';
import { openFile } from '../../../models/read-file.ts';
import {
  ChannelChoice,
  checkDevices,
  deviceSource,
  fileSource,
  looped,
  withMoods,
  type SoundFeed,
  type Source,
  type SourceEvent,
} from '../../../streams/sources/index.ts';
import { BUNDLED_MUSIC } from '../../built-in/index.ts';
import { sourceOf, type SourceOptions } from '../options/source.ts';
import { warn } from '../terminal/failure.ts';

export interface LiveSourceOptions extends SourceOptions {
  readonly browser?: true;
  readonly loop?: true;
  readonly stay?: true;
}

/** What a show can listen to. */
interface LiveSources {
  /** Name of the first source. */
  readonly first: string;
  /** The names that an operator can switch to, beside the devices. */
  readonly names: readonly string[];
  /** @throws SynestheteError USAGE where there is none of that name. */
  readonly named: (name: string) => Source;
  /** Checks that the file or device of the first source exists. Rejects where it doesn't. */
  readonly check: () => Promise<void>;
}

/**
 * What an operator calls a source: `demo`, `browser`, `device:NAME`, or `file:PATH` of the file that the show was
 * started with (people on the network can't make it open any other file of this machine).
 *
 * @param file one that is named without --file
 * @param feed what browsers and other programs send to the server
 * @param moods that a person gave the file
 * @param onStdinEnd called when standard input ends or fails while it is heard
 * @throws SynestheteError USAGE when the options choose none, or more than one.
 */
export function liveSources(
  file: string | undefined,
  options: LiveSourceOptions,
  feed: SoundFeed,
  moods?: FileMoods,
  onStdinEnd: () => void = () => undefined,
): LiveSources {
  if (options.stay === true && options.stdin !== true) {
    throw new SynestheteError('USAGE', '--stay has no meaning without --stdin: give both');
  }
  const path = file ?? options.file;
  const first = options.browser === true ? browserAlone(path, options) : nameOfChosen(file, options);
  return {
    first,
    names: ['demo', 'browser', ...(path === undefined ? [] : [`file:${path}`])],
    named(name) {
      if (name === 'demo') return bundledMusic();
      if (name === 'browser') return feed;
      if (name.startsWith('device:')) {
        const { backend, channels, fallback } = options;
        const device = name.slice('device:'.length);
        return deviceSource(device, {
          badSamples: 'silence',
          ...(backend !== undefined && { backend }),
          ...(fallback !== undefined && { fallbacks: fallback }),
          // Numbers of the channels of another device mean nothing.
          choice: new ChannelChoice(device === options.device ? channels : undefined),
        });
      }
      // What the options choose, repeated with --loop.
      if (name === first || name === `file:${path}`) {
        const source = withMoods(
          withEnd(chosen(file, options), options.stdin === true ? onStdinEnd : undefined),
          moods,
          options.start,
        );
        return options.loop === true ? looped(source) : source;
      }
      const files = path === undefined ? '' : `, file:${path}`;
      throw new SynestheteError(
        'USAGE',
        `there is no source ${name}: choose demo, browser, device:NAME${files}`,
      );
    },
    async check() {
      if (path !== undefined) await (await openFile(path)).close();
      const { device, backend, fallback: fallbacks = [] } = options;
      if (device !== undefined) await checkDevices(device, { ...(backend && { backend }), fallbacks }, warn);
    },
  };
}

function chosen(file: string | undefined, options: SourceOptions): Source {
  return sourceOf(
    options,
    {
      pace: 1,
      badSamples: 'silence',
      canChooseChannels: true,
      choices: 'a file, --device NAME, --browser, --stdin or --demo',
    },
    file,
  );
}

function withEnd(source: Source, onEnd: (() => void) | undefined): Source {
  if (onEnd === undefined) return source;
  let isHeard = false;
  const next = ({ kind }: SourceEvent) => {
    isHeard ||= kind === 'block';
  };
  // An input that fails before any sound fails the show, which then says why.
  const error = () => {
    if (isHeard) onEnd();
  };
  return { ...source, events: source.events.pipe(tap({ next, error, complete: onEnd })) };
}

/** @throws SynestheteError USAGE when the options choose none, or more than one. */
function nameOfChosen(file: string | undefined, options: SourceOptions): string {
  const { kind } = chosen(file, options);
  if (kind === 'file') return `file:${file ?? options.file!}`;
  if (kind === 'device') return `device:${options.device!}`;
  return kind === 'stdin' ? 'stdin' : 'demo';
}

function browserAlone(path: string | undefined, { device, stdin, demo }: SourceOptions): 'browser' {
  if (path === undefined && device === undefined && stdin !== true && demo !== true) return 'browser';
  throw new SynestheteError('USAGE', 'only one thing can be listened to at a time: --browser stands alone');
}

/** The piece of music that comes with the program, repeated. */
function bundledMusic(): Source {
  return looped({ ...fileSource(BUNDLED_MUSIC, { pace: 1 }), name: 'demo' });
}
