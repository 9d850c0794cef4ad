import t from 'tap';
import { ShowGap } from '../../../models/training/index.ts';

const pictures = [
  { valence: 0, arousal: 0.5 },
  { valence: 1, arousal: 0.5 },
];
const sad = { valence: 0, arousal: 0.5 };
const glad = { valence: 1, arousal: 0.5 };

t.test('a show that follows the music late closes half of the gap', async (t) => {
  const gap = new ShowGap(pictures, 0.5);
  for (const [picture, music] of [
    [0, sad],
    [0, sad],
    [1, sad],
    [1, glad],
  ] as const) {
    gap.add(picture, music);
  }
  const { gapClosed, rValence, rArousal, ...counts } = gap.figures;
  // Distances 0, 0, 1, 0; by chance ½ each, at best 0.
  t.equal(gapClosed, (2 - 1) / 2);
  // Covariance ½, variances ¾ and 1 (each times 4).
  t.ok(Math.abs(rValence - 0.5 / Math.sqrt(0.75)) < 1e-12, `${rValence}`);
  t.ok(Number.isNaN(rArousal), 'what never varies correlates with nothing');
  t.same(counts, { pictures: 2, changes: 1, seconds: 2 });
});

t.test('moments without a picture or a label are no moments, but changes count', async (t) => {
  const gap = new ShowGap(pictures, 1);
  t.ok(Number.isNaN(gap.figures.gapClosed));
  gap.add(undefined, glad);
  gap.add(1, glad);
  gap.add(0, undefined);
  gap.add(undefined, undefined);
  gap.add(1, glad);
  t.match(gap.figures, { gapClosed: 1, pictures: 2, changes: 2, seconds: 2 });
});
