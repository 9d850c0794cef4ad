import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { emptyFolder } from '../../../support/folder.ts';
import { synesthete } from '../run.ts';

const folder = emptyFolder(t);

/** What `live` has printed when it serves, to what is no terminal. */
async function printed(name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout, stderr } = await synesthete(
    ['live', '--demo', '--engine', 'cpu', '--host', '0.0.0.0', '--port', '0', '--state', join(folder, name)],
    {
      env,
      onOutput: (text, kill) => {
        if (text.includes('\n')) kill('SIGINT');
      },
    },
  );
  return stdout.toString() + stderr;
}

t.test('a log says where the token is, not the token', async (t) => {
  const kept = await printed('kept.json', {});
  const file = join(folder, 'kept.token');
  t.ok(kept.includes(`(the control token is in ${file})`));
  t.notOk(kept.includes(readFileSync(file, 'utf8').trim()));

  const given = await printed('given.json', { SYNESTHETE_TOKEN: 'a token of my own' });
  t.match(given, /\(the control token is the one that was given\)/);
  t.notMatch(given, /my own|token=/);
  const { code, stderr } = await synesthete(['live', '--demo'], { env: { SYNESTHETE_TOKEN: 'short' } });
  t.equal(code, 2, 'so the variable is read');
  t.match(stderr, /too short/);
});
