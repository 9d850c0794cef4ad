import t from 'tap';
import { CHROMA } from '../../../models/features/chroma.ts';
import {
  BINS_PER_OCTAVE,
  createCqtFilters,
  createOctavePlans,
  OCTAVES,
  projectOctave,
} from '../../../models/features/cqt.ts';
import { createHalveTaps, HALVE_REACH, halveRate } from '../../../models/features/resample.ts';
import { stft } from '../../../models/features/stft.ts';
import { createTonnetzBasis, foldOctave, tonnetzOfChroma } from '../../../models/features/tonnetz.ts';

const FRAMES = 87;

/** Halves the rate of a sine and gives the result without its ends. */
function halvedSine(cyclesPerSample: number): Float32Array {
  const samples = 4000;
  const signal = new Float32Array(samples + 2 * HALVE_REACH);
  for (let n = 0; n < samples; n++) signal[HALVE_REACH + n] = Math.sin(2 * Math.PI * cyclesPerSample * n);
  const halved = new Float32Array(samples / 2);
  halveRate(createHalveTaps(), signal, HALVE_REACH, samples, halved, 0);
  return halved.subarray(200, 1800);
}

t.test('half the rate: low tones keep their energy and place, high ones are gone', async (t) => {
  for (const cyclesPerSample of [0.01, 0.1, 0.228]) {
    const halved = halvedSine(cyclesPerSample);
    let worst = 0;
    for (let n = 0; n < halved.length; n++) {
      const expected = Math.SQRT2 * Math.sin(2 * Math.PI * cyclesPerSample * 2 * (n + 200));
      worst = Math.max(worst, Math.abs(halved[n]! - expected));
    }
    t.ok(worst < 1e-5, `${cyclesPerSample}: ${worst}`);
  }
  for (const cyclesPerSample of [0.25, 0.3, 0.49]) {
    t.ok(Math.max(...halvedSine(cyclesPerSample).map(Math.abs)) < 1e-5, `${cyclesPerSample}`);
  }
});

t.test('half of an odd number of samples is rounded up', async (t) => {
  const halved = new Float32Array(4);
  halveRate(createHalveTaps(), new Float32Array(5 + 2 * HALVE_REACH).fill(0.5), HALVE_REACH, 5, halved, 0);
  t.ok(halved[2]! > 0.5 && halved[3] === 0);
});

/** Magnitudes of the whole CQT, [octave from the top down][frame × 36]. */
function cqtOf(clip: Float32Array, tuning: number): Float32Array[] {
  const plans = createOctavePlans();
  const taps = createHalveTaps();
  const filters = createCqtFilters(tuning);
  const spectrum = new Float32Array(FRAMES * 1026);
  let above = new Float32Array(0);
  return plans.map((plan, i) => {
    const signal = new Float32Array(plan.padded);
    const last = plans[i - 1];
    if (last) halveRate(taps, above, last.first, last.samples, signal, plan.first);
    else signal.set(clip, plan.first);
    above = signal;
    const magnitude = new Float32Array(FRAMES * BINS_PER_OCTAVE);
    stft(plan.frames, signal, spectrum);
    projectOctave(filters, spectrum, FRAMES, magnitude);
    return magnitude;
  });
}

t.test('a tone stands in its bin, in every octave with the same level', async (t) => {
  for (let octave = 1; octave <= OCTAVES; octave++) {
    // Bin 27 of each octave is the A above its C.
    const hz = 55 * 2 ** (octave - 1);
    const clip = Float32Array.from({ length: 44_100 }, (_, n) => Math.sin((2 * Math.PI * hz * n) / 22_050));
    const middle = cqtOf(clip, 0)[OCTAVES - octave]!.subarray(43 * BINS_PER_OCTAVE, 44 * BINS_PER_OCTAVE);
    t.equal(middle.indexOf(Math.max(...middle)), 27, `${hz} Hz`);
    // With scale=True a full-scale sine gives half the square root of the filter's length, Q sr / f samples.
    const ratio = 2 ** (2 / 36);
    const expected = 0.5 * Math.sqrt((((ratio + 1) / (ratio - 1)) * 22_050) / hz);
    t.ok(Math.abs(middle[27]! / expected - 1) < 0.01, `${middle[27]!} for ${expected}`);
  }
});

t.test('the filters move with the tuning', async (t) => {
  const clip = Float32Array.from({ length: 44_100 }, (_, n) => Math.sin((2 * Math.PI * 887 * n) / 22_050));
  // 887 Hz is 0.41 of a 36th of an octave above A5.
  const flat = cqtOf(clip, 0)[2]![43 * BINS_PER_OCTAVE + 27]!;
  const tuned = cqtOf(clip, 0.41)[2]![43 * BINS_PER_OCTAVE + 27]!;
  t.ok(tuned > flat * 1.02, `${tuned} > ${flat}`);
});

t.test('three bins make a pitch class, the one in tune in their middle', async (t) => {
  for (const [bin, pitch] of [
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 1],
    [27, 9],
    [34, 11],
    [35, 0],
  ] as const) {
    const octave = new Float32Array(BINS_PER_OCTAVE);
    octave[bin] = 1;
    const chroma = new Float32Array(CHROMA);
    foldOctave(octave, 1, chroma);
    t.equal(chroma.indexOf(1), pitch, `bin ${bin}`);
  }
});

t.test('tonnetz: fifths are neighbours on the first circle, and silence lies in the centre', async (t) => {
  const chroma = new Float32Array(3 * CHROMA);
  chroma[0] = 1;
  chroma[CHROMA + 7] = 0.5;
  const tonnetz = new Float32Array(6 * 3);
  tonnetzOfChroma(createTonnetzBasis(), chroma, 3, tonnetz);
  const frame = (i: number): number[] => [0, 1, 2, 3, 4, 5].map((row) => tonnetz[row * 3 + i]!);
  const near = (actual: number[], expected: number[]): boolean =>
    actual.every((value, i) => Math.abs(value - expected[i]!) < 1e-6);
  t.ok(near(frame(0), [0, 1, 0, 1, 0, 0.5]), 'C');
  // G: 7 · 7/6 half turns is 49/6, 30 degrees past four turns, whatever its level is.
  t.ok(near(frame(1).slice(0, 2), [Math.sin(Math.PI / 6), Math.cos(Math.PI / 6)]), 'G');
  t.same(frame(2), [0, 0, 0, 0, 0, 0]);
});
