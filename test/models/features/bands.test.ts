import t from 'tap';
import { CHROMA, createChromaBank, normalizeFrames, projectChroma } from '../../../models/features/chroma.ts';
import { createContrastBands, spectralContrast } from '../../../models/features/contrast.ts';
import { powerToDecibels } from '../../../models/features/decibels.ts';
import { createMelBank, hzToMel, melSpectrogram, melToHz } from '../../../models/features/mel.ts';
import { createDct, mfccFromDecibels } from '../../../models/features/mfcc.ts';

const HZ_PER_BIN = 22_050 / 2048;

t.test("Slaney's mel scale: 15 mels to 1 kHz, 27 more to 6.4 kHz, and back", async (t) => {
  t.equal(hzToMel(0), 0);
  t.ok(Math.abs(hzToMel(1000) - 15) < 1e-12);
  t.ok(Math.abs(hzToMel(6400) - 42) < 1e-12);
  for (const hz of [10, 440, 999, 1001, 11_025]) t.ok(Math.abs(melToHz(hzToMel(hz)) - hz) < 1e-9);
});

t.test('each mel triangle has its top at its centre and area 1', async (t) => {
  const bank = createMelBank();
  t.equal(bank.firstBin.length, 128);
  const spacing = hzToMel(11_025) / 129;
  for (const band of [20, 64, 127]) {
    const weights = bank.weights.subarray(bank.offset[band], bank.offset[band + 1]);
    const top = (bank.firstBin[band]! + weights.indexOf(Math.max(...weights))) * HZ_PER_BIN;
    t.ok(Math.abs(top - melToHz(spacing * (band + 1))) <= HZ_PER_BIN, `band ${band} at ${top} Hz`);
    const area = weights.reduce((sum, weight) => sum + weight, 0) * HZ_PER_BIN;
    t.ok(Math.abs(area - 1) < 0.05, `area ${area}`);
  }
});

t.test('mel bands are of power: twice the magnitude is four times the band', async (t) => {
  const bank = createMelBank();
  const magnitude = new Float32Array(2 * 1025).fill(1, 0, 1025).fill(2, 1025);
  const mel = new Float32Array(2 * 128);
  melSpectrogram(bank, magnitude, 2, mel);
  for (let band = 0; band < 128; band++) t.ok(Math.abs(mel[128 + band]! / mel[band]! - 4) < 1e-6);
});

t.test(
  'decibels: a hundredth is −20, nothing is −100, and none lies more than 80 below the loudest',
  async (t) => {
    const power = Float32Array.of(1, 0.01, 1e-7, 1e-9, 0);
    powerToDecibels(power);
    t.same([...power], [0, -20, -70, -80, -80]);
    const nothing = Float64Array.of(0, 0);
    powerToDecibels(nothing);
    t.same([...nothing], [-100, -100]);
  },
);

t.test('the DCT is orthonormal, and MFCCs are its products', async (t) => {
  const dct = createDct(128, 128);
  for (const [a, b] of [
    [0, 0],
    [0, 5],
    [17, 17],
    [39, 40],
  ] as const) {
    let product = 0;
    for (let n = 0; n < 128; n++) product += dct[a * 128 + n]! * dct[b * 128 + n]!;
    t.ok(Math.abs(product - (a === b ? 1 : 0)) < 1e-12);
  }
  const first = createDct(40, 128);
  const decibels = new Float32Array(2 * 128);
  for (let n = 0; n < 128; n++) {
    decibels[n] = 3 * first[n]! - 2 * first[7 * 128 + n]!;
    decibels[128 + n] = 5 * first[38 * 128 + n]!;
  }
  const mfcc = new Float32Array(40 * 2);
  mfccFromDecibels(first, decibels, 2, mfcc);
  for (let k = 0; k < 40; k++) {
    t.ok(Math.abs(mfcc[2 * k]! - (k === 0 ? 3 : k === 7 ? -2 : 0)) < 1e-6);
    t.ok(Math.abs(mfcc[2 * k + 1]! - (k === 38 ? 5 : 0)) < 1e-6);
  }
});

t.test('chroma: A is the tenth row, and moves with the tuning', async (t) => {
  const magnitude = new Float32Array(1025);
  magnitude[Math.round(880 / HZ_PER_BIN)] = 1;
  const chroma = new Float32Array(CHROMA);
  projectChroma(createChromaBank(0), magnitude, 1, chroma);
  normalizeFrames(chroma);
  t.equal(chroma.indexOf(1), 9);
  t.ok(chroma[8]! < 0.8 && chroma[10]! < 0.8 && chroma[3]! < 1e-6);
  // If everything is half a semitone sharp, 880 Hz lies between G sharp and A.
  projectChroma(createChromaBank(0.49), magnitude, 1, chroma);
  normalizeFrames(chroma);
  t.ok(chroma[8]! > 0.7 && chroma[9]! > 0.7 && chroma[7]! < 0.1 && chroma[10]! < 0.1);
});

t.test('a frame of silence stays 0 when it is normalised', async (t) => {
  const chroma = new Float32Array(2 * CHROMA);
  chroma[3] = 0.25;
  normalizeFrames(chroma);
  t.same([...chroma], [0, 0, 0, 1, ...new Array<number>(20).fill(0)]);
});

t.test('contrast bands are octaves from 200 Hz, one bin early', async (t) => {
  const bands = createContrastBands();
  t.same(
    bands.map(({ first, end, extremes }) => [first, end, extremes]),
    [
      [0, 18, 1],
      [18, 37, 1],
      [37, 74, 1],
      [74, 148, 2],
      [148, 297, 3],
      [297, 594, 6],
      [594, 1025, 9],
    ],
  );
});

t.test('contrast is 0 for a flat band and the distance of peak and valley otherwise', async (t) => {
  const magnitude = new Float32Array(1025).fill(0.1);
  // The loudest bin of a band of which one bin makes the peak.
  magnitude[50] = 10;
  const contrast = new Float32Array(7);
  spectralContrast(createContrastBands(), magnitude, 1, contrast);
  for (const [row, value] of contrast.entries()) t.ok(Math.abs(value - (row === 2 ? 20 : 0)) < 1e-5);
});
