import t from 'tap';
import { stretched } from '../../../models/ranking/index.ts';
import {
  evaluateModel as evaluateBy,
  indexPairs,
  listedPairFigures,
  type LabelledPrediction,
  type TargetOf,
} from '../../../models/training/index.ts';
import { formulaModel, formulaReading } from '../../support/formula-model.ts';
import { failure } from '../rejection.ts';

/** A reading of `predicted` for what people call `label`. */
function item(predicted: [number, number], label: [number, number], name = 'x'): LabelledPrediction {
  return {
    name,
    prediction: formulaReading(predicted[0], predicted[1]),
    label: { valence: label[0], arousal: label[1] },
  };
}

/** Pictures are looked for where the music was read. */
const asRead: TargetOf = (prediction) => ({ prediction, offset: { valence: 0, arousal: 0 } });
const evaluateModel = (
  model: Parameters<typeof evaluateBy>[0],
  pictures: readonly LabelledPrediction[],
  music: readonly LabelledPrediction[],
  targetOf = asRead,
) => evaluateBy(model, pictures, music, targetOf);

const images = [item([0.2, 0.3], [0.1, 0.3]), item([0.9, 0.8], [0.8, 0.9]), item([0.5, 0.1], [0.6, 0.4])];
const clips = Array.from({ length: 150 }, (_, i) => {
  const x = i / 149;
  return item([x, 1 - x], [0.9 * x, 0.8 - 0.7 * x]);
});

t.test('the figures, computed once more by their definitions', async (t) => {
  const model = formulaModel();
  const figures = await evaluateModel(model, images, clips);
  t.same(figures.n, { images: 3, clips: 150, pairs: 450, withBoth: { images: 3, clips: 150 } });
  t.equal(figures.sigma, 0.38);

  const near = (found: number, expected: number, name: string) =>
    t.ok(Math.abs(found - expected) < 1e-6, `${name}: ${found}, ${expected}`);
  const distance = (a: { valence: number; arousal: number }, b: { valence: number; arousal: number }) =>
    Math.hypot(a.valence - b.valence, a.arousal - b.arousal);
  const sums = { mse: 0, mae: 0, constantMse: 0, constantMae: 0, top1: 0, oracle: 0, random: 0 };
  for (const clip of clips) {
    const truths = images.map((image) => distance(image.label, clip.label));
    const predictions = images.map((image) => distance(image.prediction, clip.prediction));
    truths.forEach((d, i) => {
      const s = Math.exp(-d / 0.38);
      const error = Math.exp(-predictions[i]! / 0.38) - s;
      sums.mse += error ** 2 / 450;
      sums.mae += Math.abs(error) / 450;
      sums.constantMse += (0.4 - s) ** 2 / 450;
      sums.constantMae += Math.abs(0.4 - s) / 450;
      sums.random += d / 450;
    });
    sums.top1 += truths[predictions.indexOf(Math.min(...predictions))]! / 150;
    sums.oracle += Math.min(...truths) / 150;
  }
  for (const name of ['mse', 'mae', 'constantMse', 'constantMae'] as const) {
    near(figures.similarity![name], sums[name], name);
  }
  near(figures.retrieval!.top1Distance, sums.top1, 'top1');
  near(figures.retrieval!.top12Distance, sums.random, 'twelve of three are all');
  near(figures.retrieval!.oracleDistance, sums.oracle, 'oracle');
  near(figures.retrieval!.randomDistance, sums.random, 'random');
  near(figures.retrieval!.gapClosed, (sums.random - sums.top1) / (sums.random - sums.oracle), 'gap closed');

  near(figures.image!.valence!.mse, (0.01 + 0.01 + 0.01) / 3, 'picture valence');
  near(figures.image!.valence!.constantMse, (0.16 + 0.09 + 0.01) / 3, 'picture valence of the constant');
  near(figures.image!.valence!.r2, 1 - 0.03 / 0.26, 'picture valence R²');
  near(figures.image!.arousal!.mae, (0 + 0.1 + 0.3) / 3, 'picture arousal');
  near(figures.image!.arousal!.rankCorrelation, 0.5, 'ranks of picture arousal');
  near(figures.music!.valence!.rankCorrelation, 1, 'ranks of music valence');
});

