import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { keptToken } from '../../../../src/cli/live/control-token.ts';

t.test('the token of a show outlives a restart, for the eyes of its owner', async (t) => {
  const folder = t.testdir({});
  const stateFile = join(folder, 'show.json');
  const file = join(folder, 'show.token');
  const warnings: string[] = [];
  const start = async () => {
    const kept = await keptToken(stateFile, (line) => warnings.push(line));
    t.equal(kept.file, file);
    return kept.token;
  };
  const first = await start();
  t.match(first, /^[\w-]{24}$/);
  t.equal(await start(), first);
  t.equal(readFileSync(file, 'utf8'), `${first}\n`);
  if (process.platform !== 'win32') t.equal(statSync(file).mode & 0o777, 0o600);
  const other = await keptToken(join(folder, 'other.json'), t.fail.bind(t));
  t.not(other.token, first, 'each show has its own');

  writeFileSync(file, 'abc');
  const second = await start();
  t.match(second, /^[\w-]{24}$/, 'what is no token is replaced');
  t.not(second, first);
  t.strictSame(warnings, []);
});

t.test('where it can not be kept the show begins all the same, and says so', async (t) => {
  const warnings: string[] = [];
  const { token, file } = await keptToken(join(t.testdir({}), 'gone', 'show.json'), (line) =>
    warnings.push(line),
  );
  t.match(token, /^[\w-]{24}$/);
  t.equal(file, undefined);
  t.match(warnings, [/need the new link.*show\.token can't be written/]);
});
