import t from 'tap';
import { complexFft, createFftPlan, splitHalves } from '../../../models/features/fft.ts';
import {
  createFramePlan,
  magnitudes,
  overlapAdd,
  paddedSamples,
  stft,
  windowSumSquares,
} from '../../../models/features/stft.ts';
import { hannWindow } from '../../../models/features/window.ts';
import { relativeError } from './golden.ts';
import { createNoise } from './signals.ts';

t.test('the window is periodic: it begins with 0 and does not end with it', async (t) => {
  const window = hannWindow(8);
  const expected = [0, 0.146447, 0.5, 0.853553, 1, 0.853553, 0.5, 0.146447];
  for (const [n, value] of expected.entries()) t.ok(Math.abs(window[n]! - value) < 1e-6);
});

t.test('the FFT equals the sum that defines it', async (t) => {
  for (const samples of [8, 16, 32, 64, 128]) {
    const noise = createNoise(samples);
    const signal = Float64Array.from({ length: samples }, noise);
    const plan = createFftPlan(samples);
    const spectrum = new Float64Array(samples + 2);
    splitHalves(plan, complexFft(plan, signal.slice(), new Float64Array(samples)), spectrum);
    const expected = new Float64Array(samples + 2);
    for (let k = 0; k <= samples / 2; k++) {
      for (let n = 0; n < samples; n++) {
        expected[2 * k]! += signal[n]! * Math.cos((2 * Math.PI * k * n) / samples);
        expected[2 * k + 1]! -= signal[n]! * Math.sin((2 * Math.PI * k * n) / samples);
      }
    }
    t.ok(relativeError(spectrum, expected) < 1e-14, `${samples} points`);
  }
});

t.test('an FFT that is no power of two is refused', async (t) => {
  for (const samples of [0, 4, 12, 1000]) t.throws(() => createFftPlan(samples), RangeError);
});

t.test('a sine stands in its bin with half the sum of the window', async (t) => {
  const plan = createFramePlan(512, 3, hannWindow(2048));
  const padded = new Float32Array(paddedSamples(plan));
  for (let n = 0; n < padded.length; n++) padded[n] = Math.sin((2 * Math.PI * 100 * n) / 2048);
  const spectrum = new Float32Array(3 * 2050);
  const magnitude = new Float32Array(3 * 1025);
  stft(plan, padded, spectrum);
  magnitudes(spectrum, magnitude);
  for (let frame = 0; frame < 3; frame++) {
    const row = magnitude.subarray(frame * 1025, (frame + 1) * 1025);
    t.equal(row.indexOf(Math.max(...row)), 100);
    t.ok(Math.abs(row[100]! - 512) < 1e-3);
    t.ok(Math.abs(row[99]! - 256) < 1e-3);
    t.ok(row[200]! < 1e-4);
  }
});

t.test('what is taken apart is put together again', async (t) => {
  const plan = createFramePlan(512, 87, hannWindow(2048));
  const noise = createNoise(5);
  const padded = new Float32Array(paddedSamples(plan));
  for (let n = 1024; n < 1024 + 44_100; n++) padded[n] = noise();
  const spectrum = new Float32Array(87 * 2050);
  stft(plan, padded, spectrum);
  const restored = new Float32Array(padded.length);
  overlapAdd(plan, spectrum, restored);
  const sums = windowSumSquares(plan);
  for (let n = 0; n < restored.length; n++) restored[n]! /= sums[n]!;
  t.ok(relativeError(restored.subarray(1024, 45_124), padded.subarray(1024, 45_124)) < 2e-7);
  t.ok(Math.abs(sums[20_000]! - 1.5) < 1e-6, 'Hann windows at a quarter of their length add up to 3/2');
});
