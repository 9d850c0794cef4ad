import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstValueFrom, filter } from 'rxjs';
import t from 'tap';
import { CLIP_SAMPLES } from '../../../models/features/index.ts';
import { Analyser, AnalysisPool, modelRecipe, SupervisedAnalyser } from '../../../streams/analysis/index.ts';
import { failure } from '../../models/rejection.ts';
import { emptyFolder } from '../../support/folder.ts';
import { formulaReading } from '../../support/formula-model.ts';
import { formulaRecipe } from '../../support/recipes.ts';
import { overflowing, spoiltModel, without, withNumber } from '../../support/spoilt-model.ts';
import { commandOf, descendantsOf, needsProc } from '../sources/support/processes.ts';

const WARMUP_RUNS = 5;

function clip(frequencyHz: number) {
  const samples = new Float32Array(CLIP_SAMPLES).map(
    (_, i) => 0.5 * Math.sin((2 * Math.PI * frequencyHz * i) / 22_050),
  );
  return { startSample: 0, samples, before: Float32Array.of(0.5), arrivedAtMs: 0 };
}

/** One glad and excited, one sad and calm picture, as the formula model's ranking compares them. */
const pictures = {
  count: 2,
  vectors: Float32Array.of(1, 1, 0.01, 0.01, 0, 0, 0.01, 0.01),
  moods: Float32Array.of(1, 1, 0, 0),
};
const request = {
  prediction: formulaReading(0.9, 0.9),
  offset: { valence: 0, arousal: 0 },
  allowed: Uint8Array.of(1, 1),
  count: 2,
  alsoIndices: [1],
};

t.test('with a model, clips are read and pictures are ranked in the process', async (t) => {
  const analyser = await Analyser.start({ model: formulaRecipe() });
  t.teardown(() => analyser.close());
  t.match(analyser.model, { ranking: 'plane', width: 4, fingerprint: 'f0'.repeat(32) });
  const { prediction, rms } = await analyser.analyse(clip(261.63));
  t.ok(prediction!.valence > 0.9, 'a C is glad to the formula');
  t.ok(Math.abs(rms - 0.5 / Math.SQRT2) < 1e-3);
  await t.rejects(analyser.match(request), { message: /no pictures/ });
  analyser.setPictures(pictures);
  const { best, also } = await analyser.match(request);
  t.same(
    best.map(({ index }) => index),
    [0, 1],
  );
  t.match(also, [{ index: 1 }]);
});

t.test('no pictures at all are ranked as well', async (t) => {
  const analyser = await Analyser.start({ model: formulaRecipe() });
  t.teardown(() => analyser.close());
  analyser.setPictures({ count: 0, vectors: new Float32Array(0), moods: new Float32Array(0) });
  const nothing = { ...request, allowed: new Uint8Array(0), alsoIndices: [] };
  t.strictSame(await analyser.match(nothing), { best: [], also: [] });
});

t.test('a model that cannot be opened is reported with its own error', async () => {
  await failure('BAD_MODEL', () => Analyser.start({ model: formulaRecipe({ refuses: true }) }));
});

for (const how of ['crash', 'hang'] as const) {
  t.test(
    `a process that ${how === 'crash' ? 'crashes' : 'hangs'} is started again by itself, with its pictures`,
    async (t) => {
      const recipe = formulaRecipe({ ends: { how, afterReadings: WARMUP_RUNS + 1 } });
      const analyser = await SupervisedAnalyser.start(recipe, () => Promise.resolve(pictures));
      t.teardown(() => analyser.close());
      await analyser.analyse(clip(440));
      const begunAtMs = performance.now();
      await failure('ANALYSIS_LOST', () => analyser.analyse(clip(440)));
      await failure('ANALYSIS_LOST', () => analyser.analyse(clip(440)));
      await firstValueFrom(analyser.status.pipe(filter(({ state }) => state === 'running')));
      t.comment(`running again after ${(performance.now() - begunAtMs).toFixed(0)} ms`);
      t.ok((await analyser.analyse(clip(261.63))).prediction);
      t.equal((await analyser.match(request)).best[0]!.index, 0);
    },
  );
}

t.test('the built-in model, killed, reads on as before', needsProc, async (t) => {
  const recipe = modelRecipe({ engine: 'cpu', threads: 1 });
  const analyser = await SupervisedAnalyser.start(recipe, () => Promise.resolve(pictures));
  t.teardown(() => analyser.close());
  const { prediction } = await analyser.analyse(clip(440));
  const worker = descendantsOf(process.pid).find((pid) => commandOf(pid).startsWith('synesthete: analysis'));
  const begunAtMs = performance.now();
  process.kill(worker!, 'SIGKILL');
  const { message } = await firstValueFrom(
    analyser.status.pipe(filter(({ state }) => state === 'restarting')),
  );
  t.match(message, /ended by SIGKILL/);
  await firstValueFrom(analyser.status.pipe(filter(({ state }) => state === 'running')));
  t.comment(`running again after ${(performance.now() - begunAtMs).toFixed(0)} ms`);
  t.same((await analyser.analyse(clip(440))).prediction, prediction);
});

