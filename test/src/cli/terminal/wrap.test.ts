import t from 'tap';
import { cut, wrapped } from '../../../../src/cli/terminal/wrap.ts';

t.test('lines are broken between words; tables and words that are too long stay whole', async (t) => {
  t.equal(wrapped('one two three\nfour', 8), 'one two\nthree\nfour');
  t.equal(wrapped('a  table  of  cells', 8), 'a  table  of  cells');
  t.equal(wrapped('incomprehensible word', 8), 'incomprehensible\nword');
  t.equal(wrapped('as it is', Infinity), 'as it is');
});

t.test('a line is cut with a mark, and its colours end', async (t) => {
  t.equal(cut('a name', 6), 'a name');
  t.equal(cut('a longer name', 6), 'a lon…');
  t.equal(cut('\x1b[33ma longer name\x1b[0m', 6), '\x1b[33ma lon…\x1b[0m');
  t.equal(cut('\x1b[33ma name\x1b[0m', 6), '\x1b[33ma name\x1b[0m');
});
