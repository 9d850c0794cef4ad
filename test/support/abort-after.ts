/** A signal that is aborted when it is checked (by `throwIfAborted`) for the `checks + 1`-th time. */
export function abortAfter(checks: number): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  signal.throwIfAborted = () => {
    count += 1;
    if (count > checks) controller.abort();
    AbortSignal.prototype.throwIfAborted.call(signal);
  };
  return signal;
}
