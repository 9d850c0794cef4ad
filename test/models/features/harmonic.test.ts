import t from 'tap';
import {
  createTypescriptKernels,
  createWasmKernels,
  CLIP_SAMPLES,
  type FeatureKernels,
} from '../../../models/features/index.ts';
import { maskHarmonic, medianAcrossBins, medianAcrossFrames } from '../../../models/features/hpss.ts';
import { createFramePlan, paddedSamples, windowSumSquares } from '../../../models/features/stft.ts';
import { hannWindow } from '../../../models/features/window.ts';
import { readGolden, relativeError } from './golden.ts';
import { chords, createNoise } from './signals.ts';

/** By the definition: sort the 31 numbers around, the edges mirrored. */
function medianByDefinition(values: readonly number[]): number[] {
  const mirror = [...values, ...values.toReversed()];
  return values.map((_, i) => {
    const window = Array.from({ length: 31 }, (_, k) => mirror.at((i + k - 15) % mirror.length)!);
    return window.sort((a, b) => a - b)[15]!;
  });
}

t.test('medians equal their definition, edges mirrored', async (t) => {
  for (const length of [1, 5, 16, 31, 87]) {
    const noise = createNoise(length);
    const values = Float32Array.from({ length }, () => Math.round(20 * noise()) / 4);
    const expected = medianByDefinition([...values]);
    const medians = new Float32Array(length);
    medianAcrossFrames(values, length, 1, medians);
    t.same([...medians], expected, `${length} frames`);
    medianAcrossBins(values, 1, length, medians);
    t.same([...medians], expected, `${length} bins`);
  }
});

t.test('a held tone is kept, a click is not, and what is both is shared', async (t) => {
  const [frames, bins] = [60, 200];
  const magnitude = new Float32Array(frames * bins);
  for (let frame = 0; frame < frames; frame++) magnitude[frame * bins + 70] = 1;
  for (let bin = 0; bin < bins; bin++) magnitude[30 * bins + bin] = 1;
  const spectrum = Float32Array.from({ length: 2 * frames * bins }, (_, i) =>
    i % 2 ? 0 : magnitude[i / 2]!,
  );
  const harmonic = new Float32Array(frames * bins);
  const percussive = new Float32Array(frames * bins);
  medianAcrossFrames(magnitude, frames, bins, harmonic);
  medianAcrossBins(magnitude, frames, bins, percussive);
  maskHarmonic(spectrum, magnitude, harmonic, percussive, spectrum);
  t.equal(spectrum[2 * (10 * bins + 70)], 1);
  t.equal(spectrum[2 * (30 * bins + 150)], 0);
  t.equal(spectrum[2 * (30 * bins + 70)], 0.5);
});

function harmonicPart(kernels: FeatureKernels, clip: Float32Array): Float32Array {
  const plan = createFramePlan(512, 87, hannWindow(2048));
  const count = 87 * 1025;
  const padded = kernels.allocate(paddedSamples(plan));
  padded.set(clip, 1024);
  const spectrum = kernels.allocate(2 * count);
  const [magnitude, harmonic, percussive] = [
    kernels.allocate(count),
    kernels.allocate(count),
    kernels.allocate(count),
  ];
  kernels.stft(plan, padded, spectrum);
  kernels.magnitudes(spectrum, magnitude);
  kernels.medianAcrossFrames(magnitude, 87, 1025, harmonic);
  kernels.medianAcrossBins(magnitude, 87, 1025, percussive);
  kernels.maskHarmonic(spectrum, magnitude, harmonic, percussive, spectrum);
  kernels.overlapAdd(plan, spectrum, padded);
  const sums = windowSumSquares(plan);
  return padded.map((value, n) => value / sums[n]!).subarray(1024, 1024 + CLIP_SAMPLES);
}

t.test("the harmonic part equals librosa's, sample by sample", async (t) => {
  const golden = await readGolden('chords.harmonic');
  for (const kernels of [createTypescriptKernels(), await createWasmKernels()]) {
    const harmonic = harmonicPart(kernels, chords());
    const every21st = golden.values.map((_, i) => harmonic[21 * i]!);
    t.ok(relativeError(every21st, golden.values) < 1e-6, kernels.name);
  }
});
