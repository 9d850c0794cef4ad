import { from, lastValueFrom, toArray } from 'rxjs';
import t from 'tap';
import { spreadOf } from '../../../models/ranking/index.ts';
import { followNight, nightStep, smoothMood, type Night } from '../../../streams/matching/index.ts';
import { formulaReading } from '../../support/formula-model.ts';

const PRIOR = { mean: { valence: 0.5, arousal: 0.5 }, sd: { valence: 0.2, arousal: 0.2 } };

function felt(valence: number, endSeconds: number, { rms = 0.1, model = 'a' } = {}) {
  const prediction = formulaReading(valence, 1 - valence);
  return { clip: { prediction, endSeconds, rms, model }, mood: { ...prediction, confidence: 1, endSeconds } };
}

function nightOf(values: readonly number[], hopSeconds = 2): Night {
  let night: Night | undefined;
  values.forEach((value, i) => {
    night = nightStep(night, felt(value, 2 + i * hopSeconds), () => PRIOR);
  });
  return night!;
}

t.test('the prior counts as two minutes of sound, and then the music has its part', async (t) => {
  // An hour of two moods: of 3720 s, 120 are the prior's.
  const { spread, seconds } = nightOf(Array.from({ length: 1800 }, (_, i) => (i % 2 === 0 ? 0.6 : 0.8)));
  t.equal(seconds, 3720);
  const mean = (0.5 * 120 + 0.7 * 3600) / 3720;
  t.ok(Math.abs(spread.mean.valence - mean) < 1e-9);
  t.ok(Math.abs(spread.mean.arousal - (1 - mean)) < 1e-9);
  const variance = (120 * (0.2 ** 2 + (0.5 - mean) ** 2) + 3600 * (0.1 ** 2 + (0.7 - mean) ** 2)) / 3720;
  t.ok(Math.abs(spread.sd.valence - Math.sqrt(variance)) < 1e-9);
});

t.test('it is steady at the beginning: two seconds move it by little', async (t) => {
  const { spread } = nightOf([1]);
  t.ok(Math.abs(spread.mean.valence - 0.5) < 0.01 && Math.abs(spread.sd.valence - 0.2) < 0.01);
});

t.test('it counts sound, whatever the hop, and no silence', async (t) => {
  const values = Array.from({ length: 400 }, (_, i) => (i < 200 ? 0.2 : 0.9));
  const { spread, seconds } = nightOf(values, 0.5);
  t.equal(seconds, 120 + 2 + 399 * 0.5);
  const coarse = nightOf(values.filter((_, i) => i % 4 === 0));
  t.ok(Math.abs(spread.mean.valence - coarse.spread.mean.valence) < 0.005);

  const before = nightOf([0.9, 0.9]);
  const silent = nightStep(before, felt(0.1, 6, { rms: 0 }), () => PRIOR);
  t.strictSame(silent, { ...before, endSeconds: 6 });
});

t.test('another model begins with its own prior, and so does a night of another', async (t) => {
  const before = nightOf([0.9, 0.9]);
  const own = spreadOf([
    { valence: 0.1, arousal: 0.1 },
    { valence: 0.3, arousal: 0.3 },
  ]);
  const { model, seconds, spread } = nightStep(before, felt(0.2, 6, { model: 'b' }), () => own);
  t.equal(model, 'b');
  t.equal(seconds, 122);
  t.ok(Math.abs(spread.mean.valence - 0.2) < 1e-9);
});

t.test('followed over clips, it goes on from a night before', async (t) => {
  const clips = [0.9, 0.9, 0.1].map((value, i) => felt(value, 2 + 2 * i).clip);
  const told: Night[] = [];
  const run = (resumed: Night | undefined) =>
    lastValueFrom(
      from(clips).pipe(
        smoothMood(() => 0),
        followNight(
          resumed,
          () => PRIOR,
          (night) => told.push(night),
        ),
        toArray(),
      ),
    );
  const fresh = await run(undefined);
  t.strictSame(
    fresh.map(({ night }) => night),
    told.map(({ spread }) => spread),
  );
  t.strictSame(told.at(-1), nightOf([0.9, 0.9, 0.1]));
  const resumed = await run({ ...nightOf(Array.from({ length: 600 }, () => 0.3)), endSeconds: NaN });
  t.ok(resumed[0]!.night.mean.valence < 0.34, 'an old night is not moved by one clip');
});
