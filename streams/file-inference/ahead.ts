/**
 * Passes on what `source` gives, in its order, while the next ones are fetched already: as soon as this is called, and
 * up to `most` that nobody has taken yet. `close` ends the source, whether all was taken or not.
 *
 * @param most at least 1.
 */
export function readAhead<T>(source: AsyncIterator<T>, most: number): Ahead<T> {
  const fetched: Promise<IteratorResult<T>>[] = [];
  let last: Promise<IteratorResult<T>> | undefined;
  let isOver = false;
  const fetch = async (before: Promise<IteratorResult<T>> | undefined): Promise<IteratorResult<T>> => {
    // One after the other: an iterator that isn't a generator need not know of calls at the same time.
    const previous = await before;
    if (isOver || previous?.done === true) return { done: true, value: undefined };
    const result = await source.next();
    if (result.done === true) isOver = true;
    return result;
  };
  const fill = (): void => {
    while (!isOver && fetched.length < most) {
      last = fetch(last);
      // The consumer gets the error; one that is never consumed is no fault.
      last.catch(() => undefined);
      fetched.push(last);
    }
  };
  fill();
  return {
    async next() {
      fill();
      const result = await (fetched.shift() ?? { done: true as const, value: undefined });
      if (result.done !== true) fill();
      return result;
    },
    async close() {
      isOver = true;
      await source.return?.();
    },
  };
}

export interface Ahead<T> {
  next(): Promise<IteratorResult<T>>;
  close(): Promise<void>;
}
