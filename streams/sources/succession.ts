import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  from,
  map,
  mergeMap,
  Observable,
  of,
  retry,
  switchMap,
  throwError,
  timer,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { messageOf } from '../../models/errors.ts';
import type { Source, SourceEvent } from './source.ts';

interface SuccessionOptions {
  /** The first source, if it fails before it has given any sound, fails all: nobody waits for a show then. */
  readonly firstMayFail: boolean;
  /** Where the pauses are waited for. */
  readonly scheduler?: SchedulerLike;
}

/** Waits before a source that failed is opened again: the first, the second, … time in a row. */
const PAUSES_MS = [1000, 2000, 4000, 8000, 10_000];

/**
 * Plays the newest of several sources, on one sample clock that goes on from source to source, with a gap between two. A
 * source that ends is reported as `ended`; then there is silence until the next one. A source that fails is reported as `lost`
 * and opened again (`retrying`) with growing pauses, until it delivers or another one replaces it: a mixer that is switched
 * on late is heard. Standard input can't be opened twice, and stays lost.
 */
export function switchSources({
  firstMayFail,
  scheduler = asyncScheduler,
}: SuccessionOptions): OperatorFunction<Source, SourceEvent> {
  return (sources) =>
    new Observable((subscriber) => {
      const clock = new CommonClock();
      let mayFail = firstMayFail;
      const play = (source: Source): Observable<SourceEvent> => {
        const isDecisive = mayFail;
        mayFail = false;
        return persistent(source, clock, { isDecisive, scheduler });
      };
      return sources.pipe(switchMap(play)).subscribe(subscriber);
    });
}

/** @param isDecisive it fails as the source does, as long as there was no sound at all. */
function persistent(
  source: Source,
  clock: CommonClock,
  { isDecisive, scheduler }: { readonly isDecisive: boolean; readonly scheduler: SchedulerLike },
): Observable<SourceEvent> {
  let failuresInARow = 0;
  let endBefore = clock.end;
  const pauseMs = () => PAUSES_MS[Math.min(failuresInARow, PAUSES_MS.length) - 1]!;
  const isFatal = () => isDecisive && clock.end === 0;
  const tellOf = (error: unknown): Observable<SourceEvent> => {
    if (isFatal()) return throwError(() => error);
    const reason = messageOf(error);
    if (source.kind === 'stdin') return of({ kind: 'status', state: 'lost', message: reason });
    failuresInARow = clock.end > endBefore ? 1 : failuresInARow + 1;
    endBefore = clock.end;
    const state = failuresInARow === 1 ? 'lost' : 'retrying';
    const message = `${reason} (tried again in ${pauseMs() / 1000} s)`;
    return concat(
      of<SourceEvent>({ kind: 'status', state, message }),
      throwError(() => error),
    );
  };
  return clock.play(source).pipe(
    catchError(tellOf),
    retry({
      delay: (error: unknown) => (isFatal() ? throwError(() => error) : timer(pauseMs(), scheduler)),
    }),
  );
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

  /** Samples so far, gaps within sources included. */
  get end(): number {
    return this.#end;
  }

  play(source: Source): Observable<SourceEvent> {
    return defer(() => {
      const begin = this.#end;
      let isAnnounced = begin === 0;
      const events = source.events.pipe(
        map((event): SourceEvent => {
          if (event.kind === 'status') return event;
          if (event.kind === 'gap') return { ...event, atSample: event.atSample + begin };
          const startSample = event.startSample + begin;
          this.#end = startSample + event.samples.length;
          return { ...event, startSample };
        }),
      );
      let { name } = source;
      return events.pipe(
        // Not before there is something to listen to: it may be tried many times in vain.
        mergeMap((event) => {
          if (event.kind === 'status') name = event.device?.description ?? name;
          if (isAnnounced || event.kind === 'status') return of(event);
          isAnnounced = true;
          const gap: SourceEvent = { kind: 'gap', atSample: begin, reason: `now listening to ${name}` };
          return of(gap, event);
        }),
      );
    });
  }
}
