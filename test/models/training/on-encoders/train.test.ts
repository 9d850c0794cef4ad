import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { DiskCache } from '../../../../models/cache.ts';
import { sha256OfFile } from '../../../../models/checksum.ts';
import { PICTURE_SQUARE, openClipEncoders } from '../../../../models/encoders/index.ts';
import { openEngine, type NamedValues } from '../../../../models/engine/index.ts';
import { openModel } from '../../../../models/families/index.ts';
import { withinOf } from '../../../../models/families/on-encoders/within.ts';
import {
  BEFORE_SAMPLES,
  CLIP_SAMPLES,
  SAMPLE_RATE_HZ,
  createFeatureExtractor,
} from '../../../../models/features/index.ts';
import type { Graph } from '../../../../models/graph/index.ts';
import type { LabelledSet } from '../../../../models/training/on-encoders/examples.ts';
import {
  trainCdcml,
  type CdcmlProgress,
  type CdcmlTrainingOptions,
} from '../../../../models/training/on-encoders/train.ts';
import { readModelDescription, writeModelDescription } from '../../../../models/weights/index.ts';
import { failure } from '../../rejection.ts';
import { FormulaFiles, TINY_CDCML, labelledSet, manifestLine, moodAt } from './formula-files.ts';

const engine = await openEngine('cpu', { threads: 1 });
const DATE = '2026-01-01T00:00:00.000Z';
const EMOTIONS = ['awe', 'excitement', 'fear', 'sadness', 'contentment', 'anger'];

/** Rated pictures (two a theme) and sounds, and further ones with emotions and quadrants. */
function sets(count = 24): { images: LabelledSet[]; music: LabelledSet[] } {
  const indices = Array.from({ length: count }, (_, i) => i);
  const rated = (name: (i: number) => string) =>
    indices.map((i) => manifestLine(name(i), { rating: moodAt(i), split: i % 6 === 5 ? 'test' : 'train' }));
  const emotions = indices.map((i) =>
    manifestLine(`f${i}.jpg`, { columns: { emotion: EMOTIONS[i % EMOTIONS.length]! }, split: 'train' }),
  );
  const quadrants = indices.map((i) => {
    const { valence, arousal } = moodAt(i);
    const quadrant = arousal > 0.5 ? (valence > 0.5 ? 'Q1' : 'Q2') : valence > 0.5 ? 'Q4' : 'Q3';
    return manifestLine(`q${i}.wav`, { columns: { quadrant }, split: 'train' });
  });
  return {
    images: [
      labelledSet(
        'rated',
        rated((i) => `theme${i >> 1} ${i}.png`),
      ),
      labelledSet('emotions', emotions),
    ],
    music: [
      labelledSet(
        'songs',
        rated((i) => `s${i}.wav`),
      ),
      labelledSet('quadrants', quadrants),
    ],
  };
}

const folder = t.testdir({});

function options(name: string, more: Partial<CdcmlTrainingOptions> = {}): CdcmlTrainingOptions {
  return {
    ...sets(),
    splits: ['train'],
    settings: TINY_CDCML,
    files: new FormulaFiles(TINY_CDCML),
    engine,
    cache: new DiskCache({ folder: join(folder, `${name}-cache`) }),
    folder: join(folder, name),
    date: DATE,
    ...more,
  };
}

/** The checksum of the weights, and all of model.json. */
async function written(name: string): Promise<string[]> {
  return [
    await sha256OfFile(join(folder, name, 'weights.safetensors')),
    await readFile(join(folder, name, 'model.json'), 'utf8'),
  ];
}

const whole = await trainCdcml(options('whole'));

