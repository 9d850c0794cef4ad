import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { stateOf } from './support/fake-show.ts';
import { pythonMissing, pythonWithWebsockets } from './support/python.ts';
import { serve } from './support/serve.ts';

const FOLLOW = fileURLToPath(new URL('support/follow.py', import.meta.url));

const python = await pythonWithWebsockets();
const skip = pythonMissing(python);

t.test('a Python client follows the show and controls it', { skip }, async (t) => {
  const { show, at } = await serve(t);
  show.states.next(stateOf('a', ['a'], 1, 0, ['b']));
  const child = spawn(python!, [FOLLOW, `ws://${at}/stream`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  show.onControl(() => {
    show.states.next(stateOf('b', ['b'], 2, 2, ['c']));
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
