import { execFile, spawn } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { CLIP_SAMPLES, createFeatureExtractor, readNpy } from '../../../models/features/index.ts';
import { encode } from '../../streams/sources/support/ffmpeg.ts';
import { wav16 } from '../../streams/sources/support/signals.ts';
import { called } from './called.ts';
import { MAIN, synesthete } from './run.ts';

/** A chord that swells and never repeats exactly, as 16-bit integers. */
function chord(rateHz: number) {
  return (n: number) => {
    const time = n / rateHz;
    const tones = [220, 277.2, 329.6].map((frequencyHz, i) =>
      Math.sin(2 * Math.PI * frequencyHz * time * (1 + i / 1e4)),
    );
    return Math.round(6000 * (0.5 + 0.1 * time) * tones.reduce((sum, tone) => sum + tone));
  };
}

function chordFile(t: Test, { rateHz = 22_050, channels = 1, seconds = 3, name = 'chord.wav' } = {}) {
  const path = join(t.testdir({}), name);
  writeFileSync(path, wav16(rateHz, channels, seconds * rateHz, chord(rateHz)));
  return path;
}

/** What every failure must look like: one line that names what it is about, and nothing on standard output. */
function oneLine(
  t: Test,
  outcome: { code: number | null; stderr: string; stdout: Buffer },
  code: number,
  says: RegExp,
) {
  t.equal(outcome.code, code, `exit code ${code}`);
  t.match(outcome.stderr, says);
  t.match(outcome.stderr, /^synesthete: [^\n]+\n$/, 'one line');
  t.equal(outcome.stdout.length, 0);
}

t.test('--out writes the matrix of the clip that starts at --start, exact to the sample', async (t) => {
  const path = chordFile(t);
  const out = join(t.testdirName, 'm.npy');
  const { code, stdout, stderr } = await called(['features', path, '--start', '0.7', '--out', out]);
  t.match({ code, stderr, printed: stdout.toString() }, { code: 0, stderr: '', printed: '' });

  const samples = new Float32Array(CLIP_SAMPLES).map((_, i) => chord(22_050)(i + 15_435) / 32_768);
  const expected = (await createFeatureExtractor()).extract(samples);
  const matrix = await readNpy(out);
  t.match(matrix, { rows: 193, columns: 87 });
  t.same(matrix.values, expected);
});

t.test('what a file lacks at its end is silence, and is reported', async (t) => {
  const path = chordFile(t, { seconds: 1 });
  const { code, stdout, stderr } = await called(['features', path, '--json']);
  t.equal(code, 0);
  t.match(stderr, /chord\.wav has only 1\.000 s from 0 s on; the rest of the clip is silence/);
  t.match(JSON.parse(stdout.toString()), { soundSeconds: 1, shape: [193, 87] });
});

t.test('--json gives the groups, and the matrix unless it is written', async (t) => {
  const path = chordFile(t);
  const whole = JSON.parse((await called(['features', path, '--json'])).stdout.toString()) as {
    matrix: number[][];
    groups: { name: string; min: number; max: number; mean: number }[];
  };
  t.equal(whole.matrix.length, 193);
  t.ok(whole.matrix.every((row) => row.length === 87));
  t.strictSame(
    whole.groups.map(({ name }) => name),
    ['mfcc', 'chroma', 'mel', 'contrast', 'tonnetz'],
  );
  const out = join(t.testdirName, 'm.npy');
  const brief = JSON.parse(
    (await called(['features', path, '--json', '--out', out])).stdout.toString(),
  ) as object;
  t.match(brief, { out, start: 0 });
  t.notOk('matrix' in brief);
});

t.test('the terminal shows the groups by name, --png draws them', async (t) => {
  const path = chordFile(t);
  const png = join(t.testdirName, 'm.png');
  const shown = await called(['features', path]);
  for (const group of ['mfcc', 'chroma', 'mel', 'contrast', 'tonnetz'])
    t.match(shown.stdout.toString(), group);
  t.notMatch(shown.stdout.toString(), '\x1b', 'no escape codes where no terminal is');
  t.equal((await called(['features', path, '--png', png])).code, 0);
  const { format, width, height } = await sharp(png).metadata();
  t.equal(format, 'png');
  t.ok(width > 800 && height > 800);
});