t.test('the description says what was learnt from, and how well', async (t) => {
  t.match(whole, {
    architecture: { name: 'cdcml-on-encoders' },
    date: DATE,
    data: [
      { name: 'rated', kind: 'image', files: 20, labels: 'ratings', splits: ['train'] },
      { name: 'emotions', kind: 'image', files: 24, labels: 'categories' },
      { name: 'songs', kind: 'music', files: 20, labels: 'ratings' },
      { name: 'quadrants', kind: 'music', files: 24, labels: 'categories' },
    ],
  });
  const { leftOut } = whole!.metrics as { leftOut: Record<string, number> };
  for (const name of ['imageValenceR2', 'musicArousalR2', 'similarityMseOfConstants', 'quadrantsValenceAuc'])
    t.type(leftOut[name], 'number', name);
  for (const kind of ['image', 'music'] as const) {
    const { valence, arousal } = withinOf(kind, whole!)!;
    for (const share of [valence, arousal]) t.ok(share > 0.4 && share <= 1, `${kind}: ${share}`);
  }
  t.equal(withinOf('image', { ...whole!, metrics: { leftOut: { imageValenceWithin: 2 } } }), undefined);
  const ratings = Array.from({ length: 24 }, (_, i) => i).filter((i) => i % 6 !== 5).map(moodAt); // prettier-ignore
  const mean = ratings.reduce((sum, { valence }) => sum + valence / ratings.length, 0);
  t.ok(Math.abs(whole!.constant.image.valence - mean) < 1e-9);
  t.same(await readModelDescription(join(folder, 'whole', 'model.json')), whole);
});

t.test('model.json keeps each term of the loss for every epoch', async (t) => {
  const { losses } = whole!.metrics as { losses: Record<string, number[]> };
  t.same(Object.keys(losses), ['sim', 'va', 'cfr', 'cfm', 'sfr']);
  for (const [term, values] of Object.entries(losses)) {
    t.equal(values.length, TINY_CDCML.epochs, term);
    t.ok(
      values.every((value) => value > 0 && Number.isFinite(value)),
      term,
    );
  }
  t.ok(losses['va']!.at(-1)! < losses['va']![0]!, 'valence and arousal are learnt');
});

t.test('the same data and settings give the same bytes; another seed gives others', async (t) => {
  await trainCdcml(options('again'));
  t.same(await written('again'), await written('whole'));
  await trainCdcml(options('other', { settings: { ...TINY_CDCML, seed: 2 } }));
  t.notSame((await written('other'))[0], (await written('whole'))[0]);
});

t.test('stopped anywhere and started again it gives the same bytes, from what the cache has', async (t) => {
  let stopAt: (progress: CdcmlProgress) => boolean = () => false;
  const trained: number[] = [];
  const attempt = (files: FormulaFiles) => {
    const interruption = new AbortController();
    trained.length = 0;
    return trainCdcml(
      options('resumed', {
        files,
        signal: interruption.signal,
        progress: (progress) => {
          if (progress.stage === 'networks (epochs)') trained.push(progress.done);
          if (stopAt(progress)) interruption.abort();
        },
      }),
    );
  };
  const { epochs } = TINY_CDCML;
  const stops: (typeof stopAt)[] = [
    ({ stage, done }) => stage === 'sound files' && done === 3,
    ({ stage, done }) => stage === 'networks (epochs)' && done === 1,
    ({ stage, done }) => stage === 'networks (epochs)' && done === 2 * epochs + 1,
  ];
  for (const stop of stops) {
    stopAt = stop;
    t.equal(await attempt(new FormulaFiles(TINY_CDCML)), undefined);
    await t.rejects(readFile(join(folder, 'resumed', 'model.json')), 'nothing is written');
  }
  stopAt = () => false;
  t.ok(await attempt(new FormulaFiles(TINY_CDCML)));
  const epochsOf = (network: number) => trained.filter((done) => done > network * epochs && done < (network + 1) * epochs); // prettier-ignore
  t.same(epochsOf(0), [], 'the first network was in the cache');
  t.equal(epochsOf(3).length, epochs - 1, 'a later one was not');
  t.same(await written('resumed'), await written('whole'));
});

t.test('networks that are trained side by side are the same to the byte', async (t) => {
  const trained: number[] = [];
  await trainCdcml(
    options('side', {
      threads: 3,
      progress: ({ stage, done, total }) => {
        if (stage === 'networks (epochs)') trained.push(done / total);
      },
    }),
  );
  t.same(await written('side'), await written('whole'));
  t.equal(trained.at(-1), 1);
  t.same(trained, trained.toSorted(), 'progress goes on only');
});

