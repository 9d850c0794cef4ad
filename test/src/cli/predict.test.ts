import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Model, Prediction } from '../../../models/model/index.ts';
import { bar, predict } from '../../../src/cli/predict.ts';
import { explainedModel } from '../../../src/cli/shared/explanation.ts';
import { FeatureProcesses } from '../../../streams/file-inference/index.ts';
import { failure } from '../../models/rejection.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { writeMusic, writePicture } from '../../support/media.ts';
import '../../support/shared-sessions.ts';
import { synesthete } from './run.ts';

/** Starting threads takes longer than all else here. */
const featureThreads = new FeatureProcesses();
t.teardown(() => featureThreads.close());

async function mediaFolder(t: Test): Promise<(name: string) => string> {
  const folder = t.testdir({ 'notes.txt': 'no picture and no sound\n', folder: {} });
  const path = (name: string) => join(folder, name);
  await writePicture(path('red.png'), { r: 255, g: 0, b: 51 });
  await writePicture(path('blue.png'), { r: 0, g: 51, b: 255 });
  await writeMusic(path('song.wav'), 4.5);
  return path;
}

/** What was written, as pieces. */
function collector() {
  const pieces: string[] = [];
  return { pieces, write: async (text: string) => void pieces.push(text) };
}

/** Standard error while `action` runs. */
async function stderrOf(t: Test, action: () => Promise<unknown>): Promise<string> {
  const captured = t.captureFn((text: string) => text.length >= 0);
  const write = t.intercept(process.stderr, 'write', { value: captured, writable: true, configurable: true });
  try {
    await action();
  } finally {
    write.restore();
  }
  const text = captured.args().map(String).join('');
  // On a machine that is busy with much else it takes long enough for lines of progress.
  return text.replaceAll(/^synesthete: \d+ of \d+ files(?! were).*\n/gmu, '');
}

t.test('--json: a whole line for each picture and each clip, in the order of the files', async (t) => {
  const path = await mediaFolder(t);
  const { pieces, write } = collector();
  const files = ['song.wav', 'red.png', 'blue.png'].map(path);
  const told = await stderrOf(t, () => predict(files, formulaModel(), { json: true, featureThreads }, write));
  t.equal(told, 'formula of 2026-01-01, f0f0f0f0f0f0, on formula (in tests only)\n');
  t.ok(pieces.every((piece) => /^[^\n]+\n$/.test(piece)));
  const lines = pieces.map((piece) => JSON.parse(piece) as Record<string, unknown>);
  t.same(
    lines.map(({ file, kind, start }) => [file, kind, start]),
    [
      [path('song.wav'), 'music', 0],
      [path('song.wav'), 'music', 2],
      [path('red.png'), 'image', null],
      [path('blue.png'), 'image', null],
    ],
  );
  t.same(Object.keys(lines[0]!), ['file', 'kind', 'start', 'valence', 'arousal', 'valenceSd', 'arousalSd']);
  t.match(lines[2], { valence: 1, arousal: 0.2, valenceSd: 0.1, arousalSd: 0.1 });
  t.match(lines[3], { valence: 0, arousal: 1 });
});

t.test('--embeddings adds their 512 numbers', async (t) => {
  const path = await mediaFolder(t);
  const { pieces, write } = collector();
  await stderrOf(t, () =>
    predict([path('red.png')], formulaModel(), { json: true, embeddings: true }, write),
  );
  const { embedding } = JSON.parse(pieces[0]!) as { embedding: number[] };
  t.equal(embedding.length, 512);
  t.same(embedding.slice(0, 3), [1, 0.2, 0]);
});

t.test('for people: the engine first, then bars', async (t) => {
  const path = await mediaFolder(t);
  const { pieces, write } = collector();
  await predict([path('red.png'), path('song.wav')], formulaModel(), { featureThreads }, write);
  t.match(pieces[0], /^formula of 2026-01-01.* on formula \(in tests only\)\n$/);
  t.match(pieces[1], /^valence ██████████ 1\.00 arousal ██········ 0\.20 {2}picture {2}.*red\.png\n$/);
  t.match(pieces[2], /0 s {2}.*song\.wav\n$/);
  t.equal(pieces.length, 4);
});

