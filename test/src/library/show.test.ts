import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { WebSocket } from 'ws';
import { ShowClient } from '../../../src/client/index.ts';
import type * as Library from '../../../src/library/index.ts';
import { emptyFolder } from '../../support/folder.ts';
import { writeMusic } from '../../support/media.ts';

/* The built package, whose pictures have an index. */
const BUILT = new URL('../../../dist/src/library/index.js', import.meta.url);
const { startShow, SynestheteError } = (await import(BUILT.href)) as typeof Library;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Runs a program as a module. */
function runProgram(program: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, NODE_V8_COVERAGE: '' },
    timeout: 240_000,
  });
}

t.test('a show runs, can be followed and controlled, and closes all that it opened', async (t) => {
  const stateFile = join(emptyFolder(t), 'show.json');
  const show = await startShow({
    port: 0,
    engine: 'cpu',
    threads: 1,
    stateFile,
    settings: { crossfadeSeconds: 0 },
  });
  t.teardown(() => show.close());
  t.match(show.address, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  t.equal(show.link, show.address);
  t.equal(show.token, undefined);
  for (const page of ['', 'display']) {
    t.match(await (await fetch(`${show.address}${page}`)).text(), /<html/, `/${page} is served`);
  }
  const state = await new Promise<Library.ShowState>((resolve) => {
    const end = show.onState((state) => {
      if (state.mood.confidence === 0) return;
      end();
      resolve(state);
    });
  });
  t.match(state.show, { state: 'live' });
  t.equal(show.state!.screens.length, 8);

  const client = new ShowClient(show.address, { WebSocket });
  await until(() => client.newest !== null);
  t.equal(show.clients, 1);
  await show.control({ control: 'blackout', on: true, fadeSeconds: 0 });
  await until(() => client.newest?.show.state === 'blackout');
  await t.rejects(show.control({ control: 'pin', image: 'none' }), { code: 'USAGE' });
  await t.rejects(show.control({ control: 'dance' } as never), { code: 'USAGE', message: /^control/ });
  client.close();

  await show.close();
  await show.ended;
  await show.close();
  t.match(JSON.parse(await readFile(stateFile, 'utf8')), { show: { blackout: true } });
  await t.rejects(fetch(show.address));
});

t.test('what keeps a show from starting is reported before anything runs', async (t) => {
  const { code } = (await startShow({ port: 0, settings: { sensitivity: 2 } }).catch(
    (error: unknown) => error,
  )) as Library.SynestheteError;
  t.equal(code, 'USAGE');
  await t.rejects(startShow({ port: 0, settings: { minimumDwellSeconds: 30 } }), {
    code: 'USAGE',
    message: /at least 30 s and at most 24 s/,
  });
  await t.rejects(startShow({ port: 0, token: 'short' }), SynestheteError);
  await t.rejects(startShow({ port: 0, sound: { file: '/nowhere/song.ogg' }, engine: 'cpu' }), {
    code: 'FILE_NOT_FOUND',
  });
  await t.rejects(startShow({ port: 0, gallery: t.testdir({}), engine: 'cpu' }), { code: 'NO_INDEX' });
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { port } = taken.address() as { port: number };
  await t.rejects(startShow({ port }), { code: 'CANNOT_LISTEN' });
});

t.test('a sound file is played, and a program ends by itself after its show', async (t) => {
  const song = join(emptyFolder(t), 'song.wav');
  await writeMusic(song, 3);
  const program = `
    import { startShow } from ${JSON.stringify(BUILT.href)};
    const show = await startShow({ port: 0, engine: 'cpu', threads: 1, sound: { file: ${JSON.stringify(song)} } });
    await new Promise((resolve) => show.onState(({ mood }) => mood.confidence > 0 && resolve()));
    await show.close();
  `;
  const { stdout, stderr } = await runProgram(program);
  t.strictSame([stdout, stderr], ['', ''], 'in silence');
});

t.test('a show that fails unwatched does not end the program, which can still ask why', async (t) => {
  const song = join(emptyFolder(t), 'song.wav');
  // Found, and no text: only its decoder notices that it holds no sound.
  await writeFile(song, Buffer.alloc(4096, 0xa5));
  const program = `
    import { setTimeout } from 'node:timers/promises';
    import { inspect } from 'node:util';
    import { startShow } from ${JSON.stringify(BUILT.href)};
    const show = await startShow({ port: 0, engine: 'cpu', threads: 1, sound: { file: ${JSON.stringify(song)} } });
    while (!inspect(show.ended).includes('rejected')) await setTimeout(10);
    await setTimeout(10);
    const { status } = await fetch(show.address);
    const { code } = await show.ended.catch((error) => error);
    console.log(status, code);
    await show.close();
  `;
  const { stdout, stderr } = await runProgram(program);
  t.strictSame([stdout, stderr], ['200 NO_AUDIO\n', ''], 'its server goes on until it is closed');
});

t.test('nothing of the command line is loaded', async (t) => {
  const root = fileURLToPath(new URL('../../../dist/', import.meta.url));
  const seen = new Set<string>();
  const packages = new Set<string>();
  const walk = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const code = await readFile(path, 'utf8');
    for (const [, from = ''] of code.matchAll(/(?:from|import\()\s*["']([^"']+)["']/g)) {
      if (from.startsWith('.')) await walk(join(dirname(path), from));
      else packages.add(from);
    }
  };
  await walk(fileURLToPath(BUILT));
  const files = [...seen].map((path) => relative(root, path));
  t.ok(files.includes(join('models', 'families', 'open.js')), 'it is the whole library that is looked at');
  t.strictSame(
    files.filter((file) => file.startsWith(join('src', 'cli'))),
    [],
  );
  for (const name of ['commander', 'cli-progress']) t.notOk(packages.has(name), name);
});
