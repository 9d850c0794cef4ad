import t from 'tap';
import {
  createPitchPeaks,
  pitchTuningStep,
  trackPitches,
  tuningOfStep,
  type PitchPeaks,
} from '../../../models/features/tuning.ts';
import { createFramePlan, magnitudes, paddedSamples, stft } from '../../../models/features/stft.ts';
import { hannWindow } from '../../../models/features/window.ts';

function peaksOf(hz: readonly number[]): PitchPeaks {
  const plan = createFramePlan(512, 10, hannWindow(2048));
  const padded = new Float32Array(paddedSamples(plan));
  for (let n = 0; n < padded.length; n++) {
    for (const f of hz) padded[n]! += 0.2 * Math.sin((2 * Math.PI * f * n) / 22_050);
  }
  const spectrum = new Float32Array(10 * 2050);
  const magnitude = new Float32Array(10 * 1025);
  stft(plan, padded, spectrum);
  magnitudes(spectrum, magnitude);
  const peaks = createPitchPeaks(10);
  trackPitches(magnitude, 10, peaks);
  return peaks;
}

t.test('peaks are found between bins, within range and above a tenth of the loudest', async (t) => {
  const peaks = peaksOf([100, 443.3, 1234.5, 5000]);
  t.equal(peaks.count, 20);
  for (let i = 0; i < peaks.count; i++) {
    const nearest = Math.min(...[443.3, 1234.5].map((hz) => Math.abs(peaks.pitchHz[i]! - hz)));
    t.ok(nearest < 1.5, `${peaks.pitchHz[i]!} Hz`);
  }
});

t.test('a tuning is found to a few hundredths of a bin', async (t) => {
  for (const tuning of [-0.42, -0.2, 0.05, 0.25, 0.4]) {
    const hz = [57, 64, 69, 73, 76, 81].map((note) => 440 * 2 ** ((note + tuning - 69) / 12));
    const step = pitchTuningStep(peaksOf(hz), 12);
    t.ok(Math.abs(tuningOfStep(step!) - tuning) < 0.06, `${tuning}: ${tuningOfStep(step!)}`);
  }
});

t.test('of the peaks the louder half count, and the first of equal steps wins', async (t) => {
  const peaks = (semitones: number[], magnitude: number[]): PitchPeaks => ({
    count: semitones.length,
    pitchHz: Float32Array.from(semitones, (note) => 440 * 2 ** (note / 12)),
    magnitude: Float32Array.from(magnitude),
  });
  const tuningOf = (found: PitchPeaks): number => tuningOfStep(pitchTuningStep(found, 12)!);
  t.ok(Math.abs(tuningOf(peaks([0.105, 0.105, 0.105, 0.305, 0.305], [1, 1, 1, 3, 3])) - 0.1) < 1e-9);
  t.ok(Math.abs(tuningOf(peaks([0.105, 0.105, 0.305, 0.305], [1, 1, 3, 3])) - 0.3) < 1e-9);
  t.ok(Math.abs(tuningOf(peaks([0.305, 0.105, 1.305, -0.895], [1, 1, 1, 1])) - 0.1) < 1e-9);
});

t.test('without a peak there is no tuning', async (t) => {
  t.equal(peaksOf([]).count, 0);
  t.equal(pitchTuningStep(peaksOf([]), 12), undefined);
});

t.test('steps are hundredths from −0.5 on', async (t) => {
  t.equal(tuningOfStep(0), -0.5);
  t.equal(tuningOfStep(50), 0);
  t.ok(Math.abs(tuningOfStep(99) - 0.49) < 1e-12);
});
