import t from 'tap';
import { SynestheteError } from '../../../models/errors.ts';
import {
  CLIP_SAMPLES,
  createFeatureExtractor,
  createTypescriptKernels,
  FEATURE_GROUPS,
  FEATURE_ROWS,
  FeatureExtractor,
  FRAME_COUNT,
} from '../../../models/features/index.ts';
import { firstDifference, readGolden, relativeErrors, TOLERANCE } from './golden.ts';
import {
  chords,
  clicks,
  createNoise,
  detunedChord,
  mixture,
  quietMixture,
  silence,
  sineSweep,
} from './signals.ts';

const SIGNALS = {
  sine_sweep: sineSweep,
  chords,
  detuned_chord: detunedChord,
  clicks,
  mixture,
  quiet_mixture: quietMixture,
};

const extractors = {
  WebAssembly: await createFeatureExtractor(),
  TypeScript: new FeatureExtractor(createTypescriptKernels()),
};

for (const [kernels, extractor] of Object.entries(extractors)) {
  t.test(`the matrix equals librosa's (${kernels})`, async (t) => {
    for (const [name, makeSignal] of Object.entries(SIGNALS)) {
      const errors = relativeErrors(extractor.extract(makeSignal()), await readGolden(name));
      for (const { name: group } of FEATURE_GROUPS) {
        t.ok(
          errors[group] <= TOLERANCE[group],
          `${name} ${group}: relative error ${errors[group].toExponential(1)}`,
        );
      }
    }
  });

  t.test(`silence is finite: MFCC₀ −1131.37, everything else 0 (${kernels})`, async (t) => {
    const matrix = extractor.extract(silence());
    // −100 dB in each of 128 mel bands, times √(1/128) · 128.
    const lowest = -100 * Math.sqrt(128);
    let worst = 0;
    for (let i = 0; i < matrix.length; i++) {
      worst = Math.max(worst, Math.abs(matrix[i]! - (i < FRAME_COUNT ? lowest : 0)));
    }
    t.ok(worst < 1e-3, `largest difference ${worst}`);
  });
}

t.test('both kernels give the same bits', async (t) => {
  for (const [name, makeSignal] of Object.entries({ ...SIGNALS, silence })) {
    const clip = makeSignal();
    t.equal(
      firstDifference(extractors.WebAssembly.extract(clip), extractors.TypeScript.extract(clip)),
      -1,
      name,
    );
  }
});

t.test('what an extractor has heard before changes nothing', async (t) => {
  const clips = [mixture(), silence(), clicks(), quietMixture(), sineSweep()];
  const used = extractors.WebAssembly;
  for (const clip of [...clips, ...clips.toReversed()]) {
    const fresh = await createFeatureExtractor();
    t.equal(firstDifference(used.extract(clip), fresh.extract(clip)), -1);
  }
});

t.test('the clip is left as it was, and the matrix goes where it is asked to', async (t) => {
  const clip = chords();
  const matrix = new Float32Array(FEATURE_ROWS * FRAME_COUNT).fill(NaN);
  t.equal(extractors.WebAssembly.extract(clip, { matrix }), matrix);
  t.equal(firstDifference(clip, chords()), -1);
  t.equal(firstDifference(matrix, extractors.WebAssembly.extract(clip)), -1);
  t.throws(() => extractors.WebAssembly.extract(clip, { matrix: new Float32Array(100) }), RangeError);
});

t.test('a clip of another length is refused', async (t) => {
  for (const length of [0, 1, CLIP_SAMPLES - 1, CLIP_SAMPLES + 1]) {
    t.throws(
      () => extractors.WebAssembly.extract(new Float32Array(length)),
      new SynestheteError(
        'BAD_SAMPLES',
        `the clip has ${length} samples, 44100 are needed: cut it to 2 s at 22,050 Hz mono`,
      ),
    );
  }
});

t.test('samples that are not finite are refused by name, and leave no trace', async (t) => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    const clip = chords();
    clip[30_000] = bad;
    t.throws(
      () => extractors.WebAssembly.extract(clip),
      new SynestheteError(
        'BAD_SAMPLES',
        `sample 30000 of the clip is ${bad}: features need finite numbers, check what the source delivers`,
      ),
    );
  }
  const fresh = await createFeatureExtractor();
  t.equal(firstDifference(extractors.WebAssembly.extract(chords()), fresh.extract(chords())), -1);
});

t.test('any finite clip gives finite features', async (t) => {
  const noise = createNoise(9);
  const step = Float32Array.from({ length: CLIP_SAMPLES }, (_, n) => (n < 20_000 ? 0 : 1));
  const impulse = new Float32Array(CLIP_SAMPLES);
  impulse[CLIP_SAMPLES - 1] = 1;
  const clips = {
    'far too loud': Float32Array.from({ length: CLIP_SAMPLES }, () => 1e6 * noise()),
    'hardly there': Float32Array.from({ length: CLIP_SAMPLES }, () => 1e-30 * noise()),
    'the smallest numbers': Float32Array.from({ length: CLIP_SAMPLES }, () => 1e-44 * noise()),
    'a step': step,
    constant: new Float32Array(CLIP_SAMPLES).fill(0.5),
    'the last sample only': impulse,
  };
  for (const [name, clip] of Object.entries(clips)) {
    t.ok(
      extractors.WebAssembly.extract(clip).every((value) => Number.isFinite(value)),
      name,
    );
  }
});

t.test('stages are reported in their order', async (t) => {
  const stages: string[] = [];
  extractors.WebAssembly.extract(chords(), { onStage: (stage) => stages.push(stage) });
  t.same(stages, ['stft', 'mel', 'mfcc', 'chroma', 'contrast', 'harmonic', 'tuning', 'cqt', 'tonnetz']);
});

t.test('without the tonnetz the other rows are the same, and its own are 0', async (t) => {
  const whole = extractors.WebAssembly.extract(chords());
  const matrix = new Float32Array(FEATURE_ROWS * FRAME_COUNT).fill(NaN);
  extractors.WebAssembly.extract(chords(), { matrix, rows: 'without-tonnetz' });
  const { first } = FEATURE_GROUPS.find(({ name }) => name === 'tonnetz')!;
  const others = first * FRAME_COUNT;
  t.equal(firstDifference(matrix.subarray(0, others), whole.subarray(0, others)), -1);
  t.ok(whole.subarray(others).some((value) => value !== 0));
  t.ok(matrix.subarray(others).every((value) => value === 0));
});
