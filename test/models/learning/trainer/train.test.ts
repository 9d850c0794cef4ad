import { copyFile, mkdir, readFile, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readCheckpoint } from '../../../../models/learning/trainer/checkpoint.ts';
import { train } from '../../../../models/learning/trainer/index.ts';
import type { TrainRequest } from '../../../../models/learning/trainer/index.ts';
import { readModelDescription, readSafetensors } from '../../../../models/weights/index.ts';
import { TINY_SETTINGS, tinyBackbone, tinyDataset } from '../../../support/tiny-dataset.ts';
import { failure } from '../../rejection.ts';
import { testContext } from './context.ts';

t.setTimeout(600_000);

const folder = t.testdir({});
const imageWeights = await tinyBackbone(join(folder, 'resnet50.safetensors'));
const sources = { ...(await tinyDataset(join(folder, 'data'))), imageWeights, skipBad: false };
const context = await testContext(join(folder, 'cache'));

function request(
  out: string,
  given: Record<string, unknown> = {},
  more: Partial<TrainRequest> = {},
): TrainRequest {
  return { given: { ...TINY_SETTINGS, ...given }, sources, out: join(folder, out), resume: false, ...more };
}

async function journal(out: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(folder, out, 'metrics.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

for (const [system, settings, moodStage] of [
  ['cdcml', {}, false],
  ['sp-net', {}, false],
  ['acp-net', {}, true],
] as const) {
  t.test(`${system} is trained from manifests to a folder with a model`, async (t) => {
    const result = await train(request(system, { system, ...settings }), context);
    const out = join(folder, system);
    t.equal(result?.steps, 9, '20 clips in batches of 8, 3 epochs');
    t.same((await readdir(out)).sort(), [
      'checkpoint.safetensors',
      'metrics.jsonl',
      'model.json',
      'report.html',
      'weights.safetensors',
    ]);
    const model = await readModelDescription(join(out, 'model.json'));
    t.equal(model.architecture.name, system);
    t.equal(model.ranking?.score, result?.ranking);
    t.equal(model.features.mean.length, 193);
    t.equal(model.features.normalisation, 'log-mel');
    const { tensors } = await readSafetensors(join(out, 'weights.safetensors'));
    t.ok([...tensors.values()].every(({ data: values }) => values.every(Number.isFinite)));
    t.ok(tensors.has('backbone.conv1.weight'), 'a frozen backbone that no package has goes with the model');
    const lines = await journal(system);
    const steps = lines.filter(({ kind, stage }) => kind === 'step' && stage === 'network');
    t.same(steps.map(({ step }) => step), [1, 2, 3, 4, 5, 6, 7, 8, 9]); // prettier-ignore
    t.equal(lines.some(({ stage }) => stage === 'moods'), moodStage); // prettier-ignore
    const { similarity, image, music } = result!.validation;
    for (const figure of [similarity?.mse, image?.valence.mse, music?.arousal.mse])
      t.ok(figure !== undefined && Number.isFinite(figure));
    const report = await readFile(join(out, 'report.html'), 'utf8');
    t.match(report, /<svg/);
    t.notMatch(report, /(?:src|href)=|https?:/, 'it opens without a network');
  });
}

t.test(
  'a training that is stopped and resumed gives the uninterrupted one’s weights and lines',
  async (t) => {
    let left = 5;
    const stopping = { ...context, isStopped: () => left-- === 0 };
    t.equal(await train(request('stopped', { system: 'acp-net' }), stopping), undefined);
    t.notOk(existsSync(join(folder, 'stopped', 'model.json')));
    await writeFile(join(folder, 'stopped', 'metrics.jsonl'), '{"kind":"st', { flag: 'a' });
    const resumed: TrainRequest = {
      given: {},
      sources: undefined,
      out: join(folder, 'stopped'),
      resume: true,
    };
    t.ok(await train(resumed, context));
    for (const file of ['weights.safetensors', 'metrics.jsonl']) {
      const [found, expected] = await Promise.all(
        ['stopped', 'acp-net'].map((out) => readFile(join(folder, out, file))),
      );
      t.ok(found!.equals(expected!), file);
    }
    t.match(
      await failure('USAGE', () => train(request('stopped', { system: 'acp-net' }), context)),
      /holds a training already: --resume goes on with it/,
    );
  },
);

t.test('a checkpoint of other settings, another engine or other data is refused', async (t) => {
  const resume = (given: Record<string, unknown>, more = context): Promise<string> =>
    failure('OTHER_ARCHITECTURE', () =>
      train({ given, sources: undefined, out: join(folder, 'cdcml'), resume: true }, more),
    );
  t.match(await resume({ margin: 2 }), /holds a cdcml with margin 1, cdcml with margin 2 is needed/);
  t.match(await resume({ system: 'sp-net' }), /holds a model of the architecture cdcml, sp-net is needed/);
  t.match(await resume({}, { ...context, threads: 3 }), /with threads 1, cdcml with threads 3 is needed/);
  await mkdir(join(folder, 'moved'));
  const moved = { ...sources, images: join(folder, 'data', 'other.csv') };
  const manifest = await readFile(sources.images, 'utf8');
  await writeFile(moved.images, manifest);
  t.equal(
    await train(request('moved', {}, { sources: moved }), { ...context, isStopped: () => true }),
    undefined,
  );
  await writeFile(
    moved.images,
    manifest.replace('images3.png', 'images2.png').replace('images2.png', 'images3.png'),
  );
  t.match(
    await failure('OTHER_ARCHITECTURE', () =>
      train({ given: {}, sources: undefined, out: join(folder, 'moved'), resume: true }, context),
    ),
    /was trained on other data/,
  );
});

t.test('sources other than those that a training was begun with are refused, by their options', async (t) => {
  const resume = (given: TrainRequest['sources']): Promise<string> =>
    failure('USAGE', () =>
      train({ given: {}, sources: given, out: join(folder, 'cdcml'), resume: true }, context),
    );
  t.match(await resume({ images: 'other.csv' }), /begun with --images .*images\.csv, not .*other\.csv/);
  t.match(await resume({ ...sources, music: sources.images }), /begun with --music .*music\.csv, not/);
  t.match(
    await resume({ musicWeights: imageWeights }),
    /begun with --music-weights left out, not .*resnet50/,
  );
  t.match(await resume({ pairs: 'pairs.txt' }), /leave --pairs out to go on with it, or begin anew/);
  t.match(await resume({ scale: { low: 1, high: 9 } }), /begun with --scale left out, not 1\.\.9/);
  t.match(await resume({ skipBad: true }), /begun with --skip-bad left out, not given/);
});

t.test('a torn checkpoint, and weights of another network, are told in one line', async (t) => {
  await mkdir(join(folder, 'torn'));
  const path = join(folder, 'torn', 'checkpoint.safetensors');
  await copyFile(join(folder, 'cdcml', 'checkpoint.safetensors'), path);
  await truncate(path, 5000);
  const resume = { given: {}, sources: undefined, out: join(folder, 'torn'), resume: true };
  t.match(await failure('BAD_WEIGHTS', () => train(resume, context)), /torn/);
  await copyFile(imageWeights, path);
  t.match(await failure('BAD_WEIGHTS', () => train(resume, context)), /is no checkpoint of a training/);
  t.match(
    await failure('OTHER_ARCHITECTURE', () =>
      train(request('wrong', {}, { sources: { ...sources, musicWeights: imageWeights } }), context),
    ),
    /resnet50\.safetensors: weight .* the network needs/,
  );
  t.match(
    await failure('USAGE', () =>
      train(request('none', {}, { sources: { ...sources, imageWeights: undefined } }), context),
    ),
    /a frozen resnet50 needs --image-weights/,
  );
});

t.test('a loss that is no number ends the training; the last good checkpoint stays', async (t) => {
  const message = await failure('DIVERGED', () =>
    train(request('diverged', { learningRate: 1e12 }, { checkpointSeconds: 0 }), context),
  );
  t.match(message, /(the term \w+ of the loss is|is not finite).* at step \d+ \(epoch \d+\): .*diverged/);
  const checkpoint = await readCheckpoint(join(folder, 'diverged', 'checkpoint.safetensors'));
  t.ok([...checkpoint!.now.values()].every(({ data }) => data.every(Number.isFinite)));
  t.notOk(existsSync(join(folder, 'diverged', 'model.json')));
});

t.test(
  'a full disk is told, and nothing is half-written',
  { skip: !existsSync('/dev/full') && 'no /dev/full' },
  async (t) => {
    for (const file of ['metrics.jsonl', 'weights.safetensors', 'report.html']) {
      const out = `full-${file}`;
      await mkdir(join(folder, out));
      await symlink('/dev/full', join(folder, out, file));
      const message = await failure('WRITE_FAILED', () => train(request(out, { epochs: 1 }), context));
      t.match(message, new RegExp(`${file} can't be written: the disk is full`));
      const left = await readdir(join(folder, out));
      t.notOk(left.includes('model.json'), file);
      t.same(left.filter((name) => name.endsWith('.part')), []); // prettier-ignore
    }
  },
);

t.test('what does not fit into memory is refused before anything is read', async (t) => {
  const notices: string[] = [];
  const message = await failure('NO_MEMORY', () =>
    train(request('large', {}, { memoryBytes: 100 * 2 ** 20 }), {
      ...context,
      notice: (line) => notices.push(line),
    }),
  );
  t.match(
    message,
    /a slice of 4 pictures and clips needs about [\d.]+ GiB, 0\.1 GiB are free: choose a smaller/,
  );
  t.match(notices, [/^memory: about [\d.]+ GiB for a slice of 4/]);
});

t.test('bad files are named and counted, and skipped only on demand; empty splits are refused', async (t) => {
  const data = await tinyDataset(join(folder, 'bad'), { train: 6, val: 2 });
  await writeFile(join(folder, 'bad', 'images3.png'), 'no picture at all');
  await writeFile(join(folder, 'bad', 'music4.wav'), 'no sound at all, but long enough to be looked at');
  const bad = { ...data, imageWeights, skipBad: false };
  const message = await failure('BAD_PICTURE', () => train(request('bad1', {}, { sources: bad }), context));
  t.match(
    message,
    /images3\.png is no picture.*\(and 1 more files that can't be read\); --skip-bad trains without them/,
  );
  const result = await train(request('bad2', { epochs: 1 }, { sources: { ...bad, skipBad: true } }), context);
  t.equal(result?.skipped.length, 2);
  t.match(result?.skipped, [/images3\.png/, /music4\.wav/]);
  await writeFile(data.music, (await readFile(data.music, 'utf8')).replaceAll(',val\n', ',train\n'));
  t.match(
    await failure('BAD_TABLE', () => train(request('bad3', {}, { sources: bad }), context)),
    /has no rows of the split val; it has train \(8\)/,
  );
});

t.test('sampled pairs, also from a file of pairs', async (t) => {
  const pairs = join(folder, 'pairs.txt');
  const line = (i: number): string => `song-${i % 5} images${4 + (i % 10)} ${0.2 + 0.05 * (i % 10)}`;
  await writeFile(pairs, Array.from({ length: 20 }, (_, i) => line(i)).join('\n'));
  const music = join(folder, 'data', 'with-ids.csv');
  const rows = (await readFile(sources.music, 'utf8')).trim().split('\n');
  await writeFile(
    music,
    rows.map((row, i) => `${row},${i === 0 ? 'start,end,id' : `0,2,song-${i - 5}`}`).join('\n'),
  );
  const sampled = {
    given: { ...TINY_SETTINGS, pairs: 'sampled', epochs: 1 },
    sources: { ...sources, music, pairs },
  };
  t.equal((await train(request('sampled', sampled.given, { sources: sampled.sources }), context))?.steps, 3);
  t.match(
    await failure('USAGE', () => train(request('dense', {}, { sources: sampled.sources }), context)),
    /files of pairs need the sampled form/,
  );
  await writeFile(pairs, 'other-0 images5 0.5\n');
  t.match(
    await failure('BAD_TABLE', () =>
      train(request('other', sampled.given, { sources: sampled.sources }), context),
    ),
    /pairs\.txt names no picture and clip of the split train/,
  );
});
