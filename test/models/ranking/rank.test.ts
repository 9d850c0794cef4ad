import t from 'tap';
import {
  EMBEDDING_SIZE,
  embeddingRanking,
  PLANE_RANKING,
  type Ranking,
  type Prediction,
} from '../../../models/model/index.ts';
import { rank } from '../../../models/ranking/index.ts';
import { formulaReading } from '../../support/formula-model.ts';

function prediction(valence: number, arousal: number): Prediction {
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
  const predictions = POINTS.map(([valence, arousal]) => prediction(valence, arousal));
  const vectors = new Float32Array(POINTS.length * ranking.width);
  predictions.forEach((one, i) => {
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
      const calm = { ...all, prediction: prediction(0.2, 0.15), offset: none };
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
      t.ok(restricted.also[0]!.fit > 1, 'one that is on show is reported though it is not allowed');
      t.equal(rank(ranking, pictures, { ...calm, offset: { valence: 0.8, arousal: 0.1 } }).best[0]!.index, 1);
      t.equal(rank(ranking, pictures, { ...calm, offset: { valence: 0.1, arousal: 0.8 } }).best[0]!.index, 2);
      t.throws(() => rank(ranking, pictures, { ...calm, allowed: new Uint8Array(4) }), RangeError);
      t.same(rank(ranking, pictures, { ...calm, allowed: new Uint8Array(5) }).best, []);
    },
  );
}

/** A predictor by formula, which knows more of a picture than its mood: the third number of the embedding. */
const PREDICTOR: Ranking = {
  score: 'predictor',
  width: 3,
  pictureVector: ({ embedding }) => embedding.slice(0, 3),
  queryVector: ({ embedding }) => embedding.slice(0, 3),
  scores: (vectors, query, out = new Float32Array(vectors.length / 3)) =>
    out.map(
      (_, i) =>
        1 -
        (vectors[3 * i]! - query[0]!) ** 2 -
        (vectors[3 * i + 1]! - query[1]!) ** 2 +
        0.01 * vectors[3 * i + 2]!,
    ),
};

t.test('a mood by hand moves its picture in a ranking that has no axes for it, and no other', async (t) => {
  const none = { valence: 0, arousal: 0 };
  const request = { allowed: new Uint8Array(5).fill(1), count: 5, alsoIndices: [], offset: none };
  const calm = { ...request, prediction: prediction(0.2, 0.15) };
  for (const ranking of [embeddingRanking(EMBEDDING_SIZE), PREDICTOR]) {
    const before = gallery(ranking);
    // The excited picture 3 is said to be at the music, and 0, which is there, to be excited.
    const moods = before.moods.slice();
    moods.set([0.2, 0.15], 6);
    moods.set([0.9, 0.9], 0);
    const corrected = { rows: Uint32Array.of(0, 3), predictions: Float32Array.of(0.1, 0.1, 0.9, 0.9) };
    const after = { ...before, moods, corrected };
    const scores = (pictures: typeof before) =>
      new Map(rank(ranking, pictures, calm).best.map(({ index, score }) => [index, score]));
    t.equal(rank(ranking, before, calm).best[0]!.index, 0);
    t.equal(rank(ranking, after, calm).best[0]!.index, 3, ranking.score);
    t.equal(rank(ranking, after, calm).best.at(-1)!.index, 0);
    for (const other of [1, 2, 4]) t.equal(scores(after).get(other), scores(before).get(other));
    // Both rankings are those of the plane, in which 0 and 3 have changed their places but for a little.
    t.ok(Math.abs(scores(after).get(0)! - scores(before).get(3)!) < 0.01);
    const pushed = { ...calm, offset: { valence: 0.8, arousal: 0.8 } };
    t.equal(rank(ranking, after, pushed).best[0]!.index, 0, 'a push moves it from where the hand has put it');
    const whole = rank(
      ranking,
      { ...before, corrected: { rows: new Uint32Array(), predictions: new Float32Array() } },
      calm,
    );
    t.strictSame(whole, rank(ranking, before, calm), 'where none is corrected nothing changes');
  }
});

t.test('a corrected picture comes among those that a large gallery is shortlisted to', async (t) => {
  const count = 1000;
  const moods = new Float32Array(2 * count);
  const vectors = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const [valence, arousal] = [0.5 + (0.4 * i) / count, 0.5 + 0.3 * Math.sin(i)];
    moods.set([valence, arousal], 2 * i);
    vectors.set([valence, arousal, 0], 3 * i);
  }
  const corrected = { rows: Uint32Array.of(777), predictions: moods.slice(2 * 777, 2 * 778) };
  moods.set([0.1, 0.1], 2 * 777);
  const request = {
    ...{ prediction: prediction(0.1, 0.1), offset: { valence: 0, arousal: 0 }, count: 3, alsoIndices: [] },
    allowed: new Uint8Array(count).fill(1),
  };
  t.equal(rank(PREDICTOR, { count, moods, vectors, corrected }, request).best[0]!.index, 777);
  // A graph of embeddings looks where the pictures were read.
  const far = { missing: new Uint32Array(), nearest: () => Array.from({ length: 250 }, (_, i) => i) };
  const space = embeddingRanking(3);
  const spaceVectors = new Float32Array(space.width * count);
  for (let i = 0; i < count; i++) {
    const embedding = vectors.slice(3 * i, 3 * i + 3);
    spaceVectors.set(space.pictureVector(formulaReading(0, 0, embedding)), space.width * i);
  }
  const pictures = { count, moods, vectors: spaceVectors, corrected, neighbours: far };
  const query = { ...request, prediction: formulaReading(0.1, 0.1, Float32Array.of(0.1, 0.1, 0)) };
  t.equal(rank(space, pictures, query, 10).best[0]!.index, 777);
});

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
    prediction: prediction(0.5, 0.5),
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
    vectors: Float32Array.from(points.flatMap(([v, a]) => [...plane.pictureVector(prediction(v, a))])),
    moods: Float32Array.from(points.flat()),
  };
  const request = {
    prediction: prediction(0.3, 0.6),
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
