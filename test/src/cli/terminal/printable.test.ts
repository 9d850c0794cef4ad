import t from 'tap';
import { printable } from '../../../../src/cli/terminal/printable.ts';

t.test('what others named stays one line and moves no cursor', async (t) => {
  t.equal(printable('a\nb\r\n c'), 'a b c');
  t.equal(printable('\u001b[2Jx\u0007\u009b'), '\\x1b[2Jx\\x07\\x9b');
  t.equal(printable('Größe – 音'), 'Größe – 音');
});