t.test(
  'stopped while networks are trained side by side, it goes on from those that are finished',
  async (t) => {
    const interruption = new AbortController();
    const stopAfter = (most: number): Partial<CdcmlTrainingOptions> => ({
      threads: 2,
      signal: interruption.signal,
      progress: ({ stage, done }) => {
        if (stage === 'networks (epochs)' && done >= most) interruption.abort();
      },
    });
    t.equal(await trainCdcml(options('stopped', stopAfter(3 * TINY_CDCML.epochs))), undefined);
    const told: number[] = [];
    await trainCdcml(
      options('stopped', {
        threads: 2,
        progress: ({ stage, done }) => stage === 'networks (epochs)' && told.push(done),
      }),
    );
    t.ok(told[0]! >= TINY_CDCML.epochs, 'some were in the cache');
    t.same(await written('stopped'), await written('whole'));
  },
);

/** Sends a signal to the processes that train networks. */
async function signalTrainers(signal: NodeJS.Signals): Promise<void> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  for (const pid of children.trim().split(' ')) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    if (command.includes('synesthete: training')) process.kill(Number(pid), signal);
  }
}

/** A training side by side whose processes get a signal after the first epoch. */
async function signalled(name: string, signal: NodeJS.Signals): Promise<unknown> {
  let sent: Promise<void> | undefined;
  try {
    return await trainCdcml(
      options(name, {
        threads: 2,
        progress: ({ stage, done }) => {
          if (stage === 'networks (epochs)' && done > 0) sent ??= signalTrainers(signal);
        },
      }),
    );
  } finally {
    await sent;
  }
}

const HAS_PROC = { skip: process.platform !== 'linux' && 'processes are found by /proc' };

t.test('a process that ends is reported with the cure', HAS_PROC, async (t) => {
  await t.rejects(signalled('killed', 'SIGKILL'), {
    code: 'ENGINE_FAILED',
    message: 'a process that trained a network has ended by SIGKILL',
    remedy: { kind: 'train-in-one-process' },
  });
});

t.test('a signal to all processes leaves the end of a training to the program', HAS_PROC, async (t) => {
  await signalled('terminated', 'SIGTERM');
  t.same(await written('terminated'), await written('whole'));
});

