import t, { type Test } from 'tap';
import { spreadOf, stretched, stretchFactor } from '../../../models/ranking/index.ts';

const at = (valence: number, arousal: number) => ({ valence, arousal });
const night = { mean: at(0.5, 0.6), sd: at(0.2, 0.1) };
const gallery = { mean: at(0.3, 0.4), sd: at(0.1, 0.2) };

const near = (t: Test, found: ReturnType<typeof at>, expected: ReturnType<typeof at>, name: string) =>
  t.ok(
    Math.abs(found.valence - expected.valence) < 1e-12 && Math.abs(found.arousal - expected.arousal) < 1e-12,
    `${name}: ${JSON.stringify(found)}`,
  );

t.test('a spread is the mean and the standard deviation', async (t) => {
  const { mean, sd } = spreadOf([at(0, 0.5), at(1, 0.5)]);
  near(t, mean, at(0.5, 0.5), 'mean');
  near(t, sd, at(0.5, 0), 'deviation');
  t.throws(() => spreadOf([]), RangeError);
});

t.test(
  'fit 0 leaves the mood, fit 1 gives its place among the pictures, between them it goes straight',
  async (t) => {
    const mood = at(0.7, 0.5);
    near(t, stretched(mood, night, gallery, 0), mood, 'absolute');
    near(t, stretched(mood, night, gallery, 1), at(0.4, 0.2), 'relative');
    near(t, stretched(mood, night, gallery, 0.25), at(0.625, 0.425), 'a quarter of the way');
    near(
      t,
      stretched(night.mean, night, gallery, 1),
      gallery.mean,
      'the middle of the night is that of the gallery',
    );
  },
);

t.test('the result may leave the plane', async (t) => {
  const { arousal } = stretched(at(0.5, 1), night, gallery, 1);
  t.ok(Math.abs(arousal - 1.2) < 1e-12);
});

t.test('steady music is not thrown about, and a gallery of one picture is its place', async (t) => {
  const steady = { mean: at(0.5, 0.5), sd: at(0, 0) };
  const { valence } = stretched(at(0.51, 0.5), steady, gallery, 1);
  t.ok(Math.abs(valence - 0.3) < 0.021, `${valence}`);
  const one = { mean: at(0.9, 0.1), sd: at(0, 0) };
  near(t, stretched(at(0.2, 0.2), night, one, 1), one.mean, 'one picture');
});

t.test('the factor is what a small step becomes', async (t) => {
  for (const fit of [0, 0.25, 1]) {
    const [a, b] = [
      stretched(at(0.5, 0.5), night, gallery, fit),
      stretched(at(0.51, 0.51), night, gallery, fit),
    ];
    const { valence, arousal } = stretchFactor(night, gallery, fit);
    t.ok(Math.abs((b.valence - a.valence) / 0.01 - valence) < 1e-9);
    t.ok(Math.abs((b.arousal - a.arousal) / 0.01 - arousal) < 1e-9);
  }
});
