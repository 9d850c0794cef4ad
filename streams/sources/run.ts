import { Observable } from 'rxjs';
import type { SourceEvent } from './source.ts';

export type Emit = (event: SourceEvent) => void;

/**
 * The events of a source that is written as one asynchronous function. It runs once for each subscriber, completes or
 * fails the observable as it returns or throws, and must come to its end soon after `signal` is aborted, which is
 * what unsubscribing does. Nothing is emitted after that.
 */
export function eventsOf(run: (emit: Emit, signal: AbortSignal) => Promise<void>): Observable<SourceEvent> {
  return new Observable((subscriber) => {
    const closing = new AbortController();
    const emit: Emit = (event) => {
      subscriber.next(event);
    };
    run(emit, closing.signal).then(
      () => {
        subscriber.complete();
      },
      (error: unknown) => {
        if (!closing.signal.aborted) subscriber.error(error);
      },
    );
    return () => {
      closing.abort();
    };
  });
}
