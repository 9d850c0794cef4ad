import { from, lastValueFrom, toArray } from 'rxjs';
import t from 'tap';
import type { Ranking, Reading } from '../../../models/serving/index.ts';
import { rank, smoothMood, type ClipReading } from '../../../streams/matching/index.ts';
import { formulaModel } from '../../support/formula-model.ts';

const EMBEDDING = 512;

function reading(valence: number, arousal: number): Reading {
  const embedding = new Float32Array(EMBEDDING);
  embedding.set([valence, arousal]);
  return { valence, arousal, embedding };
}

function clips(values: readonly number[], hopSeconds: number, rms = 0.1): ClipReading[] {
  return values.map((value, i) => ({
    reading: reading(value, 1 - value),
    endSeconds: 2 + i * hopSeconds,
    rms,
  }));
}

const felt = async (readings: readonly ClipReading[], tau: number) =>
  (
    await lastValueFrom(
      from(readings).pipe(
        smoothMood(() => tau),
        toArray(),
      ),
    )
  ).map(({ mood }) => mood);

t.test('the mood follows with the time constant that was set, whatever the hop', async (t) => {
  for (const hop of [0.1, 0.5, 1]) {
    const steps = Math.round(3 / hop);
    const moods = await felt(clips([0, ...Array.from({ length: steps }, () => 1)], hop), 3);
    const { valence, arousal, embedding } = moods.at(-1)!;
    t.ok(
      Math.abs(valence - (1 - Math.exp(-1))) < 1e-6,
      `1 − 1/e after one time constant at a hop of ${hop} s`,
    );
    t.ok(Math.abs(arousal - Math.exp(-1)) < 1e-6);
    t.ok(Math.abs(embedding[0]! - valence) < 1e-6, 'the embedding alike');
  }
  t.equal((await felt(clips([0, 1], 0.5), 0)).at(-1)!.valence, 1, 'without smoothing, at once');
});

t.test('with another model smoothing begins anew, whatever the width of its embeddings', async (t) => {
  const before = clips([0, 0, 0], 0.5).map((clip) => ({ ...clip, model: 'a' }));
  const other = { valence: 1, arousal: 1, embedding: Float32Array.of(7, 8) };
  const moods = await felt([...before, { reading: other, endSeconds: 3.5, rms: 0.1, model: 'b' }], 3);
  const first = moods[0]!;
  t.same(moods.at(-1), { ...other, endSeconds: 3.5, confidence: first.confidence });
  const silent = { reading: other, endSeconds: 3.5, rms: 0, model: 'b' };
  t.equal((await felt([...before, silent], 3)).length, 3, 'silence says nothing to it yet');
});

t.test('the confidence grows with what was heard, falls with contradiction and in silence', async (t) => {
  const steady = await felt(
    clips(
      Array.from({ length: 60 }, () => 0.7),
      0.5,
    ),
    3,
  );
  t.ok(steady[0]!.confidence < 0.6);
  t.ok(steady.at(-1)!.confidence > 0.99);
  const torn = await felt(
    clips(
      Array.from({ length: 60 }, (_, i) => i % 2),
      0.5,
    ),
    3,
  );
  t.ok(torn.at(-1)!.confidence < 0.25);
  const loud = clips(
    Array.from({ length: 20 }, () => 0.7),
    0.5,
  );
  const quiet = loud.map((clip, i) => (i < 10 ? clip : { ...clip, reading: reading(0.1, 0.1), rms: 0 }));
  const silent = await felt(quiet, 3);
  t.equal(silent.at(-1)!.valence, silent[9]!.valence, 'silence has the mood before it');
  t.ok(silent.at(-1)!.confidence < 0.3 * silent[9]!.confidence);
  t.equal((await felt(clips([0.5], 0.5, 0), 3)).length, 0, 'silence before any sound has none');
});

t.test('clips that were dropped count by their time, and a clock that goes back does no harm', async (t) => {
  const [first, second] = clips([0, 1], 0.5);
  const late = await felt([first!, { ...second!, endSeconds: 3.5 }], 3);
  t.ok(Math.abs(late.at(-1)!.valence - (1 - Math.exp(-0.5))) < 1e-6);
  const back = await felt([{ ...first!, endSeconds: 100 }, second!], 3);
  t.ok(Math.abs(back.at(-1)!.valence - (1 - Math.exp(-2 / 3))) < 1e-6, 'a clip of 2 s was heard');
});

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

/** −|p − c|² over the embeddings, of which the formula model uses two numbers. */
const byEmbedding: Ranking = {
  ...formulaModel().ranking,
  score: 'embedding',
  pictureVector: ({ embedding: [v, a] }) => Float32Array.of(2 * v!, 2 * a!, -(v! ** 2 + a! ** 2)),
  queryVector: ({ embedding: [v, a] }) => Float32Array.of(v!, a!, 1),
};

for (const ranking of [formulaModel().ranking, byEmbedding]) {
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
  const ranking = formulaModel().ranking;
  const count = 2000;
  const values = Array.from(
    { length: count },
    (_, i) => Math.round(500 * Math.abs(Math.sin(i * 12.9898))) / 500,
  );
  const vectors = Float32Array.from(values.flatMap((value) => [0, 0, value]));
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
  const plane = formulaModel().ranking;
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
