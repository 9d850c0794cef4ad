import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import fc from 'fast-check';
import { createChromaBank } from '../../../models/features/chroma.ts';
import { createCqtFilters, createOctavePlans } from '../../../models/features/cqt.ts';
import { createTypescriptKernels, createWasmKernels } from '../../../models/features/index.ts';
import { createMelBank } from '../../../models/features/mel.ts';
import { createHalveTaps, HALVE_REACH } from '../../../models/features/resample.ts';
import { createFramePlan, paddedSamples } from '../../../models/features/stft.ts';
import { hannWindow } from '../../../models/features/window.ts';
import { firstDifference } from './golden.ts';
import { createNoise } from './signals.ts';

const wasm = await createWasmKernels();
const typescript = createTypescriptKernels();
const BINS = 1025;
const FRAMES = 87;

/** The same numbers for both. */
function both(values: Float32Array): [Float32Array, Float32Array] {
  const shared = wasm.allocate(values.length);
  shared.set(values);
  return [shared, values.slice()];
}

function noiseOf(length: number, seed: number, scale = 1): Float32Array {
  const noise = createNoise(seed);
  return Float32Array.from({ length }, () => scale * noise());
}

/** Magnitudes as music has them: many sizes, with zeros and equal neighbours. */
function spectrogramOf(seed: number, length = FRAMES * BINS): Float32Array {
  const noise = createNoise(seed);
  return Float32Array.from({ length }, () => {
    const kind = noise();
    if (kind < -0.8) return 0;
    if (kind < -0.6) return 0.25;
    return Math.abs(noise()) * 10 ** (6 * noise());
  });
}

t.test('FFTs of every frame size, window and number of frames', async (t) => {
  for (const [samples, hop, frames] of [
    [2048, 512, 87],
    [1024, 8, 86],
    [64, 16, 5],
    [8, 4, 1],
  ] as const) {
    const plan = createFramePlan(hop, frames, hannWindow(samples));
    const [signalA, signalB] = both(noiseOf(paddedSamples(plan), samples));
    const [spectrumA, spectrumB] = both(new Float32Array(frames * (samples + 2)));
    wasm.stft(plan, signalA, spectrumA);
    typescript.stft(plan, signalB, spectrumB);
    t.equal(firstDifference(spectrumA, spectrumB), -1, `forward, ${samples} points`);
    wasm.overlapAdd(plan, spectrumA, signalA);
    typescript.overlapAdd(plan, spectrumB, signalB);
    t.equal(firstDifference(signalA, signalB), -1, `back, ${samples} points`);
  }
});

t.test('magnitudes and the harmonic mask, also where there is nothing', async (t) => {
  const count = 1027;
  const [spectrumA, spectrumB] = both(noiseOf(2 * count, 4));
  for (const spectrum of [spectrumA, spectrumB]) spectrum.fill(0, 100, 300).fill(1e-44, 300, 320);
  const [magnitudeA, magnitudeB] = both(new Float32Array(count));
  wasm.magnitudes(spectrumA, magnitudeA);
  typescript.magnitudes(spectrumB, magnitudeB);
  t.equal(firstDifference(magnitudeA, magnitudeB), -1, 'magnitudes');
  const [harmonicA, harmonicB] = both(spectrogramOf(5, count));
  const [percussiveA, percussiveB] = both(spectrogramOf(6, count));
  wasm.maskHarmonic(spectrumA, magnitudeA, harmonicA, percussiveA, spectrumA);
  typescript.maskHarmonic(spectrumB, magnitudeB, harmonicB, percussiveB, spectrumB);
  t.equal(firstDifference(spectrumA, spectrumB), -1, 'mask');
});

