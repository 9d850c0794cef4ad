import { chmodSync, copyFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { bundledFfmpeg, findFfmpeg, findOnPath, makeExecutable } from '../../../streams/sources/programs.ts';

const folder = t.testdir({ empty: {}, cache: {}, stripped: {} });
const script = (path: string, text: string) => {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
};
const unixOnly = process.platform === 'win32' ? { skip: 'stand-ins are shell scripts' } : {};

t.test(
  'the named ffmpeg is the one, and a wrong name is an error that says what is wrong',
  unixOnly,
  async (t) => {
    const bundled = await bundledFfmpeg();
    t.ok(bundled);
    t.equal(await findFfmpeg({ SYNESTHETE_FFMPEG: bundled, PATH: '' }), bundled);
    const other = script(join(folder, 'other'), 'echo no ffmpeg');
    const failing = script(join(folder, 'failing'), 'exit 3');
    const stripped = script(join(folder, 'stripped', 'ffmpeg'), 'echo ffmpeg version 9 --disable-everything');
    const cases: [string, RegExp][] = [
      [join(folder, 'nowhere'), /SYNESTHETE_FFMPEG names .*nowhere, which does not exist/],
      [other, /is not ffmpeg/],
      [failing, /does not run/],
      [folder, /does not run/],
      [stripped, /without the soxr resampler/],
    ];
    for (const [name, message] of cases) {
      await t.rejects(findFfmpeg({ SYNESTHETE_FFMPEG: name }), { code: 'PROGRAM_MISSING', message });
    }
  },
);

t.test('the PATH is preferred, unless its ffmpeg lacks the resampler', unixOnly, async (t) => {
  const good = t.testdir({});
  script(join(good, 'ffmpeg'), 'echo ffmpeg version 9 --enable-libsoxr');
  const path = [join(folder, 'empty'), good].join(':');
  t.equal(await findFfmpeg({ PATH: path }), join(good, 'ffmpeg'));
  t.equal(await findFfmpeg({ PATH: join(folder, 'stripped') }), await bundledFfmpeg());
  t.equal(await findFfmpeg({ PATH: '' }), await bundledFfmpeg());
});

t.test('programs are found where they can be run, not where they only lie', unixOnly, async (t) => {
  const path = t.testdir({ one: { tool: 'text' }, two: { tool: { 'a-folder': '' } }, three: {} });
  script(join(path, 'three', 'tool'), 'true');
  const folders = ['one', 'two', 'three'].map((name) => join(path, name)).join(':');
  t.equal(await findOnPath('tool', folders), join(path, 'three', 'tool'));
  t.equal(await findOnPath('no-such-tool', folders), undefined);
});

t.test('a binary whose executable bit was not set at install gets it', unixOnly, async (t) => {
  const binary = join(folder, 'binary');
  writeFileSync(binary, '#!/bin/sh\n');
  chmodSync(binary, 0o644);
  t.equal(await makeExecutable(binary, '1', join(folder, 'cache')), binary);
  t.ok(statSync(binary).mode & 0o100);
  t.equal(await makeExecutable(join(folder, 'nowhere'), '1', join(folder, 'cache')), undefined);
});

const procfs = process.platform === 'linux' ? {} : { skip: 'needs procfs' };
t.test('and one that belongs to somebody else is copied', procfs, async (t) => {
  // The stand-in for a file that may not be changed: procfs refuses chmod even to root.
  const foreign = '/proc/self/comm';
  const copy = await makeExecutable(foreign, '2', join(folder, 'cache'));
  t.equal(copy, join(folder, 'cache', 'ffmpeg-2'));
  t.ok(statSync(copy!).mode & 0o100);
  copyFileSync(script(join(folder, 'marker'), 'true'), copy!);
  t.equal(await makeExecutable(foreign, '2', join(folder, 'cache')), copy, 'once');
});