t.test('another model takes over when it is ready, and one that is not there changes nothing', async (t) => {
  const analyser = await SupervisedAnalyser.start(formulaRecipe(), () => Promise.resolve(pictures));
  t.teardown(() => analyser.close());
  const none = () => Promise.reject(new Error('no pictures of that model'));
  await t.rejects(analyser.switchModel(formulaRecipe({ fingerprint: 'a' }), none), {
    message: /no pictures/,
  });
  await failure('BAD_MODEL', () =>
    analyser.switchModel(formulaRecipe({ refuses: true }), () => Promise.resolve(pictures)),
  );
  t.not(analyser.model.fingerprint, 'a');
  const switched = analyser.switchModel(formulaRecipe({ fingerprint: 'b' }), () => Promise.resolve(pictures));
  t.ok((await analyser.analyse(clip(440))).prediction, 'meanwhile the old one works');
  t.equal((await switched).fingerprint, 'b');
  t.ok((await analyser.analyse(clip(440))).prediction);
  t.equal((await firstValueFrom(analyser.status)).restarts, 0);
});

t.test('a model that hangs as it is opened is given up, and tried again', async (t) => {
  const hangsWhile = join(emptyFolder(t), 'hangs');
  const recipe = formulaRecipe({ hangsWhile, ends: { how: 'crash', afterReadings: WARMUP_RUNS } });
  const limits = { firstMs: 60_000, againMs: 1000 };
  const analyser = await SupervisedAnalyser.start(recipe, () => Promise.resolve(pictures), limits);
  t.teardown(() => analyser.close());
  writeFileSync(hangsWhile, '');
  await failure('ANALYSIS_LOST', () => analyser.analyse(clip(440)));
  await firstValueFrom(
    analyser.status.pipe(filter(({ message }) => message.includes('not ready within 1 s'))),
  );
  rmSync(hangsWhile);
  await firstValueFrom(analyser.status.pipe(filter(({ state }) => state === 'running')));
  await failure('ENGINE_FAILED', () =>
    SupervisedAnalyser.start(recipe, () => Promise.resolve(pictures), { firstMs: 1, againMs: 1 }),
  );
});

t.test('another model takes over from one that hangs as it is started again', async (t) => {
  const hangsWhile = join(emptyFolder(t), 'hangs');
  const recipe = formulaRecipe({ hangsWhile, ends: { how: 'crash', afterReadings: WARMUP_RUNS } });
  const analyser = await SupervisedAnalyser.start(recipe, () => Promise.resolve(pictures));
  t.teardown(() => analyser.close());
  writeFileSync(hangsWhile, '');
  await failure('ANALYSIS_LOST', () => analyser.analyse(clip(440)));
  await analyser.switchModel(formulaRecipe({ fingerprint: 'b' }), () => Promise.resolve(pictures));
  const states: string[] = [];
  analyser.status.subscribe(({ state }) => states.push(state));
  t.equal((await analyser.analyse(clip(440))).model, 'b');
  t.strictSame(states, ['running']);
});

t.test('a pool gives its processes clips in a row, and as many as keep them busy', async (t) => {
  const pool = await AnalysisPool.start(2, { model: formulaRecipe() });
  t.teardown(() => pool.close());
  const clips = Array.from({ length: 32 }, (_, i) => clip([220, 261.63, 440, 392][i % 4]!));
  /** Whether it is ready at once. */
  const isReady = async (): Promise<boolean> => {
    let is = false;
    void pool.ready().then(() => (is = true));
    await Promise.resolve();
    return is;
  };
  const analyses = clips.slice(0, 16).map((one) => pool.analyse(one));
  t.ok(await isReady(), 'the second process has nothing to do');
  analyses.push(...clips.slice(16).map((one) => pool.analyse(one)));
  t.notOk(await isReady(), 'both have sixteen clips before them');
  await pool.ready();
  const done = await Promise.all(analyses);
  t.same(
    done.map((analysis) => analysis.clip),
    clips,
  );
  t.ok(done[1]!.prediction!.valence > 0.9);
});

t.test('a switch to a model that gives no finite numbers is taken back', async (t) => {
  const folder = t.testdir({});
  const spoilt = {
    nan: withNumber('music.fc.weight', Number.NaN),
    overflow: overflowing('music.fc.weight'),
    none: without('music.fc.weight'),
  };
  const supervised = await SupervisedAnalyser.start(formulaRecipe(), () => Promise.resolve(pictures));
  t.teardown(() => supervised.close());
  const before = supervised.model.fingerprint;
  for (const [name, spoil] of Object.entries(spoilt)) {
    const path = await spoiltModel(join(folder, name), spoil);
    const recipe = modelRecipe({ folder: path, engine: 'cpu', threads: 1 });
    const taken = supervised.switchModel(recipe, () => Promise.resolve(pictures));
    await t.rejects(taken, { code: /^(?:BAD_MODEL|BAD_WEIGHTS|OTHER_ARCHITECTURE)$/ }, name);
    t.equal(supervised.model.fingerprint, before);
    t.equal((await supervised.analyse(clip(261.63))).model, before, 'the old one goes on');
    t.match((await supervised.match(request)).best, [{ index: 0 }, { index: 1 }]);
  }
});
