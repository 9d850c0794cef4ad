import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { lastValueFrom, tap } from 'rxjs';
import t from 'tap';
import { addReplayCommand } from '../../../src/cli/replay/replay.ts';
import { replay, Timeline, type ReplayMoment } from '../../../src/replay/index.ts';
import { folderGallery } from '../../../src/show/index.ts';
import { AnalysisPool } from '../../../streams/analysis/index.ts';
import { DEFAULT_PROGRAM_SETTINGS, initialState } from '../../../streams/program/index.ts';
import { chord, findFfmpeg, silence, syntheticSource } from '../../../streams/sources/index.ts';
import { failure } from '../../models/rejection.ts';
import { wav16 } from '../../streams/sources/support/signals.ts';
import { emptyFolder } from '../../support/folder.ts';
import { formulaGallery, grid } from '../../support/formula-gallery.ts';
import { formulaRecipe } from '../../support/recipes.ts';

const run = promisify(execFile);
const RATE = 22_050;
const C = 261.63;
const E = 329.63;
const G = 392;

/** Four passages of clear mood: to the formula model, C is glad and G is excited. */
const PASSAGES = [
  { name: 'glad and excited', hz: [C, G], valence: 1, arousal: 1 },
  { name: 'sad and calm', hz: [E], valence: 0, arousal: 0 },
  { name: 'glad and calm', hz: [C], valence: 1, arousal: 0 },
  { name: 'sad and excited', hz: [G], valence: 0, arousal: 1 },
] as const;
const PASSAGE_SECONDS = 16;

const music = PASSAGES.map(({ hz }) => chord(hz, 0.5));
const passages = (n: number) => music[Math.floor(n / (PASSAGE_SECONDS * RATE)) % music.length]!(n);

t.test('matching is felt: the mood of the pictures moves with that of the music', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(6));
  const pool = await AnalysisPool.start(2, { model: formulaRecipe() });
  t.teardown(() => pool.close());
  const gallery = await folderGallery({ folder, notice: t.comment.bind(t) }).open(pool.model!);
  pool.setPictures(gallery.pictures);
  const settings = { ...DEFAULT_PROGRAM_SETTINGS, screens: 1, noRepeat: 4 };

  const play = async () => {
    const facts = { files: ['passages'], hopSeconds: 0.5, fingerprint: 'f', pictures: 36, settings };
    const timeline = new Timeline(facts, gallery);
    const moments: ReplayMoment[] = [];
    const source = syntheticSource(passages, {
      lengthSamples: PASSAGES.length * PASSAGE_SECONDS * RATE,
      pace: 'consumed',
      ready: () => pool.ready(),
    });
    await lastValueFrom(
      replay({
        sources: [source],
        analysis: pool,
        initial: initialState(settings, gallery.catalogue),
        hopSamples: RATE / 2,
      }).pipe(
        tap((moment) => {
          timeline.push(moment);
          if (moment.level !== undefined) moments.push(moment);
        }),
      ),
    );
    return { timeline, moments };
  };

  const { timeline, moments } = await play();
  const { pictures, indexOf } = gallery.catalogue;
  for (const [i, passage] of PASSAGES.entries()) {
    // The mood is smoothed and a picture stays for its dwell: the second half of a passage is that passage's.
    const shown = moments
      .filter(({ step: { state } }) => {
        const since = state.atSeconds - i * PASSAGE_SECONDS;
        return since > PASSAGE_SECONDS / 2 && since <= PASSAGE_SECONDS;
      })
      .map(({ step }) => pictures[indexOf.get(step.state.screens[0]!.image!)!]!);
    for (const which of ['valence', 'arousal'] as const) {
      const mean = shown.reduce((sum, picture) => sum + picture[which], 0) / shown.length;
      t.ok(Math.abs(mean - passage[which]) < 0.4, `${passage.name}: mean ${which} ${mean.toFixed(2)}`);
    }
  }
  t.equal((await play()).timeline.text, timeline.text, 'played again, the same timeline, bit for bit');
  t.ok(timeline.shown.length > 4);
});