t.test(
  'Ctrl-C, which reaches all processes of a terminal, ends a training at an epoch, from the first moment on',
  { skip: process.platform !== 'linux' && 'processes are found by /proc' },
  async (t) => {
    const program = fileURLToPath(new URL('interrupted-training.ts', import.meta.url));
    // A group of its own, as a shell gives it.
    const training = spawn(process.execPath, [...process.execArgv, program, t.testdir({})], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = Promise.all([text(training.stdout), text(training.stderr)]);
    /** Whether both processes are there: one that is just being forked is still of the program's group. */
    const isTraining = async (): Promise<boolean> => {
      const children = await readFile(`/proc/${training.pid}/task/${training.pid}/children`, 'utf8');
      const commands = children.trim().split(' ').filter((pid) => pid !== '').map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')); // prettier-ignore
      const networks = (await Promise.all(commands)).filter((command) => command.includes('network-process'));
      return networks.length === 2;
    };
    while (training.exitCode === null && !(await isTraining())) await setTimeout(5);
    process.kill(-training.pid!, 'SIGINT');
    const [said, complaint] = await ended;
    t.equal(said, 'stopped', complaint);
  },
);

t.test('what cannot be learnt from is reported', async (t) => {
  const { images, music } = sets();
  const first = await failure('BAD_TABLE', () =>
    trainCdcml(options('x', { images: images.toReversed(), music })),
  );
  t.match(first, /emotions\.csv: there is no rated row to learn from/);
  t.match(await failure('BAD_TABLE', () => trainCdcml(options('x', { images: [] }))), /no pictures: /);
  t.match(await failure('BAD_TABLE', () => trainCdcml(options('x', { splits: ['val'] }))), /rated\.csv: /);
  const few = { images: sets(8).images, music };
  t.match(
    await failure('BAD_TABLE', () => trainCdcml(options('x', few))),
    /rated\.csv: .* 4 themes .* at least 5/,
  );
});

/** A clip of two tones that goes on from the second before it. */
async function clip() {
  const sound = Float32Array.from(
    { length: BEFORE_SAMPLES + CLIP_SAMPLES },
    (_, n) => 0.2 * Math.sin((2 * Math.PI * 330 * n) / SAMPLE_RATE_HZ) + 0.1 * Math.sin((n * n) / 1e7),
  );
  const samples = sound.slice(BEFORE_SAMPLES);
  const features = (await createFeatureExtractor()).extract(samples);
  return { sound, input: { samples, before: sound.slice(0, BEFORE_SAMPLES), features } };
}

function pixelsAt(seed: number): Uint8Array {
  const side = PICTURE_SQUARE;
  return Uint8Array.from({ length: side * side * 3 }, (_, i) => 128 + 100 * Math.sin((seed * i) / 997));
}

async function run(
  graph: Graph,
  feeds: Record<string, { shape: number[]; data: Float32Array }>,
): Promise<NamedValues> {
  const session = await engine.load(graph);
  try {
    return await session.run(
      Object.fromEntries(
        Object.entries(feeds).map(([name, value]) => [name, { dtype: 'float32' as const, ...value }]),
      ),
    );
  } finally {
    await session.close();
  }
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

t.test('opened, it reads pictures and clips as its graphs do', async (t) => {
  const model = await openModel(join(folder, 'whole'), { engine });
  t.teardown(() => model.close());
  t.equal(model.featureRows, 'without-tonnetz');
  const pixels = [pixelsAt(1), pixelsAt(3)];
  const pictures = await model.embedPictures(pixels);
  const { sound, input } = await clip();
  const [heard] = await model.embedClips([input]);
  for (const prediction of [...pictures, heard!]) {
    t.equal(prediction.embedding.length, TINY_CDCML.embedding);
    t.ok(Math.abs(Math.hypot(...prediction.embedding) - 1) < 1e-4);
    t.ok(prediction.valenceSd > 0 && prediction.arousalSd > 0);
  }
  t.ok(pictures.every(({ unsafe }) => unsafe >= 0 && unsafe <= 1));
  t.ok(furthest(pictures[0]!.embedding, pictures[1]!.embedding) > 1e-3);
  const similarities = await model.similarities(pictures, [heard!]);

  const graphs = await model.graphs!(1);
  const shape = [1, PICTURE_SQUARE, PICTURE_SQUARE, 3];
  const seen = await run(graphs.picture, { pixels: { shape, data: Float32Array.from(pixels[0]!) } });
  t.ok(furthest(seen['embedding']!.data, pictures[0]!.embedding) < 1e-3);
  t.ok(furthest(seen['mood']!.data, [pictures[0]!.valence, pictures[0]!.arousal]) < 1e-3);
  t.ok(furthest(seen['unsafe']!.data, [pictures[0]!.unsafe]) < 1e-3);
  const music = await run(graphs.music, { samples: { shape: [1, sound.length], data: sound } });
  t.ok(furthest(music['mood']!.data, [heard!.valence, heard!.arousal]) < 1e-3);
  t.ok(furthest(music['embedding']!.data, heard!.embedding) < 1e-3);
  for (const [i, { embedding }] of pictures.entries()) {
    const { similarity } = await run(graphs.similarity!, {
      picture: { shape: [1, embedding.length], data: embedding },
      clip: { shape: [1, embedding.length], data: heard!.embedding },
    });
    t.ok(Math.abs((similarity!.data as Float32Array)[0]! - similarities[i]!) < 1e-5);
  }
});

t.test('a model of other encoders is refused', async (t) => {
  const path = join(folder, 'whole', 'model.json');
  const text = await readFile(path, 'utf8');
  t.teardown(async () => writeModelDescription(path, whole!));
  const clipEncoders = await openClipEncoders(engine, TINY_CDCML.music.encoders);
  const { identity } = clipEncoders;
  await clipEncoders.close();
  const changed = JSON.parse(text) as NonNullable<typeof whole>;
  const encoders = changed.architecture.settings['encoders'] as { music: string };
  t.equal(encoders.music, identity);
  encoders.music = 'feature-statistics/0';
  await writeModelDescription(path, changed);
  const message = await failure('OTHER_ARCHITECTURE', () => openModel(join(folder, 'whole'), { engine }));
  t.match(message, /was trained on other music encoders .* train it again/);
});
