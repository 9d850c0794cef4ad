import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readCheckpoint } from '../../../../models/training/end-to-end/checkpoint.ts';
import { train } from '../../../../models/training/end-to-end/index.ts';
import type { TrainRequest } from '../../../../models/training/end-to-end/index.ts';
import { readModelDescription, readSafetensors, writeSafetensors } from '../../../../models/weights/index.ts';
import { abortAfter } from '../../../support/abort-after.ts';
import { TINY_SETTINGS, tinyBackbone, tinyDataset } from '../../../support/tiny-dataset.ts';
import { failure } from '../../rejection.ts';
import '../../../support/shared-sessions.ts';
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
    t.same(model.data.map(({ splits }) => splits), [['train'], ['train']]); // prettier-ignore
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

t.test('rows with one rating only are left out with a word, and change nothing', async (t) => {
  const partly = async (manifest: string, file: string, row: string): Promise<string> => {
    const path = manifest.replace('.csv', '-partly.csv');
    await copyFile(join(folder, 'data', file), join(folder, 'data', `partly-${file}`));
    await writeFile(path, `${await readFile(manifest, 'utf8')}partly-${file},${row},train\n`);
    return path;
  };
  const notices: string[] = [];
  const result = await train(
    {
      ...request('partly', { system: 'cdcml' }),
      sources: {
        ...sources,
        images: await partly(sources.images, 'images1.png', '0.3,'),
        music: await partly(sources.music, 'music1.wav', ',0.4'),
      },
    },
    { ...context, notice: (line) => notices.push(line) },
  );
  t.equal(result!.trainedOn.images, 10);
  for (const name of ['images', 'music'])
    t.match(
      notices.join('\n'),
      new RegExp(`${name}-partly\\.csv: 1 of 15 rows have one of valence and arousal only`),
    );
  const weights = (out: string) => readFile(join(folder, out, 'weights.safetensors'));
  t.ok((await weights('partly')).equals(await weights('cdcml')));
});

t.test(
  'a training that is stopped and resumed gives the uninterrupted one’s weights and lines',
  async (t) => {
    const controller = new AbortController();
    const stopping = {
      ...context,
      onProgress: ({ step }: { readonly step: number }) => {
        if (step === 5) controller.abort();
      },
      signal: controller.signal,
    };
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
    await t.rejects(train(request('stopped', { system: 'acp-net' }), context), {
      code: 'USAGE',
      message: /holds a training already$/,
      remedy: { kind: 'resume' },
    });
  },
);

/** Points at which the reading of the data can be left: before every 4 of its files. */
const POINTS_OF_READING = 8;

t.test(
  'stopped at every seventh point, also within steps and validations, it comes to the same',
  async (t) => {
    const out = join(folder, 'often');
    const resumed: TrainRequest = { given: {}, sources: undefined, out, resume: true };
    const steps: number[] = [];
    const unvalidated: boolean[] = [];
    let result: Awaited<ReturnType<typeof train>>;
    for (let run = 0; !result && run < 30; run++) {
      const stopping = { ...context, signal: abortAfter(POINTS_OF_READING + 7) };
      result = await train(run === 0 ? request('often', { system: 'cdcml' }) : resumed, stopping);
      const { step, validatedStep } = (await readCheckpoint(join(out, 'checkpoint.safetensors')))!.record
        .progress;
      steps.push(step);
      unvalidated.push(step % 3 === 0 && step > validatedStep);
    }
    t.ok(result);
    t.ok(
      steps.some((step, run) => run > 0 && step === steps[run - 1]),
      'between two runs of a step, or in a validation',
    );
    t.ok(unvalidated.includes(true), 'in a validation');
    for (const file of ['weights.safetensors', 'metrics.jsonl']) {
      const [found, expected] = await Promise.all(
        ['often', 'cdcml'].map((name) => readFile(join(folder, name, file))),
      );
      t.ok(found!.equals(expected!), file);
    }
  },
);

t.test('stopped while the data is read there is nothing but what was there', async (t) => {
  const stopping = { ...context, signal: abortAfter(2) };
  t.equal(await train(request('unread/deep', { system: 'cdcml' }), stopping), undefined);
  t.notOk(existsSync(join(folder, 'unread')));
});

