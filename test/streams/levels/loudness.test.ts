import t from 'tap';
import { bandEnds, centroidOf, specificLoudness } from '../../../streams/levels/loudness.ts';

const BINS = 512;
/** Of these magnitudes fixed numbers are known. */
const MAGNITUDES = Float32Array.from({ length: BINS }, (_, i) => 1 / (1 + i));

// From a program of its own: Zwicker and Terhardt's formula at the bins of a frame of 1,024 samples at 22,050 Hz.
const ENDS = [
  5, 10, 14, 19, 24, 29, 35, 41, 47, 55, 63, 73, 84, 97, 112, 131, 154, 182, 215, 254, 298, 351, 418, 511,
];
const LOUDNESS = [
  1.209124, 0.904268, 0.770887, 0.755887, 0.711903, 0.678929, 0.678451, 0.652403, 0.630956, 0.651918,
  0.630551, 0.642639, 0.635662, 0.639435, 0.639436, 0.652308, 0.657182, 0.662153, 0.661838, 0.661956,
  0.655565, 0.659283, 0.669259, 0.691148,
];

t.test('bands are equally wide on the Bark scale', async (t) => {
  t.same([...bandEnds(BINS)], ENDS);
});

t.test('specific loudness: the sum of each band to the power of 0.23', async (t) => {
  const found = specificLoudness(MAGNITUDES, bandEnds(BINS));
  LOUDNESS.forEach((wanted, band) => {
    t.ok(Math.abs(found[band]! - wanted) < 1e-5, `band ${band}: ${found[band]}`);
  });
});

t.test('the centroid is the mean bin, and 0 in silence', async (t) => {
  t.equal(centroidOf(Float32Array.from([0, 1, 0, 3]), 4), 2.5);
  t.equal(centroidOf(new Float32Array(BINS), BINS), 0);
});
