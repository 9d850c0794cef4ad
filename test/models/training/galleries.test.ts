import t from 'tap';
import { galleryFigures, randomGalleries } from '../../../models/training/index.ts';

t.test('galleries are 200 random draws of 40 pictures, always the same ones', async (t) => {
  const galleries = randomGalleries(50);
  t.equal(galleries.length, 200);
  for (const gallery of galleries) {
    t.equal(new Set(gallery).size, 40);
    t.ok(gallery.every((picture, place) => picture < 50 && (place === 0 || picture > gallery[place - 1]!)));
  }
  t.same(randomGalleries(50), galleries);
  const draws = Array.from({ length: 50 }, (_, p) => galleries.filter((drawn) => drawn.includes(p)).length);
  // Each is drawn 160 times of 200 in the mean, with a deviation of √(200 · 0.8 · 0.2) = 5.7.
  t.ok(Math.min(...draws) > 160 - 5 * 5.7, `${Math.min(...draws)}`);
  t.equal(
    draws.reduce((a, b) => a + b),
    8000,
  );
  t.equal(new Set(randomGalleries(40).map(String)).size, 1, 'of 40 there is one');
});

/** Pictures at valence 0, ½ and 1; clips at 0 and 1. */
const images = { valence: [0, 0.5, 1], arousal: [0, 0, 0] };
const clips = { valence: [0, 1], arousal: [0, 0] };
const galleries = [Int32Array.of(0, 1), Int32Array.of(0, 2)];

t.test('the gap closed by the first picture, over galleries', async (t) => {
  // In the first gallery distances are 0, ½ and 1, ½: by chance 1, at best ½ in sum; in the second 0, 1 and 1, 0.
  const scores = [
    [
      [1, 0],
      [5, 5],
    ],
    [
      [NaN, -7],
      [3, NaN],
    ],
  ];
  const figures = galleryFigures(images, clips, galleries, (clip) => (gallery, out) => {
    out.set(scores[clip]![gallery]!);
  });
  // The first gallery is ranked as well as can be (gap 1, both pictures first for one clip); the second has the same
  // picture first for both, which is as good as chance (gap 0).
  t.equal(figures.mean, 0.5);
  t.ok(Math.abs(figures.sd - Math.SQRT1_2) < 1e-12, `${figures.sd}`);
  t.equal(figures.first, 1.5);
});

t.test('rankings are asked once for each clip, and for its galleries in order', async (t) => {
  const asked: string[] = [];
  galleryFigures(images, clips, galleries, (clip) => {
    asked.push(`clip ${clip}`);
    return (gallery, out) => {
      asked.push(`gallery ${gallery}`);
      out.fill(0);
    };
  });
  t.same(asked, ['clip 0', 'gallery 0', 'gallery 1', 'clip 1', 'gallery 0', 'gallery 1']);
});
