import { join } from 'node:path';
import t from 'tap';
import { sine, wav16 } from '../../../streams/sources/support/signals.ts';
import { emptyFolder } from '../../../support/folder.ts';
import { synesthete } from '../run.ts';

const RATE = 22_050;
const wave = sine(440, RATE);
const stdin = wav16(RATE, 1, 3 * RATE, (n) => Math.round(20_000 * wave(n)));

t.test('a show ends with the program that feeds it', async (t) => {
  const args = ['live', '--stdin', '--port', '0', '--state', join(emptyFolder(t), 'show.json')];
  const { code, stderr } = await synesthete(args, { stdin });
  t.equal(code, 0);
  t.match(stderr, /standard input ended, and the show with it \(--stay keeps it\)/);
});

t.test('with --stay it waits, and says so', async (t) => {
  const args = ['live', '--stdin', '--stay', '--port', '0', '--state', join(emptyFolder(t), 'show.json')];
  let lines = 0;
  const { code, stderr } = await synesthete(args, {
    stdin,
    onOutput: (stdout, kill) => {
      lines = stdout.split('\n').length;
      // The address, and then a line a second.
      if (lines > 5) kill('SIGINT');
    },
  });
  t.equal(code, 130);
  t.ok(lines > 5);
  t.match(stderr, /standard input ended: the show waits until another source is chosen/);
});

t.test('--stay goes with --stdin', async (t) => {
  const { code, stderr } = await synesthete(['live', '--demo', '--stay', '--port', '0']);
  t.equal(code, 2);
  t.match(stderr, /--stay has no meaning without --stdin/);
});
