import { readFile } from 'node:fs/promises';
import t from 'tap';
import { ERROR_CODES, SynestheteError, type ErrorCode } from '../../models/errors.ts';

t.test('the README lists every code with its meaning', async (t) => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  for (const [code, meaning] of Object.entries(ERROR_CODES)) t.match(readme, `| \`${code}\` | ${meaning} |`);
});

t.test('a misuse exits with 2, every failure with 1', async (t) => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    t.equal(new SynestheteError(code, 'x').exitCode, code === 'USAGE' ? 2 : 1);
  }
});
