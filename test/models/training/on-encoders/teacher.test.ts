import t from 'tap';
import { openEngine } from '../../../../models/engine/index.ts';
import { Teachers, type TeacherRows } from '../../../../models/training/on-encoders/teacher.ts';
import { noise, squaredDistance } from './numbers.ts';

const engine = await openEngine('cpu', { threads: 1 });
const SIZE = 3;
const SETTINGS = { gamma: 0.7, ridge: 0.2, shared: 0.6, ratedOdds: 1 };

/** Rows of two corpora that overlap. */
function rowsWith(count: number, corpusOf: (row: number) => number, seed = 1): TeacherRows {
  const coordinates = Float32Array.from(noise(count * SIZE, seed));
  return {
    count,
    size: SIZE,
    coordinates,
    corpus: Uint8Array.from({ length: count }, (_, i) => corpusOf(i)),
    targets: Float32Array.from({ length: 2 * count }, (_, i) => 0.3 * Math.sin(3 * coordinates[i]! + i)),
    known: new Uint8Array(2 * count).fill(1),
    mean: [0.5, 0.4],
    weights: Float32Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 0.2 : 1)),
  };
}

function onlyRows(rows: TeacherRows, kept: readonly number[]): TeacherRows {
  const pick = (values: Float32Array, width: number) =>
    Float32Array.from(kept.flatMap((i) => [...values.subarray(i * width, (i + 1) * width)]));
  return {
    ...rows,
    count: kept.length,
    coordinates: pick(rows.coordinates, SIZE),
    corpus: Uint8Array.from(kept, (i) => rows.corpus[i]!),
    targets: pick(rows.targets, 2),
    known: new Uint8Array(2 * kept.length).fill(1),
    weights: pick(rows.weights, 1),
  };
}

async function readingsOf(
  rows: TeacherRows,
  folds: Int32Array,
  settings: typeof SETTINGS,
  points: Float32Array,
): Promise<Float32Array[]> {
  const teachers = await Teachers.train(engine, rows, folds, settings);
  const predictions = await teachers.predictions(points);
  await teachers.close();
  return predictions;
}

function furthest(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}

t.test('a teacher without a fold is one that was trained on the other rows alone', async (t) => {
  const rows = rowsWith(40, () => 0);
  const folds = Int32Array.from({ length: rows.count }, (_, i) => i % 4);
  const predictions = await readingsOf(rows, folds, SETTINGS, rows.coordinates);
  t.equal(predictions.length, 5);
  for (let fold = 0; fold < 4; fold++) {
    const kept = [...folds.keys()].filter((i) => folds[i] !== fold);
    const alone = onlyRows(rows, kept);
    const [expected] = await readingsOf(alone, new Int32Array(kept.length), SETTINGS, rows.coordinates);
    t.ok(furthest(predictions[fold + 1]!, expected!) < 1e-3, `without fold ${fold}`);
  }
  t.ok(furthest(predictions[0]!, predictions[1]!) > 0.01, 'a fold makes a difference');
});

t.test('what a row of a fold says changes nothing of what is read without the fold', async (t) => {
  const rows = rowsWith(40, (i) => i % 2);
  const folds = Int32Array.from({ length: rows.count }, (_, i) => Math.floor(i / 2) % 4);
  const changed = { ...rows, targets: rows.targets.map((value, i) => (folds[i >> 1] === 2 ? 5 : value)) };
  const [before, after] = [
    await readingsOf(rows, folds, SETTINGS, rows.coordinates),
    await readingsOf(changed, folds, SETTINGS, rows.coordinates),
  ];
  t.same(after[3], before[3]);
  t.ok(furthest(after[0]!, before[0]!) > 0.5);
});

t.test('corpora that share all of what is learnt are one', async (t) => {
  const rows = rowsWith(30, (i) => (i < 18 ? 0 : 1));
  const folds = Int32Array.from({ length: rows.count }, (_, i) => i % 3);
  const points = Float32Array.from(noise(20 * SIZE, 9));
  const two = await readingsOf(rows, folds, { ...SETTINGS, shared: 1 }, points);
  const one = await readingsOf({ ...rows, corpus: new Uint8Array(rows.count) }, folds, SETTINGS, points);
  two.forEach((moods, teacher) => {
    t.ok(furthest(moods, one[teacher]!) < 1e-3, `teacher ${teacher}`);
  });
});

