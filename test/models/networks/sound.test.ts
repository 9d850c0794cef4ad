import t from 'tap';
import type { Test } from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import { SynestheteError } from '../../../models/errors.ts';
import {
  CLIP_SAMPLES,
  FEATURE_GROUPS,
  FRAME_COUNT,
  createFeatureExtractor,
} from '../../../models/features/index.ts';
import { createPitchPeaks, pitchTuningStep, trackPitches } from '../../../models/features/tuning.ts';
import { Graph, sizeOf } from '../../../models/graph/index.ts';
import { TrainingGraph } from '../../../models/graph/training/index.ts';
import { inferenceLayers, resnet } from '../../../models/networks/index.ts';
import { featuresOfSamples } from '../../../models/networks/sound/features.ts';
import {
  createGraphExtractor,
  repeatedPlanes,
  soundToEmbedding,
} from '../../../models/networks/sound/index.ts';
import { tuningStep } from '../../../models/networks/sound/pitch.ts';
import { initialState, trainingLayers } from '../../../models/networks/training/index.ts';
import { relativeError as relativeDistance } from '../features/golden.ts';
import {
  chords,
  clicks,
  createNoise,
  detunedChord,
  mixture,
  quietMixture,
  silence,
  sineSweep,
} from '../features/signals.ts';
import { floats, relativeError, runOnce } from '../graph/helpers.ts';

t.setTimeout(300_000);

const SIGNALS = { sineSweep, chords, detunedChord, clicks, mixture, quietMixture };
/** L2 of each group. The bound is 1e-3; tonnetz of the sweep hangs on what leaks 100 dB down. */
const BOUND = { mfcc: 1e-5, chroma: 1e-5, mel: 1e-5, contrast: 2e-4, tonnetz: 1e-3 } as const;

const engine = await openEngine('cpu', { threads: 2 });
const single = await createGraphExtractor(engine, 1);
const reference = await createFeatureExtractor();
t.teardown(() => single.close());

function checkEqual(t: Test, name: string, found: Float32Array, clip: Float32Array): void {
  const expected = reference.extract(clip);
  for (const { name: group, first, rows } of FEATURE_GROUPS) {
    const part = (matrix: Float32Array): Float32Array =>
      matrix.subarray(first * FRAME_COUNT, (first + rows) * FRAME_COUNT);
    const error = relativeDistance(part(found), part(expected));
    t.ok(error <= BOUND[group], `${name} ${group}: relative error ${error.toExponential(1)}`);
  }
}

t.test('the graph gives the features of the extractor, clip by clip', async (t) => {
  for (const [name, makeSignal] of Object.entries(SIGNALS)) {
    const clip = makeSignal();
    const [found] = await single.extract([clip]);
    checkEqual(t, name, found!, clip);
  }
});

t.test('loudness changes no group by more than it does in the extractor', async (t) => {
  const clip = mixture();
  for (const level of [1e6, 1e-6]) {
    const scaled = clip.map((sample) => sample * level);
    const [found] = await single.extract([scaled]);
    checkEqual(t, `${level} times`, found!, scaled);
  }
});

t.test('silence: MFCC₀ −1131.37, everything else 0', async (t) => {
  const [matrix] = await single.extract([silence()]);
  const lowest = -100 * Math.sqrt(128);
  const worst = matrix!.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (i < FRAME_COUNT ? lowest : 0))),
    0,
  );
  t.ok(worst < 5e-3, `largest difference ${worst}`);
});

t.test('any finite clip gives finite features', async (t) => {
  const noise = createNoise(9);
  const impulse = new Float32Array(CLIP_SAMPLES);
  impulse[CLIP_SAMPLES - 1] = 1;
  const clips = {
    'hardly there': Float32Array.from({ length: CLIP_SAMPLES }, () => 1e-30 * noise()),
    'the smallest numbers': Float32Array.from({ length: CLIP_SAMPLES }, () => 1e-44 * noise()),
    constant: new Float32Array(CLIP_SAMPLES).fill(0.5),
    'the last sample only': impulse,
  };
  for (const [name, clip] of Object.entries(clips)) {
    const [matrix] = await single.extract([clip]);
    t.ok(
      matrix!.every((value) => Number.isFinite(value)),
      name,
    );
  }
});

t.test('clips that run together do not hear each other', async (t) => {
  const batched = await createGraphExtractor(engine, 4);
  t.teardown(() => batched.close());
  const clips = [silence(), mixture(), quietMixture(), detunedChord(), sineSweep()];
  const found = await batched.extract(clips);
  t.equal(found.length, 5);
  for (const i of [1, 2, 3, 4]) checkEqual(t, `clip ${i}`, found[i]!, clips[i]!);
  t.ok(Math.abs(found[0]![0]! + 1131.37) < 0.01, 'silence beside sound stays silence');
  t.same(await batched.extract([]), []);
});

