import { readFile } from 'node:fs/promises';
import t from 'tap';
import { ERROR_CODES, SynestheteError, type ErrorCode } from '../../models/errors.ts';

t.test('docs/errors.md lists every code with its meaning', async (t) => {
  const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  for (const [code, meaning] of Object.entries(ERROR_CODES)) {
    t.ok(
      rows.some((cells) => cells[1] === `\`${code}\`` && cells[2] === meaning),
      code,
    );
  }
});

t.test('a misuse exits with 2, every failure with 1', async (t) => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    t.equal(new SynestheteError(code, 'x').exitCode, code === 'USAGE' ? 2 : 1);
  }
});