t.test('a row without arousal teaches valence as ever, and arousal nothing', async (t) => {
  const rows = rowsWith(60, () => 0);
  const folds = new Int32Array(60).fill(0).map((_, i) => i % 5);
  const isHalf = (i: number) => i % 4 === 1;
  const half = {
    ...rows,
    known: rows.known.map((of, at) => (at % 2 === 1 && isHalf(at >> 1) ? 0 : of)),
    targets: rows.targets.map((of, at) => (at % 2 === 1 && isHalf(at >> 1) ? 99 : of)),
  };
  const kept = [...folds.keys()].filter((i) => !isHalf(i));
  const points = rows.coordinates;
  const [read] = await readingsOf(half, folds, SETTINGS, points);
  const [whole] = await readingsOf(rows, folds, SETTINGS, points);
  const [without] = await readingsOf(
    onlyRows(rows, kept),
    Int32Array.from(kept, (i) => folds[i]!),
    SETTINGS,
    points,
  );
  const along = (of: Float32Array, axis: number) => of.filter((_, at) => at % 2 === axis);
  t.ok(furthest(along(read!, 0), along(whole!, 0)) < 1e-3);
  t.ok(furthest(along(read!, 1), along(without!, 1)) < 1e-3);
  t.ok(furthest(along(whole!, 1), along(without!, 1)) > 0.02, 'which is something else');
});

t.test('a gate tells two corpora that lie apart, and each has its answer', async (t) => {
  // Both corpora lie around a middle of their own; valence rises along the second coordinate in one, falls in the other.
  const count = 80;
  const near = noise(count * SIZE, 4);
  const corpus = Uint8Array.from({ length: count }, (_, i) => i % 2);
  const coordinates = Float32Array.from(near, (value, i) => {
    const isFirst = i % SIZE === 0;
    return isFirst ? 0.1 * value + (corpus[Math.floor(i / SIZE)] === 0 ? -1 : 1) : value;
  });
  const along = (i: number) => coordinates[i * SIZE + 1]!;
  const rows: TeacherRows = {
    count,
    size: SIZE,
    coordinates,
    corpus,
    targets: Float32Array.from({ length: 2 * count }, (_, at) => {
      const i = at >> 1;
      return at % 2 === 0 ? 0.3 * along(i) * (corpus[i] === 0 ? 1 : -1) : 0;
    }),
    known: new Uint8Array(2 * count).fill(1),
    mean: [0.5, 0.5],
    weights: new Float32Array(count).fill(1),
  };
  const folds = Int32Array.from({ length: count }, (_, i) => Math.floor(i / 2) % 5);
  const settings = { gamma: 0.5, ridge: 0.05, shared: 0, ratedOdds: 1 };
  const predictions = await readingsOf(rows, folds, settings, coordinates);
  const points = Float32Array.of(-1, 0.6, 0, 1, 0.6, 0);
  const [ofPoints] = await readingsOf(rows, folds, settings, points);
  t.ok(ofPoints![0]! > 0.6 && ofPoints![2]! < 0.4, `${ofPoints![0]!}, ${ofPoints![2]!}`);
  const [asRated] = await readingsOf(rows, folds, { ...settings, ratedOdds: 1e6 }, points);
  t.ok(asRated![2]! > ofPoints![2]! + 0.1, 'odds for the rated corpus: its answer counts for more');
  let error = 0;
  for (let i = 0; i < count; i++) {
    const read = predictions[1 + folds[i]!]![2 * i]!;
    error += (read - 0.5 - rows.targets[2 * i]!) ** 2 / count;
  }
  t.ok(error < 0.002, `mean squared error of rows left out ${error}`);
});

t.test('a point without neighbours is given the mean', async (t) => {
  const rows = rowsWith(12, () => 0);
  const [moods] = await readingsOf(rows, new Int32Array(12), SETTINGS, Float32Array.of(90, 90, 90));
  t.ok(squaredDistance(moods!, rows.mean) < 1e-10);
});