t.test('8 kHz, 192 kHz and 6 channels are heard as well', async (t) => {
  for (const [rateHz, channels] of [
    [8000, 1],
    [192_000, 2],
    [48_000, 6],
  ] as const) {
    const path = chordFile(t, { rateHz, channels, name: `${rateHz}-${channels}.wav` });
    const { code, stdout } = await called(['features', path, '--json']);
    t.equal(code, 0);
    const { groups } = JSON.parse(stdout.toString()) as { groups: { name: string; max: number }[] };
    t.ok(groups.find(({ name }) => name === 'mel')!.max > 1, `${rateHz} Hz, ${channels} channels`);
  }
});

t.test('bad input is one clear line and leaves nothing behind', async (t) => {
  const dir = t.testdir({ 'empty.wav': '', 'text.mp3': 'This is no music.\n'.repeat(200), folder: {} });
  const good = join(dir, 'good.wav');
  writeFileSync(good, wav16(22_050, 1, 3 * 22_050, chord(22_050)));
  const out = join(dir, 'm.npy');
  const run = (...args: string[]) => called(['features', ...args, '--out', out]);

  oneLine(t, await run(join(dir, 'none.wav')), 1, /none\.wav does not exist/);
  oneLine(t, await run(join(dir, 'folder')), 1, /folder is a folder/);
  oneLine(t, await run(join(dir, 'empty.wav')), 1, /empty\.wav is empty/);
  oneLine(t, await run(join(dir, 'text.mp3')), 1, /text\.mp3 is text: neither a picture nor sound/);
  oneLine(t, await run(good, '--start', '7'), 1, /good\.wav is 3\.00 s long/);
  await encode(
    '-f',
    'lavfi',
    '-i',
    'testsrc=duration=1:size=64x64:rate=5',
    '-pix_fmt',
    'yuv420p',
    join(dir, 'mute.mp4'),
  );
  oneLine(t, await run(join(dir, 'mute.mp4')), 1, /mute\.mp4 has no sound/);
  t.notOk(existsSync(out));

  oneLine(
    t,
    await called(['features', good, '--out', join(dir, 'nowhere', 'm.npy')]),
    1,
    /folder does not exist/,
  );
  oneLine(t, await called(['features', good, '--out', join(dir, 'folder')]), 1, /it is a folder/);
  t.strictSame(readdirSync(dir).toSorted(), ['empty.wav', 'folder', 'good.wav', 'mute.mp4', 'text.mp3']);
  const env = { SYNESTHETE_FFMPEG: join(dir, 'no-ffmpeg') };
  oneLine(t, await synesthete(['features', good], { env }), 1, /no-ffmpeg/);
});

t.test('a truncated mp3 is heard as far as it goes', async (t) => {
  const dir = t.testdir({});
  const whole = join(dir, 'whole.wav');
  writeFileSync(whole, wav16(22_050, 1, 6 * 22_050, chord(22_050)));
  await encode('-i', whole, join(dir, 'whole.mp3'));
  const bytes = readFileSync(join(dir, 'whole.mp3'));
  writeFileSync(join(dir, 'torn.mp3'), bytes.subarray(0, Math.floor(bytes.length * 0.6)));
  t.equal((await called(['features', join(dir, 'torn.mp3'), '--json'])).code, 0);
});

t.test('damage is reported: the clip may lack sound', async (t) => {
  const dir = t.testdir({});
  writeFileSync(join(dir, 'whole.wav'), wav16(22_050, 1, 6 * 22_050, chord(22_050)));
  await encode('-i', join(dir, 'whole.wav'), join(dir, 'whole.mp3'));
  const bytes = readFileSync(join(dir, 'whole.mp3'));
  // Noise by formula over the frames of the first second and a half.
  for (let i = 4000; i < 12_000; i++) bytes[i] = (i * i * 31 + (i >> 3)) & 255;
  writeFileSync(join(dir, 'damaged.mp3'), bytes);
  const { code, stderr, stdout } = await called(['features', join(dir, 'damaged.mp3'), '--json']);
  t.equal(code, 0);
  t.match(stderr, /^synesthete: .*damaged\.mp3 is damaged: [^\n]+\n$/);
  t.match(JSON.parse(stdout.toString()), { damage: /is damaged/ });
});

