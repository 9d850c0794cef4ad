import { resolve } from 'node:path';
import { SynestheteError } from '../../models/errors.ts';
import { MoodsBeside } from '../../models/moods/index.ts';
import { openFile } from '../../models/read-file.ts';
import {
  checkDevices,
  deviceSource,
  fileSource,
  looped,
  withMoods,
  type SoundFeed,
  type Source,
} from '../../streams/sources/index.ts';
import { BUNDLED_MUSIC } from '../built-in/index.ts';

/**
 * What a show listens to: the built-in music (`demo`, in a loop), what a browser or another program sends to the server
 * (`browser`), a sound device by its name, a part of it, `default` or `monitor`, or a sound file. Devices that are named as
 * `fallbacks` are heard while the device is away.
 */
export type Sound =
  | 'demo'
  | 'browser'
  | { readonly device: string; readonly fallbacks?: readonly string[] }
  | {
      readonly file: string;
      /** Whether it begins again at its end; false unless set. */
      readonly loop?: boolean;
    };

/** The sources of a show, by the names that an operator calls them. */
export interface ShowSources {
  /** That which the show begins with. */
  readonly first: string;
  /** What can be switched to, beside the devices. */
  readonly names: readonly string[];
  /** @throws SynestheteError USAGE where there is none of that name */
  readonly named: (name: string) => Source;
  /** Rejects where the file or device of `first` is not there. */
  readonly check: () => Promise<void>;
}

/**
 * @param feed what browsers and other programs send
 * @param notice gets lines of a moods.csv beside the file that don't count, and fallbacks that are not there
 * @throws SynestheteError BAD_TABLE where that table can't be understood
 */
export async function showSources(
  sound: Sound,
  feed: SoundFeed,
  notice: (line: string) => void,
): Promise<ShowSources> {
  const first = nameOf(sound);
  const isFile = typeof sound === 'object' && 'file' in sound;
  const file = isFile ? resolve(sound.file) : undefined;
  const loop = isFile && sound.loop === true;
  const moods = file === undefined ? undefined : await new MoodsBeside(notice).of(file);
  const isDevice = typeof sound === 'object' && 'device' in sound;
  const fallbacks = isDevice ? (sound.fallbacks ?? []) : [];
  const names = ['demo', 'browser', ...(file === undefined ? [] : [first])];
  return {
    first,
    names,
    named(name) {
      if (name === 'demo') return looped({ ...fileSource(BUNDLED_MUSIC, { pace: 1 }), name: 'demo' });
      if (name === 'browser') return feed;
      if (name.startsWith('device:')) {
        return deviceSource(name.slice('device:'.length), { badSamples: 'silence', fallbacks });
      }
      if (name === first && file !== undefined) {
        const played = withMoods(fileSource(file, { pace: 1, badSamples: 'silence' }), moods);
        return loop ? looped(played) : played;
      }
      throw new SynestheteError(
        'USAGE',
        `there is no source ${name}: choose device:NAME, ${names.join(', ')}`,
      );
    },
    async check() {
      if (file !== undefined) await (await openFile(file)).close();
      if (isDevice) await checkDevices(sound.device, { fallbacks }, notice);
    },
  };
}

function nameOf(sound: Sound): string {
  if (typeof sound === 'string') return sound;
  return 'file' in sound ? `file:${resolve(sound.file)}` : `device:${sound.device}`;
}
