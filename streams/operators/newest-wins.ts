import { defer, Observable, type ObservableInput, type OperatorFunction, type Subscription } from 'rxjs';

export interface Newest<R> {
  readonly result: R;
  /** How many inputs have been passed over since the subscription, in all. */
  readonly dropped: number;
}

/**
 * For a stage that may be slower than its input: one input is worked on at a time, the newest one waits, and
 * older ones that wait are dropped and counted. What has been begun is finished. Nothing queues up, so a result is
 * never older than the input that was newest when its work began.
 *
 * Errors of the input and of the work are passed on at once. When the input completes, the work in progress and
 * the one that waits are still finished. Unsubscribing ends the work in progress.
 *
 * (RxJS's exhaustMap drops the newest instead, switchMap abandons work that has begun, concatMap queues.)
 */
export function newestWins<T, R>(work: (input: T) => ObservableInput<R>): OperatorFunction<T, Newest<R>> {
  return (inputs) =>
    new Observable((subscriber) => {
      let waiting: { readonly input: T } | undefined;
      let running: Subscription | undefined;
      let busy = false;
      let draining = false;
      let inputEnded = false;
      let dropped = 0;

      const fail = (error: unknown) => {
        subscriber.error(error);
      };

      const begin = (input: T) => {
        busy = true;
        running = defer(() => work(input)).subscribe({
          next: (result) => {
            subscriber.next({ result, dropped });
          },
          error: fail,
          complete: () => {
            busy = false;
            drain();
          },
        });
        // The subscriber may have left during the call, before there was anything to unsubscribe.
        if (subscriber.closed) running.unsubscribe();
      };

      const drain = () => {
        // A loop and not a recursion: work that finishes in the call that began it must not grow the stack.
        if (draining) return;
        draining = true;
        while (!busy && waiting !== undefined && !subscriber.closed) {
          const { input } = waiting;
          waiting = undefined;
          begin(input);
        }
        draining = false;
        if (!busy && inputEnded) subscriber.complete();
      };

      const outer = inputs.subscribe({
        next: (input) => {
          if (waiting !== undefined) dropped += 1;
          waiting = { input };
          drain();
        },
        error: fail,
        complete: () => {
          inputEnded = true;
          drain();
        },
      });

      return () => {
        outer.unsubscribe();
        running?.unsubscribe();
      };
    });
}
