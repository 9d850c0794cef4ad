import t from 'tap';
import { FileMoods, HAND_SD, byHand } from '../../../models/moods/file-moods.ts';
import { formulaReading } from '../../support/formula-model.ts';

/** A row: valence and arousal (either may be undefined) from when to when. */
function row(
  valence: number | undefined,
  arousal: number | undefined,
  startSeconds?: number,
  endSeconds?: number,
) {
  return { valence: valence ?? null, arousal: arousal ?? null, startSeconds, endSeconds };
}

t.test('the whole file, and within it the narrowest stretch, whatever the order of the rows', async (t) => {
  const rows = [row(0.5, 0.5, 10, 40), row(0.9, 0.1), row(0.2, 0.8, 20, 30)];
  for (const order of [rows, rows.toReversed()]) {
    const moods = new FileMoods(order);
    t.same(moods.at(0), { valence: 0.9, arousal: 0.1 });
    t.same(moods.at(10), { valence: 0.5, arousal: 0.5 }, 'a start belongs to its stretch');
    t.same(moods.at(25), { valence: 0.2, arousal: 0.8 });
    t.same(moods.at(30), { valence: 0.5, arousal: 0.5 }, 'an end does not');
    t.same(moods.at(1e6), { valence: 0.9, arousal: 0.1 });
  }
});

t.test('cue points without an end: each until the next one', async (t) => {
  const moods = new FileMoods([row(0.3, 0.3, 60), row(0.1, 0.1, 5), row(0.2, 0.2, 30)]);
  t.equal(moods.at(4.9), undefined);
  t.same(
    [5, 29, 30, 59, 60, 600].map((seconds) => moods.at(seconds)!.valence),
    [0.1, 0.1, 0.2, 0.2, 0.3, 0.3],
  );
  const alike = new FileMoods([row(0.4, 0.4, 10, 20), row(0.6, 0.6, 15, 25)]);
  t.equal(alike.at(17)!.valence, 0.6, 'of equally long ones that which starts last');
});

t.test('the pieces of a file between which its mood changes', async (t) => {
  const rows = [row(0.9, 0.1, 0, 100), row(undefined, 0.8, 20, 30), row(0.2, 0.2, 200)];
  t.same(new FileMoods(rows).pieces(), [
    { startSeconds: 0, endSeconds: 20, mood: { valence: 0.9, arousal: 0.1 }, index: 0 },
    { startSeconds: 20, endSeconds: 30, mood: { valence: 0.9, arousal: 0.8 }, index: 1 },
    { startSeconds: 30, endSeconds: 100, mood: { valence: 0.9, arousal: 0.1 }, index: 0 },
    { startSeconds: 200, endSeconds: Infinity, mood: { valence: 0.2, arousal: 0.2 }, index: 2 },
  ]);
  const cues = new FileMoods([row(0.3, 0.3, 60), row(0.1, 0.1, 5)]).pieces();
  t.same(cues.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]), [[5, 60], [60, Infinity]]); // prettier-ignore
});

t.test('each axis for itself', async (t) => {
  const moods = new FileMoods([row(0.7, undefined), row(undefined, 0.9, 10, 20)]);
  t.same(moods.at(5), { valence: 0.7 });
  t.same(moods.at(15), { valence: 0.7, arousal: 0.9 });
});

t.test('a reading by hand says so, is nearly sure, and keeps the embedding', async (t) => {
  const prediction = formulaReading(0.4, 0.6, Float32Array.of(1, 2));
  t.equal(byHand(prediction, undefined), prediction);
  const half = byHand(prediction, { arousal: 0.1 });
  t.same(half, {
    ...prediction,
    arousal: 0.1,
    arousalSd: HAND_SD,
    byModel: { valence: 0.4, arousal: 0.6 },
    by: { valence: 'model', arousal: 'hand' },
  });
  t.match(byHand(prediction, { valence: 1, arousal: 0 }).by, { valence: 'hand', arousal: 'hand' });
  t.ok(HAND_SD < prediction.valenceSd);
});
