import { of, range, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { map, take } from 'rxjs/operators';
import t, { type Test } from 'tap';
import { newestWins } from '../../../streams/operators/index.ts';

function marbles(t: Test, run: (helpers: Parameters<Parameters<TestScheduler['run']>[0]>[0]) => void) {
  new TestScheduler((actual, expected) => {
    t.strictSame(actual, expected);
  }).run(run);
}

/** A lower-case letter is its result before any drop; the others name what had been dropped by then. */
const results = {
  a: { result: 'a', dropped: 0 },
  b: { result: 'b', dropped: 0 },
  c: { result: 'c', dropped: 0 },
  A: { result: 'a', dropped: 3 },
  E: { result: 'e', dropped: 3 },
};

t.test('work that keeps up drops nothing', async (t) => {
  marbles(t, ({ cold, hot, expectObservable }) => {
    const input = hot('a---b---c---|');
    const work = (letter: string) => cold('-(x|)').pipe(map(() => letter));
    expectObservable(input.pipe(newestWins(work))).toBe('-a---b---c--|', results);
  });
});

t.test('while work runs the newest waits and older ones are dropped and counted', async (t) => {
  marbles(t, ({ cold, hot, expectObservable, expectSubscriptions }) => {
    const input = hot('abcde---------|');
    const slow = cold('-----(x|)');
    const work = (letter: string) => slow.pipe(map(() => letter));
    expectObservable(input.pipe(newestWins(work))).toBe('-----A----E---|', results);
    expectSubscriptions(slow.subscriptions).toBe(['^----!', '-----^----!']);
  });
});

t.test('the end of the input waits for the work in progress and the one that waits', async (t) => {
  marbles(t, ({ cold, hot, expectObservable }) => {
    const input = hot('a-b|');
    const work = (letter: string) => cold('----(x|)').pipe(map(() => letter));
    expectObservable(input.pipe(newestWins(work))).toBe('----a---(b|)', results);
  });
});

t.test('an error of the work and of the input is passed on at once', async (t) => {
  marbles(t, ({ cold, hot, expectObservable }) => {
    expectObservable(hot('a-b---|').pipe(newestWins(() => cold('--#')))).toBe('--#');
    expectObservable(hot('a-#').pipe(newestWins(() => cold('-----(x|)')))).toBe('--#');
    expectObservable(
      hot('a|').pipe(
        newestWins(() => {
          throw new Error('no');
        }),
      ),
    ).toBe('#', undefined, new Error('no'));
  });
});

t.test('unsubscribing ends the work in progress', async (t) => {
  marbles(t, ({ cold, hot, expectObservable, expectSubscriptions }) => {
    const slow = cold('-------(x|)');
    const input = hot('a---------');
    expectObservable(input.pipe(newestWins(() => slow)), '---!').toBe('----');
    expectSubscriptions(slow.subscriptions).toBe('^--!');
    expectSubscriptions(input.subscriptions).toBe('^--!');
  });
});

t.test('a subscriber that leaves in the middle of synchronous work starts no more of it', async (t) => {
  let begun = 0;
  const seen: string[] = [];
  of('a', 'b', 'c')
    .pipe(
      newestWins((letter) => {
        begun += 1;
        return of(letter, `${letter}!`);
      }),
      take(1),
    )
    .subscribe(({ result }) => seen.push(result));
  t.strictSame(seen, ['a']);
  t.equal(begun, 1);
});

t.test('synchronous work over a long synchronous input drops nothing and keeps the stack flat', async (t) => {
  const count = 200_000;
  let done = 0;
  range(count)
    .pipe(newestWins((value) => of(value)))
    .subscribe(({ dropped }) => {
      done += dropped === 0 ? 1 : 0;
    });
  t.equal(done, count);
});

t.test('promises are work too', async (t) => {
  const seen: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    of('a', 'b', 'c')
      .pipe(newestWins((letter) => Promise.resolve(letter)))
      .subscribe({ next: (value) => seen.push(value), complete: resolve, error: reject });
  });
  t.strictSame(seen, [
    { result: 'a', dropped: 1 },
    { result: 'c', dropped: 1 },
  ]);
  await t.rejects(
    new Promise((resolve, reject) => {
      of('a')
        .pipe(newestWins(() => throwError(() => new Error('gone'))))
        .subscribe({
          complete: () => {
            resolve(undefined);
          },
          error: reject,
        });
    }),
    { message: 'gone' },
  );
});
