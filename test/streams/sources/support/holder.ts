/**
 * A program that listens to two things at once, for tests that end it: it plays the file that it is given in real time, and
 * captures from the fake capture program, which says nothing. Writes `listening` once both children are at work.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { fileSource } from '../../../../streams/sources/index.ts';
import { startChild } from '../../../../streams/sources/child.ts';

const signs = new EventTarget();
fileSource(process.argv[2]!, { pace: 1 }).events.subscribe((event) => {
  if (event.kind === 'block' && event.startSample === 0) signs.dispatchEvent(new Event('file'));
});
startChild(
  process.execPath,
  [fileURLToPath(new URL('./fake-capture.mjs', import.meta.url)), 'say:ready', 'hang'],
  {
    signal: new AbortController().signal,
    guarded: true,
    onErrorLine: (line) => signs.dispatchEvent(new Event(line)),
  },
);
await Promise.all([once(signs, 'file'), once(signs, 'ready')]);
process.stdout.write('listening\n');
