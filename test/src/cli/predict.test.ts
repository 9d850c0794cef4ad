import { join } from 'node:path';
import t, { type Test } from 'tap';
import { bar, predict } from '../../../src/cli/predict.ts';
import { failure } from '../../models/rejection.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { FeatureThreads } from '../../../streams/readings/index.ts';
import { writeMusic, writePicture } from '../../support/media.ts';
import { synesthete } from './run.ts';

/** Starting threads takes longer than all else here. */
const featureThreads = new FeatureThreads();
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
