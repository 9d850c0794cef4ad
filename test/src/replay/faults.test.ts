import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import t from 'tap';
import { addReplayCommand } from '../../../src/cli/replay/replay.ts';
import { findFfmpeg } from '../../../streams/sources/index.ts';
import { encode } from '../../streams/sources/support/ffmpeg.ts';
import { sine, wav16, wavFloat } from '../../streams/sources/support/signals.ts';
import { formulaGallery, grid } from '../../support/formula-gallery.ts';
import { emptyFolder } from '../../support/folder.ts';
import { formulaRecipe } from '../../support/recipes.ts';
import { called } from '../cli/called.ts';

const run = promisify(execFile);
const RATE = 22_050;

const folder = emptyFolder(t);
const gallery = join(folder, 'gallery');
await formulaGallery(gallery, grid(3));
const at = (name: string) => join(folder, name);
const out = at('out.jsonl');
const report = at('report.html');
const video = at('show.mp4');

const tone = (name: string, seconds: number, channels = 1, hz = 440): string => {
  const wave = sine(hz, RATE);
  writeFileSync(
    at(name),
    wav16(RATE, channels, seconds * RATE, (n) => Math.round(20_000 * wave(n))),
  );
  return at(name);
};

interface Line {
  readonly kind: string;
  readonly time: number;
  readonly file?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly complete?: boolean;
  readonly files?: string[];
}

async function replayed(...args: string[]) {
  for (const path of [out, report, video]) rmSync(path, { force: true });
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addReplayCommand(program, () => Promise.resolve(formulaRecipe()));
  const outcome = await called(['replay', ...args, '--gallery', gallery, '--out', out], program);
  const text = (() => {
    try {
      return readFileSync(out, 'utf8').trim();
    } catch {
      return '';
    }
  })();
  const lines = text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Line);
  return { ...outcome, lines, end: lines.at(-1) };
}

/** When the sound of a file begins, in seconds, and how long it is with the silence before it. */
async function soundOf(path: string): Promise<{ beginsSeconds: number; seconds: number }> {
  const ffmpeg = await findFfmpeg();
  const args = ['-v', 'error', '-i', path, '-map', '0:a:0', '-ac', '1', '-ar', `${RATE}`, '-f', 'f32le', '-'];
  const { stdout } = await run(ffmpeg, args, { encoding: 'buffer', maxBuffer: 1e9 });
  const samples = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
  return {
    beginsSeconds: samples.findIndex((x) => Math.abs(x) > 0.05) / RATE,
    seconds: samples.length / RATE,
  };
}

t.test('sound that starts late is late in the timeline and in the video', async (t) => {
  const film = at('late.mp4');
  const pictures = ['-f', 'lavfi', '-i', 'testsrc=d=8:s=64x64:r=25'];
  await encode(
    ...pictures,
    '-itsoffset',
    '3',
    '-i',
    tone('five.wav', 5),
    '-map',
    '0:v',
    '-map',
    '1:a',
    '-c:a',
    'aac',
    film,
  );
  const { lines, end, code } = await replayed(
    tone('four.wav', 4),
    film,
    '--video',
    video,
    '--video-size',
    '64x64',
  );
  t.equal(code, 0);
  t.ok(Math.abs(end!.time - 12) < 0.1, `${end!.time} s`);
  t.equal(end!.complete, true);
  // Its first clip with sound ends no earlier than a second after it begins, for the first clips are short.
  const moods = lines.filter(({ kind, time }) => kind === 'mood' && time > 4.1);
  t.ok(moods.length > 0);
  rmSync(film);
  const alone = await soundOf(video);
  t.ok(Math.abs(alone.seconds - end!.time) < 0.1, `${alone.seconds} s in the video`);

  await encode(
    ...pictures,
    '-itsoffset',
    '3',
    '-i',
    at('five.wav'),
    '-map',
    '0:v',
    '-map',
    '1:a',
    '-c:a',
    'aac',
    film,
  );
  await replayed(film, '--video', video, '--video-size', '64x64');
  const { beginsSeconds, seconds } = await soundOf(video);
  t.ok(Math.abs(beginsSeconds - 3) < 0.06, `heard from ${beginsSeconds} s on`);
  t.ok(Math.abs(seconds - 8) < 0.1, `${seconds} s`);
});

t.test('a file of any number of channels becomes a video', async (t) => {
  for (const channels of [1, 3, 6, 24]) {
    const { code, stderr } = await replayed(
      tone(`c${channels}.wav`, 3, channels),
      '--video',
      video,
      '--video-size',
      '64x64',
    );
    t.equal(code, 0, `${channels} channels: ${stderr}`);
    const { beginsSeconds, seconds } = await soundOf(video);
    t.ok(beginsSeconds < 0.05 && Math.abs(seconds - 3) < 0.1, `${beginsSeconds}, ${seconds}`);
  }
});

