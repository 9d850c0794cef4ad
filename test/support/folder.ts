import type { Test } from 'tap';

/**
 * An empty folder of the test, for what runs until a teardown ends it. tap would remove a `testdir` before it calls
 * teardowns that were registered later, and so under the feet of what still writes there.
 */
export function emptyFolder(t: Test): string {
  t.teardown(() => undefined);
  return t.testdir({});
}
