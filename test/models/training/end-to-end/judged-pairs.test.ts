import t from 'tap';
import { planePoints } from '../../../../models/plane.ts';
import type { SplitData } from '../../../../models/training/end-to-end/data.ts';
import { PairErrors, judgedPairs, pairMoods } from '../../../../models/training/end-to-end/judged-pairs.ts';

/** Pictures and clips by their moods alone. */
function split(pictures: readonly [number, number][], clips: readonly [number, number][]): SplitData {
  const points = (list: readonly [number, number][]) =>
    planePoints(list.map(([valence, arousal]) => ({ valence, arousal })));
  return { pictureMoods: points(pictures), clipMoods: points(clips) } as SplitData;
}

const train = split([[0.2, 0.4], [0.6, 0.8]], [[0.1, 0.1], [0.9, 0.5]]); // prettier-ignore
const test = split([[0, 0], [1, 1], [0.5, 0]], [[0, 1], [0.5, 0.5]]); // prettier-ignore

t.test('pairs of a file are judged by their own similarities, beside the mean of the pairs of train', (t) => {
  const ofTrain = [
    { picture: 0, clip: 0, similarity: 0.2 },
    { picture: 0, clip: 1, similarity: 0.4 },
    { picture: 1, clip: 1, similarity: 0.9 },
  ];
  const listed = [
    { picture: 2, clip: 0, similarity: 0.7 },
    { picture: 0, clip: 1, similarity: 0.3 },
    { picture: 0, clip: 0, similarity: 0.1 },
  ];
  const judged = judgedPairs('test', { train, pairs: ofTrain, sigma: 0.4 }, test, listed);
  t.equal(judged.isListed, true);
  const near = (a: number, b: number, name: string) =>
    t.ok(Math.abs(a - b) < 1e-12, `${name}: ${a}, not ${b}`);
  near(judged.constant.similarity, 0.5, 'constant');
  near(judged.constant.image.valence, (0.2 + 0.2 + 0.6) / 3, 'pictures as often as they are in pairs');
  near(judged.constant.music.arousal, (0.1 + 0.5 + 0.5) / 3, 'clips likewise');
  const errors = new PairErrors(judged);
  errors.add(0, [0.3, NaN, 0.6]);
  errors.add(1, [0.3, NaN, NaN]);
  const { mse, mae, constantMse, constantMae } = errors.similarity;
  near(mse, (0.1 ** 2 + 0 + 0.2 ** 2) / 3, 'mse');
  near(mae, (0.1 + 0 + 0.2) / 3, 'mae');
  near(constantMse, (0.2 ** 2 + 0.2 ** 2 + 0.4 ** 2) / 3, 'constant mse');
  near(constantMae, 0.8 / 3, 'constant mae');
  const moods = pairMoods(judged, test, { pictures: test.pictureMoods, clips: planePoints([{ valence: 0.3, arousal: 1 }, { valence: 0.5, arousal: 0.5 }]) }); // prettier-ignore
  t.equal(moods.image!.arousal.mse, 0);
  near(moods.music!.valence.mae, (2 * 0.3) / 3, 'a clip of two pairs counts twice');
  t.end();
});

t.test('without a file five pairs a clip are drawn, whatever the seed of the training', (t) => {
  const many = split(
    Array.from({ length: 40 }, (_, i) => [i / 39, ((i * 7) % 40) / 39]),
    Array.from({ length: 6 }, (_, i) => [i / 5, 0.5]),
  );
  const data = { train: many, pairs: undefined, sigma: 0.4 };
  const judged = judgedPairs('test', data, many, undefined);
  t.equal(judged.isListed, false);
  t.same([0, 1, 2, 3, 4, 5].map((clip) => judged.list.filter((pair) => pair.clip === clip).length), [5, 5, 5, 5, 5, 5]); // prettier-ignore
  for (const { picture, clip, similarity } of judged.list) {
    const d = Math.hypot(
      many.pictureMoods.valence[picture]! - many.clipMoods.valence[clip]!,
      many.pictureMoods.arousal[picture]! - many.clipMoods.arousal[clip]!,
    );
    if (Math.abs(similarity - Math.exp(-d / 0.4)) > 1e-12) t.fail(`${picture} ${clip}`);
  }
  t.same(judgedPairs('test', data, many, undefined), judged);
  t.notSame(judgedPairs('val', data, many, undefined).list, judged.list, 'other splits are drawn apart');
  t.end();
});