t.test('neither the sound itself nor what a link points from is replaced', async (t) => {
  const path = chordFile(t);
  const before = readFileSync(path);
  oneLine(t, await called(['features', path, '--out', path]), 2, /chord\.wav is the sound itself/);
  t.same(readFileSync(path), before);

  const target = join(t.testdirName, 'target.npy');
  const link = join(t.testdirName, 'link.npy');
  writeFileSync(target, 'old');
  symlinkSync(target, link);
  t.equal((await called(['features', path, '--out', link])).code, 0);
  t.ok(lstatSync(link).isSymbolicLink());
  t.match(await readNpy(target), { rows: 193, columns: 87 });
});

t.test(
  'a full standard output is one line',
  { skip: !existsSync('/dev/full') && 'no /dev/full' },
  async (t) => {
    const path = chordFile(t);
    const run = promisify(execFile)('bash', [
      '-c',
      '"$0" "$1" features "$2" --json > /dev/full',
      process.execPath,
      MAIN,
      path,
    ]);
    await t.rejects(run, {
      code: 1,
      stderr: "synesthete: standard output can't be written: the disk is full\n",
    });
  },
);

t.test('a name with a line break is reported on one line', async (t) => {
  oneLine(t, await called(['features', 'no\nsuch.wav']), 1, /no such\.wav does not exist/);
});

t.test('a misuse is reported with exit code 2', async (t) => {
  for (const args of [
    ['features'],
    ['features', 'a.wav', '--start', '-1'],
    ['features', 'a.wav', '--start', ''],
    ['fly'],
  ]) {
    const { code, stderr } = await called(args);
    t.equal(code, 2, args.join(' '));
    t.match(stderr, /^synesthete: [^\n]+\(--help tells how\)\n$/);
  }
  t.equal((await called(['features', '--help'])).code, 0);
});

t.test(
  'a reader that leaves early is no failure',
  { skip: process.platform === 'win32' && 'no sh' },
  async (t) => {
    const path = chordFile(t);
    const shell = promisify(execFile)('bash', [
      '-c',
      'set -o pipefail; "$0" "$1" features "$2" --json | head -c 1',
      process.execPath,
      MAIN,
      path,
    ]);
    const { stdout, stderr } = await shell;
    t.equal(stdout, '{');
    t.equal(stderr, '');
  },
);

t.test(
  'Ctrl-C ends it with one line, exit code 130 and no process left',
  { skip: process.platform === 'win32' && 'no fifo' },
  async (t) => {
    const dir = t.testdir({});
    const path = join(dir, 'long.wav');
    await encode('-f', 'lavfi', '-i', 'anoisesrc=d=3000:r=22050', path);
    const child = spawn(process.execPath, [MAIN, 'features', path, '--start', '2990'], {
      env: { ...process.env, NODE_V8_COVERAGE: '' },
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const decoder = await decoderOf(path);
    child.kill('SIGINT');
    const code = await new Promise((resolve) => {
      child.once('close', resolve);
    });
    t.equal(code, 130);
    t.equal(stderr, 'synesthete: interrupted\n');
    await gone(decoder);
    t.pass('the decoder has ended');
  },
);

/** Waits until a decoder is at work on a file, and gives its process number. */
async function decoderOf(path: string): Promise<number> {
  for (;;) {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,comm=,args=']);
    const line = stdout
      .split('\n')
      .find((candidate) => /^ *\d+ ffmpeg /.test(candidate) && candidate.includes(path));
    if (line !== undefined) return Number.parseInt(line, 10);
  }
}

/** Waits until a process is no more. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
