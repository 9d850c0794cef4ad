import { catchError, map, Observable, of, startWith, switchMap, type OperatorFunction } from 'rxjs';
import type { Source, SourceEvent } from './source.ts';

/**
 * Plays the newest of several sources, on one sample clock that goes on from source to source, with a gap between two. A
 * source that fails is told of as lost, and one that ends as ended; then there is no sound until the next one is given.
 *
 * Errors: those of the first source, if it fails before it has given any sound: nobody waits for a show then.
 */
export function inSuccession(): OperatorFunction<Source, SourceEvent> {
  return (sources) =>
    new Observable((subscriber) => {
      let end = 0;
      let heard = false;
      let isFirst = true;
      const play = (source: Source): Observable<SourceEvent> => {
        const begin = end;
        const mayFail = isFirst;
        isFirst = false;
        const events = source.events.pipe(
          map((event): SourceEvent => {
            if (event.kind === 'status') return event;
            if (event.kind === 'gap') return { ...event, atSample: event.atSample + begin };
            const startSample = event.startSample + begin;
            end = startSample + event.samples.length;
            heard = true;
            return { ...event, startSample };
          }),
          catchError((error: unknown) => {
            if (mayFail && !heard) throw error;
            const message = error instanceof Error ? error.message : String(error);
            return of<SourceEvent>({ kind: 'status', state: 'lost', message });
          }),
        );
        const gap: SourceEvent = { kind: 'gap', atSample: begin, reason: `now listening to ${source.name}` };
        return mayFail ? events : events.pipe(startWith(gap));
      };
      return sources.pipe(switchMap((source) => play(source))).subscribe(subscriber);
    });
}