t.test('moods by hand win over the model’s within their stretches, and say so', async (t) => {
  const path = await mediaFolder(t);
  await writeMusic(path('song.wav'), 6.5);
  await writeFile(
    path('moods.csv'),
    'file,valence,arousal,start,end\nsong.wav,0.75,,,\nsong.wav,0.1,0.9,2,4\nold.wav,0,0,,\n',
  );
  const read = async (options: Parameters<typeof predict>[2]) => {
    const { pieces, write } = collector();
    const files = [path('song.wav'), path('red.png')];
    const told = await stderrOf(t, () =>
      predict(files, formulaModel(), { ...options, featureThreads }, write),
    );
    return { pieces, told };
  };
  const { pieces, told } = await read({ json: true, embeddings: true });
  t.match(told, /^synesthete: .*moods\.csv, line 4: .*old\.wav does not exist.*ignored\n/);
  const lines = pieces.map((piece) => JSON.parse(piece) as Record<string, number>);
  await rm(path('moods.csv'));
  const plain = (await read({ json: true, embeddings: true })).pieces.map(
    (piece) => JSON.parse(piece) as Record<string, number>,
  );
  const { arousal, arousalSd } = plain[0]!;
  t.match(lines[0], { start: 0, valence: 0.75, valenceSd: 0.05, arousal: arousal!, arousalSd: arousalSd! });
  t.match(lines[0], { by: { valence: 'hand', arousal: 'model' } });
  t.match(lines[1], { start: 2, valence: 0.1, arousal: 0.9, arousalSd: 0.05 });
  t.match(lines[1], { by: { valence: 'hand', arousal: 'hand' } });
  t.match(lines[2], { start: 4, valence: 0.75 });
  t.same(lines[1]!['embedding'], plain[1]!['embedding'], 'the embedding is the model’s');
  t.same(lines[3], plain[3], 'a picture’s reading is as ever');
  for (const line of plain) t.notOk('by' in line);

  await writeFile(path('moods.csv'), 'file,valence,arousal\nsong.wav,0.75,\n');
  const people = await read({});
  t.match(people.pieces[1], /^valence ███████▌·· 0\.75 .*song\.wav {2}by hand: valence\n$/);
  t.notMatch(people.pieces[4], /by hand/);
  await writeFile(path('moods.csv'), 'file,valence,arousal\nsong.wav,0.75,0.5\nsong.wav,high,0.5\n');
  const wrong = await read({});
  t.match(wrong.told, /moods\.csv, line 3: valence is "high": write a number from 0 to 1/);
  t.match(wrong.pieces[1], /0\.75 .*by hand: valence, arousal\n$/, 'the other line counts');
});

t.test('a moods.csv that can’t be understood is reported before the first file is read', async (t) => {
  const path = await mediaFolder(t);
  await writeFile(path('moods.csv'), 'file;valence;arousal\n');
  const { pieces, write } = collector();
  const all = [path('red.png'), path('song.wav')];
  await failure('BAD_TABLE', () => predict(all, formulaModel(), { featureThreads }, write));
  t.same(pieces, []);
  await predict([path('red.png')], formulaModel(), { featureThreads }, write);
  t.equal(pieces.length, 2, 'pictures take no moods from it');
});

/** The formula model, in which one encoder hears and sees all but 0.1 of the valence, which is another's. */
function explainedFormula(within?: { valence: number; arousal: number }): Model {
  const model = formulaModel();
  const base = { valence: 0.5, arousal: 0.5 };
  const explain = <R extends Prediction>(prediction: R): R => {
    const rest = { valence: prediction.valence - 0.6, arousal: prediction.arousal - 0.5 };
    const constant = { valence: 0.1, arousal: 0 };
    const parts = [
      { encoder: 'ear-and-eye', push: rest, leftOut: rest },
      { encoder: 'constant', push: constant, leftOut: constant },
    ];
    return { ...prediction, explanation: { base, parts, within } };
  };
  return {
    ...model,
    embedPictures: async (pixels) => (await model.embedPictures(pixels)).map(explain),
    embedClips: async (clips) => (await model.embedClips(clips)).map(explain),
  };
}

t.test('--explain: a table for each file, of sound over the mean of its clips', async (t) => {
  const path = await mediaFolder(t);
  await writeFile(path('moods.csv'), 'file,valence,arousal,end\nsong.wav,1,,2\n');
  const explained = async (within?: { valence: number; arousal: number }) => {
    const { pieces, write } = collector();
    const files = [path('red.png'), path('song.wav'), path('notes.txt')];
    const options = { explain: true, skipBad: true, featureThreads } as const;
    await stderrOf(t, () => predict(files, explainedFormula(within), options, write));
    return pieces;
  };
  const pieces = await explained({ valence: 0.684, arousal: 0.7 });
  t.equal(pieces.length, 4, 'the model, two tables, what they mean');
  t.same(pieces[1]!.split('\n').slice(1), [
    path('red.png'),
    '                 valence            arousal',
    '  mean features    0.500              0.500',
    '  ear-and-eye     +0.400 (+0.400)    -0.300 (-0.300)',
    '  constant        +0.100 (+0.100)    +0.000 (+0.000)',
    '  prediction       1.000 ±0.100       0.200 ±0.100',
    '',
  ]);
  const { pieces: json, write } = collector();
  await stderrOf(t, () =>
    predict([path('song.wav')], explainedFormula(), { json: true, explain: true, featureThreads }, write),
  );
  const clips = json.map(
    (line) => JSON.parse(line) as { valence: number; explanation: { prediction: { valence: number } } },
  );
  t.match(clips[0], {
    valence: 1,
    explanation: {
      mean: { valence: 0.5, arousal: 0.5 },
      encoders: [
        { name: 'ear-and-eye', push: {}, leftOut: {} },
        { name: 'constant', push: { valence: 0.1 } },
      ],
    },
  });
  t.notOk('within' in clips[0]!.explanation);
  const mean = (clips[0]!.explanation.prediction.valence + clips[1]!.explanation.prediction.valence) / 2;
  const song = pieces[2]!.split('\n');
  t.match(song[1], /song\.wav · mean of 2 clips$/);
  t.match(song[6], `  prediction        ${mean.toFixed(3)} ±0.100`);
  t.match(song[7], `  with moods.csv    ${((1 + clips[1]!.valence) / 2).toFixed(3)} ±0.075`);
  const onOneLine = (text = '') => text.replaceAll(/\s+/g, ' ');
  t.match(
    onOneLine(pieces[3]),
    /of the rated pictures that were kept apart from training 68 % lie within it in valence, 70 % in arousal/,
  );
  t.match(onOneLine(pieces[3]), /of the rated clips of music that were kept apart/);
  t.ok(
    pieces[3]!.split('\n').every((line) => line.length <= 80),
    'lines of a width that can be read',
  );
  t.match(
    onOneLine((await explained())[3]),
    /how many pictures lie within it, an older version that trained this model did not count/,
  );
});