t.test('the ranking is the one of the model, not its moods', async (t) => {
  const { ranking, ...model } = formulaModel();
  const worst = {
    ...ranking,
    scores: (vectors: Float32Array, query: Float32Array) =>
      ranking.scores(vectors, query).map((score) => -score),
  };
  const best = await evaluateModel({ ...model, ranking }, images, clips);
  const reversed = await evaluateModel({ ...model, ranking: worst }, images, clips);
  t.ok(best.retrieval!.gapClosed > 0.5);
  t.ok(reversed.retrieval!.gapClosed < 0);
  t.same(reversed.similarity, best.similarity);
});

t.test('a similarity that is no number is refused, not averaged', async (t) => {
  const model = { ...formulaModel(), similarities: () => Promise.resolve(new Float32Array(450).fill(NaN)) };
  t.match(await failure('ENGINE_FAILED', () => evaluateModel(model, images, clips)), /similarity .* is NaN/);
});

t.test('one side alone has no pairs', async (t) => {
  t.match(await evaluateModel(formulaModel(), images, []), {
    n: { images: 3, clips: 0, pairs: 0 },
    similarity: null,
    music: null,
    retrieval: null,
    image: { valence: { mse: Number } },
  });
  t.match(await evaluateModel(formulaModel(), [], clips), { image: null, similarity: null, retrieval: null });
});

t.test('figures of some pairs: their own similarities are the truth', async (t) => {
  const predictions = [images, clips].map((items) => items.map(({ prediction }) => prediction));
  const pairs = [
    { picture: 0, clip: 7, similarity: 0.9 },
    { picture: 2, clip: 7, similarity: 0.2 },
    { picture: 0, clip: 149, similarity: 0.4 },
  ];
  const figures = await listedPairFigures(formulaModel(), predictions[0]!, predictions[1]!, pairs);
  const predicted = pairs.map(({ picture, clip }) => {
    const [p, c] = [images[picture]!.prediction, clips[clip]!.prediction];
    return Math.exp(-Math.hypot(p.valence - c.valence, p.arousal - c.arousal) / 0.38);
  });
  const mean = (of: (similarity: number, i: number) => number) =>
    pairs.reduce((sum, { similarity }, i) => sum + of(similarity, i) / 3, 0);
  const expected = {
    mse: mean((s, i) => (predicted[i]! - s) ** 2),
    mae: mean((s, i) => Math.abs(predicted[i]! - s)),
    constantMse: (0.5 ** 2 + 0.2 ** 2) / 3,
    constantMae: (0.5 + 0.2) / 3,
  };
  t.equal(figures.n, 3);
  for (const [name, value] of Object.entries(expected)) {
    t.ok(Math.abs(figures[name as keyof typeof expected] - value) < 1e-6, name);
  }
  const broken = { ...formulaModel(), similarities: () => Promise.resolve(Float32Array.of(NaN)) };
  t.match(
    await failure('ENGINE_FAILED', () => listedPairFigures(broken, predictions[0]!, predictions[1]!, pairs)),
    /similarity of a picture and a clip is NaN/,
  );
});

