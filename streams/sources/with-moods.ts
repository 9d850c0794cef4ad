import { map } from 'rxjs';
import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import type { FileMoods } from '../../models/moods/index.ts';
import type { Source } from './source.ts';

/**
 * A file's sound with the moods that a person gave the file, which travel with its blocks: whatever is played before it, and
 * however often, they stay at their places.
 *
 * @param moods the source as it is where they are undefined
 * @param startSeconds where in the file the source begins
 */
export function withMoods(source: Source, moods: FileMoods | undefined, startSeconds = 0): Source {
  if (moods === undefined) return source;
  const events = source.events.pipe(
    map((event) => {
      if (event.kind !== 'block') return event;
      const atSeconds = startSeconds + event.startSample / SAMPLE_RATE_HZ;
      return { ...event, hand: { moods, atSeconds } };
    }),
  );
  return { ...source, events };
}