t.test('what a killed training has left half-written goes with the next run, and nothing else', async (t) => {
  const out = join(folder, 'left');
  await mkdir(out);
  const mine = ['checkpoint.safetensors.0a1b2c3d.part', 'model.json.ffffffff.part'];
  const others = ['notes.part', 'checkpoint.safetensors.part', 'song.wav.0a1b2c3d.part'];
  for (const name of [...mine, ...others]) await writeFile(join(out, name), '');
  t.equal(await train(request('left'), { ...context, signal: AbortSignal.abort() }), undefined);
  t.same((await readdir(out)).sort(), others.sort());
});

t.test('what can not be used is reported first, and leaves no folder', async (t) => {
  const notices: string[] = [];
  const telling = { ...context, notice: (line: string) => notices.push(line) };
  const images = join(folder, 'data', 'off.csv');
  await writeFile(images, 'file,valence,arousal,split\nimages1.png,7,0.5,train\n');
  await failure('BAD_TABLE', () =>
    train(request('bad/manifest', {}, { sources: { ...sources, images } }), telling),
  );
  await failure('OTHER_ARCHITECTURE', () =>
    train(request('bad/weights', {}, { sources: { ...sources, musicWeights: imageWeights } }), telling),
  );
  t.same(notices, []);
  t.notOk(existsSync(join(folder, 'bad')));
});

t.test('four wrong bytes in a checkpoint are found', async (t) => {
  await mkdir(join(folder, 'flipped'));
  const path = join(folder, 'flipped', 'checkpoint.safetensors');
  const bytes = await readFile(join(folder, 'cdcml', 'checkpoint.safetensors'));
  bytes.writeFloatLE(0.25, bytes.length - 4000);
  await writeFile(path, bytes);
  const resume = { given: {}, sources: undefined, out: join(folder, 'flipped'), resume: true };
  t.match(await failure('BAD_WEIGHTS', () => train(resume, context)), /is damaged: its checksum is wrong/);
});

t.test('a diverging training goes on with a lower learning rate, which is recorded', async (t) => {
  const out = join(folder, 'slower');
  await failure('DIVERGED', () => train(request('slower', { learningRate: 1e12 }), context));
  const resume = { sources: undefined, out, resume: true };
  const notices: string[] = [];
  const telling = { ...context, notice: (line: string) => notices.push(line) };
  t.ok(await train({ ...resume, given: { learningRate: 0.001 } }, telling));
  t.match(
    notices.find((line) => line.startsWith('the learning rate')),
    /the learning rate is 0\.001 from here on; up to step \d+ it was 1000000000000/,
  );
  const lines = await journal('slower');
  const [change] = lines.filter(({ kind }) => kind === 'change');
  t.match(change, { learningRate: 0.001, was: 1e12, step: Number });
  t.equal(lines.at(-1)!['kind'], 'validation');
  const { metrics } = await readModelDescription(join(out, 'model.json'));
  t.match(metrics, { training: { learningRate: 0.001 }, changes: [{ was: 1e12 }] });
  t.match(
    await failure('OTHER_ARCHITECTURE', () => train({ ...resume, given: { weightDecay: 1 } }, context)),
    /weightDecay/,
  );
});

