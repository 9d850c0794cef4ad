import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { indexGallery } from '../../../models/gallery/index.ts';
import { defaultIndexFolder, layoutOf } from '../../../models/gallery/layout.ts';
import { indexProgram } from '../../models/gallery/support/index-program.ts';
import { put, putMany, waves } from '../../models/gallery/support/pictures.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { called } from './called.ts';

const PROGRAM = fileURLToPath(new URL('../../models/gallery/support/index-process.ts', import.meta.url));

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM, ...args], {
    env: { ...process.env, NODE_V8_COVERAGE: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const outcome = Promise.all([closed, text(child.stdout), text(child.stderr)]).then(
    ([[code, signal], stdout, stderr]) => ({ code, signal, stdout, stderr }),
  );
  return { child, outcome };
}

async function run(...args: string[]) {
  const outcome = await called(['index', ...args], indexProgram());
  return { ...outcome, stdout: outcome.stdout.toString() };
}

t.test('what was done is reported, with banks, copies and broken files', async (t) => {
  const gallery = t.testdir({});
  await putMany(gallery, 5);
  await put(gallery, 'copy.png', await readFile(join(gallery, '000.png')));
  await put(gallery, 'bad\nname.jpg', Buffer.from('no picture'));
  await put(gallery, 'notes.txt', Buffer.from('a text'));
  await put(gallery, 'empty.jpg', Buffer.alloc(0));
  const { code, stdout, stderr } = await run(gallery);
  t.match({ code, stderr }, { code: 0, stderr: '' });
  t.match(stdout, /^formula of [^\n]* on formula \(in tests only\)\n[^\n]*: 6 pictures \(6 new, 0 gone\)\n/);
  t.match(stdout, /\nbanks: sea\n1 exact copy: the show uses one of each at a time\n/);
  t.match(stdout, /\n1 other file skipped\n2 could not be read:\n/);
  t.match(stdout, /\n {2}bad name\.jpg: is no picture/, 'one line, whatever the name');
  t.match(stdout, /\n {2}empty\.jpg: is empty: copy it here again, or leave it out\n/);
  const again = await run(gallery, '--json');
  t.match(JSON.parse(again.stdout), {
    engine: 'formula (in tests only)',
    pictures: 6,
    hasChanged: false,
    banks: ['sea'],
    broken: [{ file: 'bad\nname.jpg' }, { file: 'empty.jpg' }],
  });
});

t.test('moods by hand are counted, and those that don’t count told with their lines', async (t) => {
  const gallery = t.testdir({});
  await putMany(gallery, 3);
  const lines = ['file,valence,arousal', '000.png,0.5,0.5', 'sea/002.png,,1', 'none.png,0,0', '001.png,7,0'];
  await writeFile(join(gallery, 'moods.csv'), lines.join('\n'));
  const { code, stdout } = await run(gallery);
  t.equal(code, 0);
  t.match(stdout, /\n2 moods by hand\nthese moods by hand do not count:\n {2}moods\.csv, line 4: there is/);
  t.match(stdout, /\n {2}moods\.csv, line 5: valence is "7": write a number from 0 to 1/);
  t.notMatch(stdout, /skipped/);
  t.match(JSON.parse((await run(gallery, '--json')).stdout), { byHand: 2, moodFaults: { length: 2 } });
});

t.test('an empty gallery gets a hint what to do; one that is not there fails in one line', async (t) => {
  const gallery = t.testdir({});
  const empty = await run(gallery);
  t.equal(empty.code, 0);
  t.match(empty.stdout, /there is nothing to show: put pictures there/);
  const none = await run(join(gallery, 'none'));
  t.match(none, { code: 1, stdout: '', stderr: /^synesthete: there is no gallery [^\n]+\n$/ });
});

t.test('killed at any moment, a run is taken up and ends as one that was not', async (t) => {
  const gallery = t.testdir({});
  const count = 40;
  await putMany(gallery, count);
  const { index, journal } = layoutOf(defaultIndexFolder(gallery), formulaModel());
  const fresh = join(gallery, '.fresh');
  await indexGallery(gallery, formulaModel(), { indexFolder: fresh });
  const expected = await readFile(layoutOf(fresh, formulaModel()).index);
  let kills = 0;
  // Each time it is killed when the journal has grown by a few pictures, until it gets to the end.
  for (let grownBy = 3000; ; grownBy += 20_000) {
    const { child, outcome } = start([gallery]);
    const begin = (await stat(journal).catch(() => undefined))?.size ?? 0;
    const looking = setInterval(() => {
      stat(journal).then(
        ({ size }) => {
          if (size > begin + grownBy) child.kill('SIGKILL');
        },
        () => undefined,
      );
    }, 3);
    const { signal, code } = await outcome;
    clearInterval(looking);
    if (signal === 'SIGKILL') {
      kills++;
      continue;
    }
    t.equal(code, 0);
    break;
  }
  t.ok(kills > 0, `killed ${kills} times`);
  t.same(await readFile(index), expected);
});

t.test('Ctrl-C ends a run in one line, and what was done is kept', async (t) => {
  const gallery = t.testdir({});
  await putMany(gallery, 30);
  const { journal } = layoutOf(defaultIndexFolder(gallery), formulaModel());
  const { child, outcome } = start([gallery]);
  // A second Ctrl-C would end it at once, without a word.
  let isInterrupted = false;
  const looking = setInterval(() => {
    stat(journal).then(
      ({ size }) => {
        if (size > 5000 && !isInterrupted) isInterrupted = child.kill('SIGINT');
      },
      () => undefined,
    );
  }, 3);
  const { code, stderr } = await outcome;
  clearInterval(looking);
  t.match(
    { code, stderr },
    { code: 130, stderr: /^synesthete: interrupted; finished work is kept[^\n]*\n$/ },
  );
  const { stdout } = await run(gallery, '--json');
  const { pictures, read } = JSON.parse(stdout) as { pictures: number; read: number };
  t.equal(pictures, 30);
  t.ok(read < 30, `${read} were left`);
});

t.test('--watch goes on until it is interrupted', async (t) => {
  const gallery = t.testdir({});
  await putMany(gallery, 2);
  const { child, outcome } = start([gallery, '--watch', '--json']);
  let lines = 0;
  child.stdout.on('data', () => {
    lines++;
    if (lines === 1) void rm(join(gallery, '000.png'));
    else child.kill('SIGINT');
  });
  const { code, stdout } = await outcome;
  t.equal(code, 130);
  t.match(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
    [{ pictures: 2 }, { pictures: 1, forgotten: 1 }],
  );
});

t.test('--help tells of it', async (t) => {
  const { code, stdout } = await called(['index', '--help']);
  t.equal(code, 0);
  t.match(stdout.toString(), /--watch[\s\S]*--json[\s\S]*--model/);
});

t.test('pictures that are marked are named, and can be allowed', async (t) => {
  const gallery = t.testdir({});
  await put(gallery, 'sea/green.png', waves({ colour: [20, 220, 20], contrast: 10 }));
  await put(gallery, 'red.png', waves({ colour: [200, 20, 20], contrast: 10 }));
  const { stdout } = await run(gallery);
  t.match(
    stdout,
    /\n1 marked as unsafe, not shown; --allow FILE… allows those that may be:\n {2}sea\/green\.png \(0\.8\d\)\n/,
  );
  t.match((await run(gallery, '--unsafe-threshold', '0.95')).stdout, /^(?![^]*unsafe)/);
  const allowed = await run(gallery, '--allow', 'sea/green.png', '--json');
  t.match(JSON.parse(allowed.stdout), { unsafe: 0, marked: [], allowed: ['sea/green.png'] });
  t.match((await run(gallery)).stdout, /\n1 looks unsafe and is allowed: sea\/green\.png\n/);
  const misuse = await run(gallery, '--watch', '--allow', 'sea/green.png');
  t.match(misuse, {
    code: 2,
    stderr: /^synesthete: --allow, --forbid, --hide and --unhide do not go with --watch/,
  });
  const beyond = await called(['index', gallery, '--unsafe-threshold', '2']);
  t.equal(beyond.code, 2);
  t.match(beyond.stderr, /must be a number from 0 to 1/);
});

t.test('renditions for screens are made at once where they are asked for, and only once', async (t) => {
  const gallery = t.testdir({});
  await put(gallery, 'large.png', waves({ width: 2600, height: 400 }));
  await put(gallery, 'small.png', waves({ width: 320, height: 180, seed: 7 }));
  // What is kept out gets none.
  const asked = ['--renditions', '1920x1080', '1080x1920-pan', '--unsafe-threshold', '0.9'];
  const first = await run(gallery, ...asked);
  t.match(first, { code: 0, stderr: '' });
  t.match(first.stdout, /\n3 renditions made for screens\n/);
  const names = await readdir(join(defaultIndexFolder(gallery), 'screens'), { recursive: true });
  t.strictSame(names.flatMap((name) => /-(\d+x\d+-\w+)\.jpg$/.exec(name)?.[1] ?? []).sort(), [
    '1080x1920-pan',
    '1080x1920-pan',
    '1920x1080-cover',
  ]);
  t.match(JSON.parse((await run(gallery, ...asked, '--json')).stdout), { rendered: 0, hasChanged: false });
  t.match(JSON.parse((await run(gallery, ...asked, '--again', '--json')).stdout), { rendered: 3 });
  t.match(await called(['index', gallery, '--renditions', '3841x2160']), {
    code: 2,
    stderr: /Choose 1920x1080, /,
  });
  t.match(await called(['index', gallery, '--renditions', '1920x1080-stretch']), {
    code: 2,
    stderr: /Choose cover, contain, pan/,
  });
});
