import { join } from 'node:path';
import t from 'tap';
import { CLIP_SAMPLES, FRAME_COUNT, createFeatureExtractor } from '../../../../models/features/index.ts';
import { openPicture } from '../../../../models/pictures/index.ts';
import { Random } from '../../../../models/random.ts';
import { changeGain, drawMask, variedPicture } from '../../../../models/training/end-to-end/augment.ts';
import { tinyDataset } from '../../../support/tiny-dataset.ts';
import { relativeError } from '../../graph/helpers.ts';

t.test('a change of gain gives the features of the louder or softer clip', async (t) => {
  const extractor = await createFeatureExtractor();
  const noise = Random.seeded(1, 'noise');
  // Noise in every band, so that nothing lies below the floor of the decibels.
  const clip = Float32Array.from(
    { length: CLIP_SAMPLES },
    (_, n) => 0.2 * Math.sin(n / 9) + 0.05 * (noise.real() - 0.5),
  );
  const decibels = 6 * (2 * Random.seeded(3, 'gain').real() - 1);
  const changed = extractor.extract(clip);
  changeGain(changed, FRAME_COUNT, Random.seeded(3, 'gain'));
  const louder = extractor.extract(clip.map((sample) => sample * 10 ** (decibels / 20)));
  t.ok(Math.abs(decibels) > 0.5, `${decibels} dB`);
  for (const [name, first, end] of [
    ['MFCC', 0, 40],
    ['chroma', 40, 52],
    ['mel', 52, 180],
    ['contrast', 180, 187],
  ] as const) {
    const rows = (values: Float32Array) => values.subarray(first * FRAME_COUNT, end * FRAME_COUNT);
    t.ok(relativeError(rows(changed), rows(louder)) < 1e-3, name);
  }
});

t.test('masks are runs of zeros, in about half of the cases', (t) => {
  let masked = 0;
  for (let i = 0; i < 200; i++) {
    const mask = new Float32Array(87);
    drawMask(mask, 'frames', Random.seeded(i, 'mask'));
    const text = mask.join('');
    t.match(text, /^1*0{0,17}1*$/);
    if (text.includes('0')) masked++;
  }
  t.ok(masked > 70 && masked < 130, `${masked} of 200`);
  t.end();
});

t.test('varied pictures have the size, differ, and are the same for the same seed', async (t) => {
  const folder = t.testdir({});
  await tinyDataset(folder, { train: 1, val: 1 });
  const picture = await openPicture(join(folder, 'images0.png'));
  const varied = (seed: number) =>
    variedPicture(picture, { width: 48, height: 48 }, Random.seeded(seed, 'picture'));
  const seen = new Set<string>();
  for (let seed = 0; seed < 6; seed++) {
    const pixels = await varied(seed);
    t.equal(pixels.length, 48 * 48 * 3);
    seen.add(Buffer.from(pixels).toString('base64'));
  }
  t.equal(seen.size, 6);
  t.same(await varied(2), await varied(2));
});