t.test('the command: timeline, report and video of a file', async (t) => {
  const dir = t.testdir({ gallery: {} });
  const gallery = join(dir, 'gallery');
  await formulaGallery(gallery, grid(4), (i) => (i % 2 === 0 ? `even/p${i}.png` : `p${i}.png`));
  const sound = join(dir, 'a.wav');
  const seconds = 9;
  writeFileSync(
    sound,
    wav16(RATE, 1, seconds * RATE, (n) => Math.round(20_000 * music[0]!(n))),
  );
  const replayed = async (...args: string[]) => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    addReplayCommand(program, () => Promise.resolve(formulaRecipe()));
    await program.parseAsync(['replay', ...args, '--gallery', gallery], { from: 'user' });
  };
  const [out, report, video] = ['out.jsonl', 'report.html', 'show.mp4'].map((name) => join(dir, name));

  await replayed(
    sound,
    sound,
    '--out',
    out!,
    '--report',
    report!,
    '--video',
    video!,
    '--video-size',
    '160x90',
  );
  const lines = readFileSync(out!, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.match(lines[0], { kind: 'replay', v: 1, files: [sound, sound], pictures: 16, hop: 0.5 });
  t.match(lines.at(-1), { kind: 'end' });
  t.ok(Math.abs((lines.at(-1)!['time'] as number) - 2 * seconds) < 0.05);
  t.equal(
    lines.filter(({ kind }) => kind === 'mood').length,
    2 * (1 + (seconds - 1) / 0.5),
    'no clip spans two files',
  );
  const times = lines.slice(1).map((line) => line['time'] as number);
  t.same(
    times,
    times.toSorted((a, b) => a - b),
    'in the order of time',
  );
  const shown = lines.filter(({ kind }) => kind === 'show');
  t.match(shown[0], { image: /^[0-9a-f]{16}$/, file: /\.png$/ });

  const page = readFileSync(report!, 'utf8');
  t.match(page, 'data:image/webp;base64,');
  t.notMatch(page, /(?:src|href)="(?!data:|#)/, 'it asks nothing of a network');
  for (const { file } of shown) t.ok(page.includes(String(file)));

  const ffmpeg = await findFfmpeg();
  const probed = await run(ffmpeg, ['-hide_banner', '-i', video!, '-f', 'null', '-']);
  t.match(probed.stderr, /Video: h264.*160x90/);
  t.match(probed.stderr, /Audio: aac/);
  t.match(probed.stderr, /Duration: 00:00:18/);
  const frame = await run(
    ffmpeg,
    [
      '-v',
      'error',
      '-ss',
      '8',
      '-i',
      video!,
      '-frames:v',
      '1',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      'pipe:1',
    ],
    { encoding: 'buffer' },
  );
  const middle = frame.stdout.subarray(3 * (45 * 160 + 80), 3 * (45 * 160 + 80) + 3);
  t.ok(
    middle[0]! > 120 && middle[2]! > 120,
    `glad and excited music: red and blue, not ${[...middle].join()}`,
  );

  await replayed(sound, '--out', out!, '--bank', 'even');
  t.notMatch(readFileSync(out!, 'utf8'), /"file":"p/, 'only the bank');
  await failure('USAGE', () => replayed(sound, '--bank', 'odd'));
  await failure('USAGE', () => replayed(sound, '--out', sound));
  await failure('FILE_NOT_FOUND', () => replayed(join(dir, 'none.wav'), '--out', join(dir, 'none.jsonl')));
  await failure('WRITE_FAILED', () => replayed(sound, '--out', join(dir, 'nowhere', 'out.jsonl')));
  await failure('WRITE_FAILED', () =>
    replayed(sound, '--video', join(dir, 'nowhere', 'show.mp4'), '--video-size', '32x32'),
  );
  t.throws(() => readFileSync(join(dir, 'none.jsonl')), { code: 'ENOENT' });
  await t.rejects(replayed(sound, '--dwell', '9-3'), { code: 'commander.invalidArgument' });
  await t.rejects(replayed(sound, '--video', join(dir, 'show.avi')), { code: 'commander.invalidArgument' });
});

t.test('moods by hand, of the moods.csv beside the songs', async (t) => {
  const dir = emptyFolder(t);
  const gallery = join(dir, 'gallery');
  await formulaGallery(gallery, grid(4));
  const song = (name: string, seconds: number) => {
    const path = join(dir, name);
    writeFileSync(
      path,
      wav16(RATE, 1, seconds * RATE, (n) => Math.round(20_000 * music[0]!(n))),
    );
    return path;
  };
  const files = [song('a.wav', 4), song('b.wav', 16)];
  const out = join(dir, 'out.jsonl');
  const replayed = async (csv: string) => {
    writeFileSync(join(dir, 'moods.csv'), csv);
    const told: string[] = [];
    t.intercept(process.stderr, 'write', { value: (text: string) => told.push(text), configurable: true });
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    addReplayCommand(program, () => Promise.resolve(formulaRecipe()));
    const args = ['--gallery', gallery, '--out', out, '--fit', '0', '--dwell', '2-4'];
    await program.parseAsync(['replay', ...files, ...args], { from: 'user' });
    const lines = readFileSync(out, 'utf8').trim().split('\n');
    return { told: told.join(''), lines: lines.map((line) => JSON.parse(line) as Record<string, number>) };
  };

  // What it hears is glad and excited.
  const { lines, told } = await replayed(
    'file,valence,arousal,start,end\nb.wav,0.05,0.1,2,12\nb.wav,,0.3,12,\n',
  );
  t.match(told, /^synesthete: 1 of 2 files have moods by hand \(moods\.csv\)$/mu);
  for (const { kind, time, valence, arousal, by } of lines.filter(
    (line) => String(line['kind']) === 'mood',
  )) {
    // The clip that ends at `time` counts for the moment a second before.
    const inSong = time! - 4 - 1;
    if (inSong >= 2 && inSong < 12) {
      t.match(
        { valence, arousal, by },
        { valence: 0.05, arousal: 0.1, by: { valence: 'hand', arousal: 'hand' } },
      );
    } else if (inSong >= 12) {
      t.match({ arousal, by }, { arousal: 0.3, by: { valence: 'model', arousal: 'hand' } });
    } else {
      t.equal(by, undefined, `${kind} at ${time}`);
      t.ok(valence! > 0.5, `valence ${valence}`);
    }
  }
  const side = 4;
  const shown = lines.flatMap(({ kind, time, file }) => {
    const row = Number(/p(\d+)\.png/.exec(String(file))?.[1]);
    return String(kind) === 'show' ? [{ time: time!, valence: (row % side) / (side - 1) }] : [];
  });
  t.ok(shown.find(({ time }) => time > 1)!.valence > 0.5, 'first as the music is');
  t.ok(shown.findLast(({ time }) => time < 4 + 12)!.valence < 0.5, 'and then as the person says');

  t.match(
    (await replayed('file,valence,arousal\nb.wav,0.5,2\ngallery/p000.png,1,1\n')).told,
    /^synesthete: .*moods\.csv, line 2: arousal is "2": write a number from 0 to 1.*\n(?!.*moods\.csv)/,
    'a wrong line is reported, and one of a picture is none',
  );
  t.match(
    await failure('BAD_TABLE', () => replayed('file;valence;arousal\n')),
    /moods\.csv is not separated by commas/,
  );
});

t.test('silence, and sound shorter than a clip, give a show as well', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(2));
  const pool = await AnalysisPool.start(1, { model: formulaRecipe() });
  t.teardown(() => pool.close());
  const gallery = await folderGallery({ folder, notice: t.comment.bind(t) }).open(pool.model!);
  pool.setPictures(gallery.pictures);
  const settings = { ...DEFAULT_PROGRAM_SETTINGS, screens: 1 };
  for (const lengthSamples of [RATE, 20 * RATE]) {
    const timeline = new Timeline(
      { files: [], hopSeconds: 0.5, fingerprint: '', pictures: 4, settings },
      gallery,
    );
    const source = syntheticSource(silence, { lengthSamples, pace: 'consumed', ready: () => pool.ready() });
    const initial = initialState(settings, gallery.catalogue);
    await lastValueFrom(
      replay({ sources: [source], analysis: pool, initial, hopSamples: RATE / 2 }).pipe(
        tap((moment) => {
          timeline.push(moment);
        }),
      ),
    );
    t.equal(timeline.moods.length, 0);
    t.ok(timeline.shown.length >= 1);
  }
});
