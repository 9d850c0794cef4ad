import t from 'tap';
import { rank } from '../../../models/ranking/index.ts';
import {
  EMBEDDING_SIZE,
  embeddingRanking,
  PLANE_RANKING,
  type Ranking,
  type Reading,
} from '../../../models/serving/index.ts';
import { formulaReading } from '../../support/formula-model.ts';

function reading(valence: number, arousal: number): Reading {
  const embedding = new Float32Array(EMBEDDING_SIZE);
  embedding.set([valence, arousal]);
  return formulaReading(valence, arousal, embedding);
}

const POINTS = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.1, 0.9],
  [0.9, 0.9],
  [0.5, 0.5],
] as const;

function gallery(ranking: Ranking) {
  const readings = POINTS.map(([valence, arousal]) => reading(valence, arousal));
  const vectors = new Float32Array(POINTS.length * ranking.width);
  readings.forEach((one, i) => {
    vectors.set(ranking.pictureVector(one), i * ranking.width);
  });
  return { count: POINTS.length, vectors, moods: Float32Array.from(POINTS.flat()) };
}

for (const ranking of [PLANE_RANKING, embeddingRanking(EMBEDDING_SIZE)]) {
  t.test(
    `by ${ranking.score}: the nearest first, none that is not allowed, and the offset moves them`,
    async (t) => {
      const pictures = gallery(ranking);
      const all = { allowed: new Uint8Array(5).fill(1), count: 3, alsoIndices: [] as number[] };
      const none = { valence: 0, arousal: 0 };
      const calm = { ...all, reading: reading(0.2, 0.15), offset: none };
      const { best } = rank(ranking, pictures, calm);
      t.equal(best.length, 3);
      t.equal(best[0]!.index, 0);
      t.equal(best[0]!.fit, 1);
      t.ok(best[0]!.score >= best[1]!.score && best[1]!.score >= best[2]!.score);
      const restricted = rank(ranking, pictures, {
        ...calm,
        allowed: Uint8Array.of(0, 1, 1, 1, 1),
        alsoIndices: [0],
      });
      t.notOk(restricted.best.some(({ index }) => index === 0));
      t.ok(restricted.also[0]!.fit > 1, 'one that is on show is told though it is not allowed');
      t.equal(rank(ranking, pictures, { ...calm, offset: { valence: 0.8, arousal: 0.1 } }).best[0]!.index, 1);
      t.equal(rank(ranking, pictures, { ...calm, offset: { valence: 0.1, arousal: 0.8 } }).best[0]!.index, 2);
      t.throws(() => rank(ranking, pictures, { ...calm, allowed: new Uint8Array(4) }), RangeError);
      t.same(rank(ranking, pictures, { ...calm, allowed: new Uint8Array(5) }).best, []);
    },
  );
}

t.test('the best of many are those of a full sort, ties by index', async (t) => {
  const ranking = PLANE_RANKING;
  const count = 2000;
  const values = Array.from(
    { length: count },
    (_, i) => Math.round(500 * Math.abs(Math.sin(i * 12.9898))) / 500,
  );
  const vectors = Float32Array.from(values.flatMap((value) => [1.5 - value, 0.5, 0.01, 0.01]));
  const pictures = { count, vectors, moods: new Float32Array(2 * count) };
  const allowed = Uint8Array.from(values, (_, i) => (i % 3 === 0 ? 0 : 1));
  const request = {
    reading: reading(0.5, 0.5),
    offset: { valence: 0, arousal: 0 },
    allowed,
    count: 64,
    alsoIndices: [],
  };
  const expected = [...values.keys()]
    .filter((i) => i % 3 !== 0)
    .sort((a, b) => Math.fround(values[b]!) - Math.fround(values[a]!) || a - b)
    .slice(0, 64);
  t.same(
    rank(ranking, pictures, request).best.map(({ index }) => index),
    expected,
  );
});

t.test('a predictor judges a part of a large gallery, and finds what fits in it', async (t) => {
  const plane = PLANE_RANKING;
  let scored = 0;
  const predictor: Ranking = {
    ...plane,
    score: 'predictor',
    scores(vectors, query, out) {
      scored = vectors.length / plane.width;
      return plane.scores(vectors, query, out);
    },
  };
  const count = 5000;
  const points = Array.from({ length: count }, (_, i) => [(i * 0.618034) % 1, (i * 0.754878) % 1] as const);
  const pictures = {
    count,
    vectors: Float32Array.from(points.flatMap(([v, a]) => [...plane.pictureVector(reading(v, a))])),
    moods: Float32Array.from(points.flat()),
  };
  const request = {
    reading: reading(0.3, 0.6),
    offset: { valence: 0, arousal: 0 },
    allowed: Uint8Array.from(points, (_, i) => (i % 2 === 0 ? 1 : 0)),
    count: 20,
    alsoIndices: [4001, 6000],
  };
  const { best, also } = rank(predictor, pictures, request);
  t.ok(scored <= 301, `${scored} of ${count} were scored`);
  const exact = rank(plane, pictures, request);
  t.same(
    best.map(({ index }) => index),
    exact.best.map(({ index }) => index),
  );
  t.same(
    also.map(({ index }) => index),
    [4001],
  );
  t.ok(Math.abs(best.at(-1)!.fit - exact.best.at(-1)!.fit) < 0.05, 'blind choice is that of the gallery');
  t.ok(Math.abs(also[0]!.fit - exact.also[0]!.fit) < 0.2);

  const few = Uint8Array.from(points, (_, i) => (i < 5 ? 1 : 0));
  const ofFew = rank(predictor, pictures, { ...request, allowed: few });
  t.ok(scored <= 6);
  t.same(ofFew, rank(plane, pictures, { ...request, allowed: few }));
});