t.test('a file that fails is reported, left out and marked, and the others are played', async (t) => {
  const good = tone('good.wav', 3);
  const bad = at('bad.wav');
  const wave = sine(440, RATE);
  writeFileSync(
    bad,
    wavFloat(RATE, 1, 4 * RATE, (n) => (n > 2 * RATE ? NaN : wave(n))),
  );
  const text = at('text.mp3');
  writeFileSync(text, 'no music\n'.repeat(100));

  const mixed = await replayed(
    good,
    bad,
    text,
    at('nowhere.ogg'),
    good,
    '--report',
    report,
    '--video',
    video,
    '--video-size',
    '64x64',
  );
  t.equal(mixed.code, 0);
  t.match(mixed.stderr, /bad\.wav holds a sample that is .*; left out from [12]\.\d s on/);
  t.match(mixed.stderr, /text\.mp3 is text.*; left out\n/);
  t.match(mixed.stderr, /nowhere\.ogg does not exist; left out\n/);
  t.match(mixed.stderr, /3 of 5 files are left out or end early/);
  t.match(
    mixed.lines.filter(({ kind }) => kind === 'left-out'),
    [
      { file: bad, code: 'BAD_SAMPLES', reason: /bad\.wav/ },
      { file: text, code: 'NO_AUDIO' },
      { file: at('nowhere.ogg'), code: 'FILE_NOT_FOUND' },
    ],
  );
  const times = mixed.lines.slice(1).map(({ time }) => time);
  t.same(
    times,
    times.toSorted((a, b) => a - b),
    'in the order of time',
  );
  t.equal(mixed.end!.complete, false);
  t.ok(mixed.end!.time > 7 && mixed.end!.time <= 8, `${mixed.end!.time} s`);
  t.match(readFileSync(report, 'utf8'), /<dt>left out<\/dt><dd>from 0:0[45] on: .*bad\.wav/);
  const { seconds } = await soundOf(video);
  t.ok(Math.abs(seconds - mixed.end!.time) < 0.1, `the video is as long as the timeline: ${seconds} s`);

  const early = await replayed(good, text, '--strict');
  t.equal(early.code, 1);
  t.match(early.stderr, /text\.mp3 is text/);
  t.same(early.lines, [], 'before the work');
  const strict = await replayed(good, bad, '--strict', '--video', video);
  t.equal(strict.code, 1);
  t.match(strict.stderr, /bad\.wav holds a sample/);
  t.match(strict.stderr, /show\.mp4 was not written/);
  t.equal(strict.end!.complete, false);
  t.ok(
    strict.lines.some(({ kind }) => kind === 'mood'),
    'what was heard so far is kept',
  );

  const alone = await replayed(bad);
  t.equal(alone.code, 1, 'nothing was heard to its end');
  t.ok(alone.lines.some(({ kind }) => kind === 'mood'));
  const none = await replayed(text, at('nowhere.ogg'));
  t.equal(none.code, 1);
  t.match(none.stderr, /there is nothing to play in/);
});

t.test('a folder plays its files', async (t) => {
  const songs = at('songs');
  for (const name of ['songs', 'songs/live', 'songs/@eaDir']) mkdirSync(at(name), { recursive: true });
  for (const name of ['10.wav', '2.wav', 'live/1.wav', '@eaDir/2.wav']) tone(join('songs', name), 2);
  writeFileSync(join(songs, 'moods.csv'), 'file,valence,arousal\n2.wav,0.1,0.9\n');
  writeFileSync(join(songs, 'notes.txt'), 'the order is final\n');
  await encode('-f', 'lavfi', '-i', 'color=red:s=16x16', '-frames:v', '1', join(songs, 'cover.jpg'));
  writeFileSync(join(songs, 'torn.mp3'), Buffer.alloc(3000, 7));
  const { lines, stderr, code } = await replayed(songs);
  t.equal(code, 0);
  t.same(
    lines[0]!.files,
    ['2.wav', '10.wav', 'live/1.wav', 'torn.mp3'].map((name) => join(songs, name)),
  );
  t.match(stderr, /2 files without sound passed over/);
  t.match(stderr, /torn\.mp3 .*; left out\n/);
  t.match(stderr, /1 of 4 files have moods by hand/);
  mkdirSync(at('empty'));
  t.match(await replayed(at('empty')), { code: 1, stderr: /there is nothing to play in .*empty/ });
});

t.test('a picture that is gone does not end the video', async (t) => {
  const renditions = readdirSync(gallery, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && /rendition/i.test(join(entry.parentPath, entry.name)),
  );
  t.ok(renditions.length > 0);
  for (const { parentPath, name } of renditions) rmSync(join(parentPath, name));
  const { stderr, code } = await replayed(tone('short.wav', 2), '--video', video, '--video-size', '64x64');
  t.equal(code, 0, stderr);
  t.match(stderr, /can't be read .*: the picture before it stays in the video/);
  t.ok(Math.abs((await soundOf(video)).seconds - 2) < 0.1);
});