t.test('medians of any matrix', async (t) => {
  const largest = 140 * 140;
  const valuesA = wasm.allocate(largest);
  const mediansA = wasm.allocate(largest);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 140 }),
      fc.integer({ min: 1, max: 140 }),
      fc.integer(),
      (frames, bins, seed) => {
        const size = frames * bins;
        const values = spectrogramOf(seed, size);
        const shared = valuesA.subarray(0, size);
        shared.set(values);
        const medians = new Float32Array(size);
        for (const direction of ['medianAcrossFrames', 'medianAcrossBins'] as const) {
          const sharedMedians = mediansA.subarray(0, size + 1).fill(-1);
          wasm[direction](shared, frames, bins, sharedMedians.subarray(0, size));
          typescript[direction](values, frames, bins, medians);
          if (firstDifference(sharedMedians.subarray(0, size), medians) !== -1) return false;
          if (size < largest && sharedMedians[size] !== -1) return false;
        }
        return true;
      },
    ),
    { numRuns: 60, seed: 31 },
  );
  t.pass('60 shapes in both directions, nothing written behind the end');
});

t.test('mel, chroma, resampling and CQT', async (t) => {
  const [magnitudeA, magnitudeB] = both(spectrogramOf(7));
  const [melA, melB] = both(new Float32Array(FRAMES * 128));
  const melBank = createMelBank();
  wasm.melSpectrogram(melBank, magnitudeA, FRAMES, melA);
  typescript.melSpectrogram(melBank, magnitudeB, FRAMES, melB);
  t.equal(firstDifference(melA, melB), -1, 'mel');

  const [chromaA, chromaB] = both(new Float32Array(FRAMES * 12));
  for (const tuning of [0.2, -0.5, 0.2]) {
    const bank = createChromaBank(tuning);
    wasm.projectChroma(bank, magnitudeA, FRAMES, chromaA);
    typescript.projectChroma(bank, magnitudeB, FRAMES, chromaB);
    t.equal(firstDifference(chromaA, chromaB), -1, `chroma, tuning ${tuning}`);
  }

  const taps = createHalveTaps();
  for (const samples of [1, 2, 15, 690, 1379, 44_100]) {
    const padded = new Float32Array(samples + 2 * HALVE_REACH);
    padded.set(noiseOf(samples, samples), HALVE_REACH);
    const [signalA, signalB] = both(padded);
    const [halvedA, halvedB] = both(new Float32Array(Math.ceil(samples / 2) + 8).fill(7));
    wasm.halveRate(taps, signalA, HALVE_REACH, samples, halvedA, 4);
    typescript.halveRate(taps, signalB, HALVE_REACH, samples, halvedB, 4);
    t.equal(firstDifference(halvedA, halvedB), -1, `half the rate of ${samples} samples`);
  }

  const [octave] = createOctavePlans();
  const [signalA, signalB] = both(noiseOf(octave!.padded, 8));
  const [spectrumA, spectrumB] = both(new Float32Array(FRAMES * 1026));
  const [cqtA, cqtB] = both(new Float32Array(FRAMES * 36));
  wasm.stft(octave!.frames, signalA, spectrumA);
  typescript.stft(octave!.frames, signalB, spectrumB);
  for (const tuning of [0, 0.49]) {
    const filters = createCqtFilters(tuning);
    wasm.projectOctave(filters, spectrumA, FRAMES, cqtA);
    typescript.projectOctave(filters, spectrumB, FRAMES, cqtB);
    t.equal(firstDifference(cqtA, cqtB), -1, `CQT, tuning ${tuning}`);
  }
});

t.test('arrays that the kernels cannot reach are refused', async (t) => {
  const magnitude = new Float32Array(4);
  t.throws(() => {
    wasm.magnitudes(new Float32Array(8), magnitude);
  }, TypeError);
});

t.test('the memory ends somewhere, and says so', async (t) => {
  const kernels = await createWasmKernels();
  t.throws(() => kernels.allocate(2 ** 24), /memory/);
});

t.test('kernels that are missing or broken are an error that says what to do', async (t) => {
  const folder = t.testdir();
  const expected = {
    code: 'BROKEN_INSTALL',
    message: /^the feature kernels .*kernels\.wasm can't be loaded: run "npm run build"/,
  };
  const url = pathToFileURL(`${folder}/kernels.wasm`);
  await t.rejects(createWasmKernels(url), expected, 'no file');
  await writeFile(url, 'no WebAssembly');
  await t.rejects(createWasmKernels(url), expected, 'another file');
});