t.test('a clip that is none is refused before anything runs', async (t) => {
  await t.rejects(
    single.extract([chords(), new Float32Array(100)]),
    new SynestheteError(
      'BAD_SAMPLES',
      'the clip has 100 samples, 44100 are needed: cut it to 2 s at 22,050 Hz mono',
    ),
  );
  const graph = new Graph();
  t.throws(() => featuresOfSamples(graph.input('x', [2, 100])), {
    message: /"x" \[2, 100\] must be \[batch, 44100\]/u,
  });
});

t.test('the tuning is the step of the extractor, without a peak 0', async (t) => {
  const noise = createNoise(5);
  const bins = 1025;
  const clips = Array.from({ length: 6 }, (_, clip) =>
    Float32Array.from({ length: FRAME_COUNT * bins }, (_, i) => {
      const bin = i % bins;
      // Combs of partials that are ever more out of tune; the last clip has no peaks.
      const partial = Math.exp(-(((bin % 20.3) - 10 - clip / 5) ** 2) / 4);
      return clip === 5 ? bin : partial * (1 + 0.3 * noise());
    }),
  );
  for (const binsPerOctave of [12, 36]) {
    const graph = new Graph();
    const magnitude = graph.input('magnitude', [clips.length, FRAME_COUNT, bins]);
    graph.output('step', tuningStep(magnitude, binsPerOctave));
    const data = new Float32Array(sizeOf(magnitude.shape));
    clips.forEach((clip, i) => {
      data.set(clip, i * clip.length);
    });
    const { step } = await runOnce(engine, graph, { magnitude: floats(magnitude.shape, data) });
    const expected = clips.map((clip) => {
      const peaks = createPitchPeaks(FRAME_COUNT);
      trackPitches(clip, FRAME_COUNT, peaks);
      return pitchTuningStep(peaks, binsPerOctave) ?? 50;
    });
    t.same([...step!.data], expected, `${binsPerOctave} bins to the octave`);
    t.equal(expected[5], 50);
  }
});

t.test('the peaks at the median and above count, whether their number is even or odd', async (t) => {
  const graph = new Graph();
  const bins = 1025;
  const magnitude = graph.input('magnitude', [2, FRAME_COUNT, bins]);
  graph.output('step', tuningStep(magnitude, 12));
  const data = new Float32Array(sizeOf(magnitude.shape));
  const peak = (clip: number, frame: number, bin: number, level: number): void => {
    data[(clip * FRAME_COUNT + frame) * bins + bin] = level;
  };
  // Two quiet peaks of one pitch, then of others that are louder two of another, and in the second clip a third.
  for (const clip of [0, 1]) {
    for (const frame of [0, 1]) peak(clip, frame, 100, 1);
    for (const frame of [2, 3]) peak(clip, frame, 123, 2);
  }
  peak(1, 4, 141, 3);
  const { step } = await runOnce(engine, graph, { magnitude: floats(magnitude.shape, data) });
  const expected = [0, 1].map((clip) => {
    const peaks = createPitchPeaks(FRAME_COUNT);
    trackPitches(
      data.subarray(clip * FRAME_COUNT * bins, (clip + 1) * FRAME_COUNT * bins),
      FRAME_COUNT,
      peaks,
    );
    return pitchTuningStep(peaks, 12);
  });
  t.same([...step!.data], expected);
});

t.test('sound, features and ResNet-18 as one graph', async (t) => {
  const training = new TrainingGraph(new Graph());
  resnet(trainingLayers(training), training.graph.input('x', [2, 3, 33, 33]), 18, 5);
  const shapes = [...training.graph.inputs].flatMap(([input, { shape }]) =>
    input === 'x' ? [] : [{ input, shape }],
  );
  const initial = initialState(shapes, 1);
  const weights = Object.fromEntries(
    shapes.map(({ input, shape }) => [
      input,
      { shape, data: initial[input] ?? new Float32Array(sizeOf(shape)) },
    ]),
  );
  const clips = [mixture(), chords()];
  const samples = new Float32Array(2 * CLIP_SAMPLES);
  clips.forEach((clip, i) => {
    samples.set(clip, i * CLIP_SAMPLES);
  });
  const joined = soundToEmbedding(
    2,
    (features) => resnet(inferenceLayers(features.graph, weights), repeatedPlanes(features), 18, 5),
    'cpu',
  );
  const { features, embedding } = await runOnce(engine, joined, {
    samples: floats([2, CLIP_SAMPLES], samples),
  });
  t.same(embedding!.shape, [2, 5]);
  t.same(features!.shape, [2, 193, 87]);

  const alone = new Graph();
  const x = alone.input('x', [2, 193, 87]);
  alone.output('y', resnet(inferenceLayers(alone, weights), repeatedPlanes(x), 18, 5));
  const matrices = new Float32Array(sizeOf(x.shape));
  clips.forEach((clip, i) => {
    matrices.set(reference.extract(clip), (i * matrices.length) / 2);
  });
  const { y } = await runOnce(engine, alone, { x: floats(x.shape, matrices) });
  t.ok(relativeError(embedding!.data, y!.data) <= 1e-3);
});