t.test('--explain of a model that was trained end to end', async (t) => {
  t.match(
    await failure('USAGE', () => explainedModel(formulaModel())),
    /--explain .* formula \(formula\) was trained end to end.*; use the built-in model/,
  );
});

t.test('bars', async (t) => {
  t.equal(bar(0), '·········· 0.00');
  t.equal(bar(0.5), '█████····· 0.50');
  t.equal(bar(0.5125), '█████▏···· 0.51');
  t.equal(bar(1), '██████████ 1.00');
  t.equal(bar(1.2), '██████████ 1.20', 'a model that leaves its range breaks no table');
});

t.test('the first file that fails ends it, with what came before whole', async (t) => {
  const path = await mediaFolder(t);
  const { pieces, write } = collector();
  const files = ['red.png', 'notes.txt', 'blue.png'].map(path);
  const run = () => stderrOf(t, () => predict(files, formulaModel(), { json: true, featureThreads }, write));
  t.match(await failure('NO_AUDIO', run), /notes\.txt is text/);
  t.equal(pieces.length, 1);
});

t.test('--skip-bad goes on, and tells of those that were left out', async (t) => {
  const path = await mediaFolder(t);
  const { pieces, write } = collector();
  const files = ['red.png', 'notes.txt', 'none.jpg', 'blue.png'].map(path);
  const told = await stderrOf(t, () => predict(files, formulaModel(), { json: true, skipBad: true }, write));
  t.equal(pieces.length, 2);
  t.match(told, /\nsynesthete: .*notes\.txt is text[^\n]*\nsynesthete: .*none\.jpg/);
  t.match(told, /\nsynesthete: 2 of 4 files were skipped\n$/);
  const none = () =>
    stderrOf(t, () => predict([path('notes.txt'), path('folder')], formulaModel(), { skipBad: true }, write));
  t.match(await failure('NO_AUDIO', none), /none of the 2 files could be read/);
  const one = () => stderrOf(t, () => predict([path('folder')], formulaModel(), { skipBad: true }, write));
  t.match(await failure('NOT_A_FILE', one), /folder is a folder/);
});

t.test('a slow reader is waited for', async (t) => {
  const path = await mediaFolder(t);
  let isWriting = false;
  const write = async () => {
    t.notOk(isWriting);
    isWriting = true;
    await new Promise((resolve) => setImmediate(resolve));
    isWriting = false;
  };
  await predict([path('song.wav'), path('red.png')], formulaModel(), { featureThreads }, write);
});

t.test('what is asked for in a way that can not be done, and models that are not there', async (t) => {
  const path = await mediaFolder(t);
  const oneLine = async (args: string[], code: number, says: RegExp) => {
    const outcome = await synesthete(['predict', ...args]);
    t.equal(outcome.code, code, args.join(' '));
    t.match(outcome.stderr, says);
    t.equal(outcome.stderr.trim().split('\n').at(-1)!.startsWith('synesthete: '), true);
    t.equal(outcome.stdout.length, 0);
  };
  const red = path('red.png');
  await oneLine([red, '--embeddings'], 2, /--embeddings has no meaning without --json/);
  await oneLine([red, '--engine', 'abacus'], 2, /--engine <name>.*abacus.*Allowed choices are auto, cpu/);
  await oneLine([red, '--engine', 'cpu', '--model', path('folder')], 1, /folder has no model\.json/);
});

t.test('a signal ends it while TensorFlow.js computes', async (t) => {
  const path = await mediaFolder(t);
  let askedAtMs = 0;
  const { code } = await synesthete(
    ['predict', '--engine', 'tensorflow', '--tensorflow-backend', 'cpu', path('red.png')],
    {
      onOutput: (_, kill) => {
        // The engine is named, and the picture's way through the network, of minutes on this backend, begins.
        setTimeout(() => {
          askedAtMs = performance.now();
          kill('SIGTERM');
        }, 500);
      },
    },
  );
  t.equal(code, 143);
  const tookMs = performance.now() - askedAtMs;
  t.ok(tookMs < 20_000, `${tookMs} ms: a single operator at most, also on a busy machine`);
});
