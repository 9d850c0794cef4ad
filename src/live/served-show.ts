import { basename } from 'node:path';
import { listDevices } from '../../streams/sources/index.ts';
import type { Show } from '../server/index.ts';
import { pagesOf, withoutPaths } from '../show/index.ts';
import type { LiveShow } from './show.ts';

/**
 * A running show as the server needs it.
 * @param sources what its `source` can be switched to, beside the devices
 * @param hasBuiltInPictures whether the pictures are those that come with the program
 */
export function servedShow(show: LiveShow, sources: readonly string[], hasBuiltInPictures: boolean): Show {
  return {
    ...pagesOf(() => show),
    states: show.states,
    control: (control) => show.control(control),
    status: () => ({ ...show.status(), sources, hasBuiltInPictures }),
    publicStatus: () => ({
      ...withoutPaths(show.status()),
      sources: sources.map(withoutFolders),
      hasBuiltInPictures,
    }),
    devices: () => listDevices(),
    moods: () => show.moodsByHand.csv(),
    takeMoods: (csv) => show.moodsByHand.replace(csv),
  };
}

/** `file:/music/night.wav` → `file:night.wav`; leaves other names of sources as they are. */
function withoutFolders(source: string): string {
  return source.startsWith('file:') ? `file:${basename(source.slice('file:'.length))}` : source;
}