t.test('a checkpoint of other settings, another engine or other data is refused', async (t) => {
  const resume = (given: Record<string, unknown>, more = context): Promise<string> =>
    failure('OTHER_ARCHITECTURE', () =>
      train({ given, sources: undefined, out: join(folder, 'cdcml'), resume: true }, more),
    );
  t.match(await resume({ margin: 2 }), /holds a cdcml with margin 0\.5, cdcml with margin 2 is needed/);
  t.match(await resume({ system: 'sp-net' }), /holds a model of the architecture cdcml, sp-net is needed/);
  t.match(await resume({}, { ...context, threads: 3 }), /with threads 1, cdcml with threads 3 is needed/);
  await mkdir(join(folder, 'moved'));
  const moved = { ...sources, images: join(folder, 'data', 'other.csv') };
  const manifest = await readFile(sources.images, 'utf8');
  await writeFile(moved.images, manifest);
  const controller = new AbortController();
  const stopping = {
    ...context,
    signal: controller.signal,
    onProgress: () => {
      controller.abort();
    },
  };
  t.equal(await train(request('moved', {}, { sources: moved }), stopping), undefined);
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

t.test('files and weights with other contents are other data, whatever their names', async (t) => {
  const data = await tinyDataset(join(folder, 'changing'), { train: 5, val: 2 });
  const out = 'changed';
  const given = { epochs: 1 };
  const changing = { ...data, imageWeights: join(folder, 'changing', 'image.safetensors'), skipBad: false };
  await copyFile(imageWeights, changing.imageWeights);
  const controller = new AbortController();
  const stopping = {
    ...context,
    signal: controller.signal,
    onProgress: () => {
      controller.abort();
    },
  };
  t.equal(await train(request(out, given, { sources: changing }), stopping), undefined);
  const resume = { given: {}, sources: undefined, out: join(folder, out), resume: true };
  for (const [file, other] of [
    ['images3.png', 'images4.png'],
    ['images0.png', 'images4.png'],
    ['music5.wav', 'music6.wav'],
  ] as const) {
    const path = join(folder, 'changing', file);
    const before = await readFile(path);
    await copyFile(join(folder, 'changing', other), path);
    t.match(await failure('OTHER_ARCHITECTURE', () => train(resume, context)), /on other data/, file);
    await writeFile(path, before);
  }
  const { tensors } = await readSafetensors(changing.imageWeights);
  tensors.get('conv1.weight')!.data[0]! += 1;
  await writeSafetensors(changing.imageWeights, tensors);
  t.match(await failure('OTHER_ARCHITECTURE', () => train(resume, context)), /the initial weights/);
  await copyFile(imageWeights, changing.imageWeights);
  t.ok(await train(resume, context));
});

t.test('sources other than those that a training was begun with are refused by name', async (t) => {
  const resume = (given: TrainRequest['sources']): Promise<string> =>
    failure('USAGE', () =>
      train({ given: {}, sources: given, out: join(folder, 'cdcml'), resume: true }, context),
    );
  t.match(
    await resume({ images: 'other.csv' }),
    /begun with other pictures \(.*images\.csv, not .*other\.csv\)$/,
  );
  t.match(await resume({ ...sources, music: sources.images }), /begun with other music \(.*music\.csv, not/);
  t.match(
    await resume({ musicWeights: imageWeights }),
    /begun with other initial weights of the music \(none given, not .*resnet50/,
  );
  await t.rejects(
    train({ given: {}, sources: { pairs: 'pairs.txt' }, out: join(folder, 'cdcml'), resume: true }, context),
    { message: /begun with other pairs/, remedy: { kind: 'same-setting', setting: 'pairs' } },
  );
  t.match(
    await resume({ scale: { low: 1, high: 9 } }),
    /begun with another scale \(none given, not 1\.\.9\)/,
  );
  t.match(await resume({ skipBad: true }), /unreadable files treated otherwise \(refused, not left out\)/);
});

t.test('a torn checkpoint, and weights of another network, are reported in one line', async (t) => {
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
  await t.rejects(train(request('none', {}, { sources: { ...sources, imageWeights: undefined } }), context), {
    code: 'USAGE',
    message: 'a frozen resnet50 needs trained weights',
    remedy: { kind: 'pretrained-backbone' },
  });
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
  'a full disk is reported, and nothing is half-written',
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
  t.match(message, /a micro-batch of 4 pictures and clips needs about [\d.]+ GiB, 0\.1 GiB are free$/);
  t.match(notices.at(-1), /^memory: about [\d.]+ GiB for a micro-batch of 4/);
});

t.test('bad files are named and counted, and skipped only on demand; empty splits are refused', async (t) => {
  const data = await tinyDataset(join(folder, 'bad'), { train: 6, val: 2 });
  await writeFile(join(folder, 'bad', 'images3.png'), 'no picture at all');
  await writeFile(join(folder, 'bad', 'music4.wav'), 'no sound at all, but long enough to be looked at');
  const bad = { ...data, imageWeights, skipBad: false };
  const message = await failure('BAD_PICTURE', () => train(request('bad1', {}, { sources: bad }), context));
  t.match(message, /images3\.png is no picture.*\(and 1 more files that can't be read\)$/);
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
    /pairs\.txt has 1 of 1 pairs, such as clip other-0, which are missing from the split train /,
  );
  const some = (unknown: number): string =>
    Array.from({ length: 20 }, (_, i) => (i < unknown ? `song-0 images9${i} 0.5` : line(i))).join('\n');
  await writeFile(pairs, some(11));
  t.match(
    await failure('BAD_TABLE', () =>
      train(request('most', sampled.given, { sources: sampled.sources }), context),
    ),
    /has 11 of 20 pairs, such as picture images90, which are missing/,
  );
  await writeFile(pairs, some(10));
  t.equal((await train(request('some', sampled.given, { sources: sampled.sources }), context))?.steps, 2);
  t.match(
    context.notices.join('\n'),
    /left out: 10 of 20 pairs, such as picture images90, which .*pairs\.txt lists/,
  );
});
