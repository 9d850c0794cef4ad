import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { stateOf } from './support/fake-show.ts';
import { serve } from './support/serve.ts';

const FOLLOW = fileURLToPath(new URL('support/follow.py', import.meta.url));

/** The python that has websockets: Debian's own, or the first on the PATH. */
async function pythonWithWebsockets(): Promise<string | undefined> {
  for (const python of ['/usr/bin/python3', 'python3']) {
    try {
      await promisify(execFile)(python, ['-c', 'import websockets']);
      return python;
    } catch {
      // the next
    }
  }
  if (process.env['CI'] === 'true') throw new Error('python3-websockets is not installed');
  return undefined;
}

const python = await pythonWithWebsockets();
const skip =
  python === undefined ? 'python3-websockets is not installed (apt-get install python3-websockets)' : false;

t.test('a Python client follows the show and controls it', { skip }, async (t) => {
  const { show, at } = await serve(t);
  show.states.next(stateOf('a'));
  const child = spawn(python!, [FOLLOW, `ws://${at}/stream`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  show.onControl(() => {
    show.states.next(stateOf('b', ['c'], 2, 2));
  });
  const lines: unknown[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line));
  t.match(lines, [
    { v: 1, seq: 0, show: { image: { id: 'b' } } },
    [
      { type: 'reply', ok: true, ref: 7 },
      { seq: 1, show: { image: { id: 'c' } } },
    ],
  ]);
  t.strictSame(show.asked, [{ control: 'next' }]);
  t.strictSame(await ended, [0, null]);
});