t.test('pairs of a file are found by their ids', async (t) => {
  const items = { pictures: ['a b', 'c'], clips: ['s-0', 's-1'], of: 'the split val of the manifests' };
  const pair = (clip: number, picture: string) => ({ song: 's', clip, picture, similarity: 0.5 });
  const notices: string[] = [];
  const notice = (line: string) => void notices.push(line);
  t.same(indexPairs('p.txt', [pair(1, 'a b'), pair(0, 'c'), pair(2, 'c')], items, notice), [
    { picture: 0, clip: 1, similarity: 0.5 },
    { picture: 1, clip: 0, similarity: 0.5 },
  ]);
  t.same(notices, [
    'left out: 1 of 3 pairs, such as clip s-2, which p.txt lists and the split val of the manifests lacks',
  ]);
  t.match(
    await failure('BAD_TABLE', async () =>
      indexPairs('p.txt', [pair(1, 'a'), pair(0, 'c'), pair(9, 'c')], items, notice),
    ),
    /p\.txt has 2 of 3 pairs, such as picture a, which are missing from the split val of the manifests/,
  );
});

t.test('which pictures are first, and how often', async (t) => {
  const named = images.map((image, i) => ({ ...image, name: `picture ${i}` }));
  const at = (valence: number) => item([valence, 0.5], [valence, 0.5]);
  const { firstCounts, galleries } = await evaluateModel(formulaModel(), named, [at(0.1), at(0.15), at(1)]);
  t.equal(firstCounts!.distinct, 2);
  t.equal(firstCounts!.largestShare, 2 / 3);
  t.same(firstCounts!.most, [
    { picture: 'picture 0', clips: 2 },
    { picture: 'picture 1', clips: 1 },
  ]);
  t.equal(galleries, null, 'three pictures make no gallery');
});

/** Forty pictures all over the plane, read rightly. */
const forty = Array.from({ length: 40 }, (_, i) => {
  const mood: [number, number] = [(i * 0.618) % 1, (i * 0.755) % 1];
  return item(mood, mood, `${i}`);
});

t.test('where there is one gallery only, its figures are those of all pictures', async (t) => {
  const { galleries, retrieval, firstCounts } = await evaluateModel(formulaModel(), forty, clips);
  const { mean, sd, first } = galleries!.own;
  t.ok(Math.abs(mean - retrieval!.gapClosed) < 1e-9, `${mean} ${retrieval!.gapClosed}`);
  t.ok(sd < 1e-9);
  t.equal(first, firstCounts!.distinct);
});

t.test('moods that are read too close together are helped by stretching them over the gallery', async (t) => {
  const squeezed = forty.map(({ label: { valence, arousal } }) =>
    item([0.6 + 0.2 * valence, 0.6 + 0.2 * arousal], [valence, arousal]),
  );
  const { galleries } = await evaluateModel(formulaModel(), forty, squeezed);
  t.ok(galleries!.relative.mean > 0.99, `${galleries!.relative.mean}`);
  t.ok(galleries!.plain.mean < 0.6, `${galleries!.plain.mean}`);
  t.equal(galleries!.relative.first, 40);
  t.ok(galleries!.plain.first < 15);
  t.ok(galleries!.own.mean < 0.6, `${galleries!.own.mean}`);
  const stretching: TargetOf = (prediction, night, gallery) => {
    const mood = stretched(prediction, night, gallery, 1);
    return { prediction: { ...prediction, ...mood }, offset: { valence: 0, arousal: 0 } };
  };
  const { own } = (await evaluateModel(formulaModel(), forty, squeezed, stretching)).galleries!;
  t.ok(own.mean > 0.99, `${own.mean}`);
  t.equal(own.first, 40);
});

t.test('a ranking whose scores are computed once for all pictures gives the same galleries', async (t) => {
  const { ranking, ...model } = formulaModel();
  const more = [
    ...forty,
    ...forty.map(({ label: { valence, arousal } }) => item([arousal, valence], [valence, arousal])),
  ];
  const byPlane = await evaluateModel({ ...model, ranking }, more, clips);
  const predictor = { ...ranking, score: 'predictor' as const };
  const byPredictor = await evaluateModel({ ...model, ranking: predictor }, more, clips);
  t.same(byPredictor.galleries, byPlane.galleries);
  t.same(byPredictor.retrieval, byPlane.retrieval);
  t.ok(byPlane.galleries!.own.sd > 0);
});
