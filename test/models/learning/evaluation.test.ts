import t from 'tap';
import { evaluateModel, type LabelledReading } from '../../../models/learning/index.ts';
import { failure } from '../rejection.ts';
import { formulaModel, formulaReading } from '../../support/formula-model.ts';

/** A reading of `predicted` for what people call `label`. */
function item(predicted: [number, number], label: [number, number]): LabelledReading {
  return {
    reading: formulaReading(predicted[0], predicted[1]),
    label: { valence: label[0], arousal: label[1] },
  };
}

const images = [item([0.2, 0.3], [0.1, 0.3]), item([0.9, 0.8], [0.8, 0.9]), item([0.5, 0.1], [0.6, 0.4])];
const clips = Array.from({ length: 150 }, (_, i) => {
  const x = i / 149;
  return item([x, 1 - x], [0.9 * x, 0.8 - 0.7 * x]);
});

t.test('the figures, computed once more by their definitions', async (t) => {
  const model = formulaModel();
  const figures = await evaluateModel(model, images, clips);
  t.same(figures.n, { images: 3, clips: 150, pairs: 450 });
  t.equal(figures.sigma, 0.38);

  const near = (found: number, expected: number, name: string) =>
    t.ok(Math.abs(found - expected) < 1e-6, `${name}: ${found}, ${expected}`);
  const distance = (a: { valence: number; arousal: number }, b: { valence: number; arousal: number }) =>
    Math.hypot(a.valence - b.valence, a.arousal - b.arousal);
  const sums = { mse: 0, mae: 0, constantMse: 0, constantMae: 0, top1: 0, oracle: 0, random: 0 };
  for (const clip of clips) {
    const truths = images.map((image) => distance(image.label, clip.label));
    const predictions = images.map((image) => distance(image.reading, clip.reading));
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
  near(figures.retrieval!.oracleDistance, sums.oracle, 'oracle');
  near(figures.retrieval!.randomDistance, sums.random, 'random');
  near(figures.retrieval!.gapClosed, (sums.random - sums.top1) / (sums.random - sums.oracle), 'gap closed');

  near(figures.image!.valence.mse, (0.01 + 0.01 + 0.01) / 3, 'picture valence');
  near(figures.image!.valence.constantMse, (0.16 + 0.09 + 0.01) / 3, 'picture valence of the constant');
  near(figures.image!.valence.r2, 1 - 0.03 / 0.26, 'picture valence R²');
  near(figures.image!.arousal.mae, (0 + 0.1 + 0.3) / 3, 'picture arousal');
  near(figures.image!.arousal.rankCorrelation, 0.5, 'ranks of picture arousal');
  near(figures.music!.valence.rankCorrelation, 1, 'ranks of music valence');
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
