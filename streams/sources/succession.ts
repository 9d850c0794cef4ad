import {
  catchError,
  concatMap,
  from,
  map,
  Observable,
  of,
  startWith,
  switchMap,
  type OperatorFunction,
} from 'rxjs';
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
      const clock = new CommonClock();
      let isFirst = true;
      const play = (source: Source): Observable<SourceEvent> => {
        const mayFail = isFirst;
        isFirst = false;
        return clock.play(source).pipe(
          catchError((error: unknown) => {
            if (mayFail && !clock.hasBegun) throw error;
            const message = error instanceof Error ? error.message : String(error);
            return of<SourceEvent>({ kind: 'status', state: 'lost', message });
          }),
        );
      };
      return sources.pipe(switchMap(play)).subscribe(subscriber);
    });
}

/** Plays sources one after the other, each to its end, on one sample clock, with a gap between two. Fails as they do. */
export function oneAfterAnother(sources: readonly Source[]): Observable<SourceEvent> {
  return new Observable((subscriber) => {
    const clock = new CommonClock();
    return from(sources)
      .pipe(concatMap((source) => clock.play(source)))
      .subscribe(subscriber);
  });
}

class CommonClock {
  #end = 0;

  get hasBegun(): boolean {
    return this.#end > 0;
  }

  play(source: Source): Observable<SourceEvent> {
    const begin = this.#end;
    const events = source.events.pipe(
      map((event): SourceEvent => {
        if (event.kind === 'status') return event;
        if (event.kind === 'gap') return { ...event, atSample: event.atSample + begin };
        const startSample = event.startSample + begin;
        this.#end = startSample + event.samples.length;
        return { ...event, startSample };
      }),
    );
    if (begin === 0) return events;
    const gap: SourceEvent = { kind: 'gap', atSample: begin, reason: `now listening to ${source.name}` };
    return events.pipe(startWith(gap));
  }
}
