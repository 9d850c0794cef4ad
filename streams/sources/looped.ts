import { defer, filter, map, of, repeat, throwError } from 'rxjs';
import { SynestheteError } from '../../models/errors.ts';
import type { Source, SourceEvent } from './source.ts';

/**
 * A source that begins again at its end, on one clock.
 *
 * Its events fail with NO_AUDIO when a round brings no sound, which would repeat without end.
 */
export function looped(source: Source): Source {
  return { ...source, events: repeated(source) };
}

function repeated({ name, events }: Source): Source['events'] {
  return defer(() => {
    let begin = 0;
    let end = 0;
    const round = defer(() => {
      begin = end;
      return events;
    }).pipe(
      filter((event) => event.kind !== 'status' || event.state !== 'ended'),
      map((event): SourceEvent => {
        if (event.kind === 'status') return event;
        if (event.kind === 'gap') return { ...event, atSample: event.atSample + begin };
        end = begin + event.startSample + event.samples.length;
        return { ...event, startSample: event.startSample + begin };
      }),
    );
    const again = () =>
      end > begin ? of(0) : throwError(() => new SynestheteError('NO_AUDIO', `${name} is empty`));
    return round.pipe(repeat({ delay: again }));
  });
}
