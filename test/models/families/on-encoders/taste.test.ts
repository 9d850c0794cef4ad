import t from 'tap';
import { openEngine } from '../../../../models/engine/index.ts';
import { tasted, withTaste } from '../../../../models/families/on-encoders/taste.ts';
import { Graph } from '../../../../models/graph/index.ts';
import {
  learnTaste,
  movement,
  type Correction,
} from '../../../../models/training/on-encoders/learn-taste.ts';
import { noise } from '../../training/on-encoders/numbers.ts';

const SIZE = 16;

/** Directions of length 1, near `middle` or anywhere. */
function directions(count: number, seed: number, middle?: Float32Array, apart = 0.03): Float32Array[] {
  const numbers = noise(count * SIZE, seed);
  return Array.from({ length: count }, (_, i) => {
    const row = numbers.subarray(i * SIZE, (i + 1) * SIZE).map((value, c) => {
      return middle === undefined ? value : middle[c]! + apart * value;
    });
    const length = Math.hypot(...row);
    return Float32Array.from(row, (value) => value / length);
  });
}

const joined = (rows: readonly Float32Array[]) => Float32Array.from(rows.flatMap((row) => [...row]));
const [middle] = directions(1, 1) as [Float32Array];
const theme = directions(60, 2, middle);
const reference = { embeddings: joined(directions(100, 3)), ratings: new Float32Array(200).fill(0.5) };
const others = directions(200, 4);
const READING = { valence: 0.8, arousal: 0.4 };

/** Simulated: the person finds the theme as unpleasant as the model finds it pleasant. */
const simulated = (count: number): Correction[] =>
  theme.slice(0, count).map((embedding) => ({ embedding, prediction: READING, hand: { valence: 0.2 } }));

t.test('the rest of a theme follows the corrected pictures, all else stays', async (t) => {
  const errors = [5, 20].map((count) => {
    const { taste } = learnTaste(simulated(count), reference, SIZE, 0.02);
    const left = theme.slice(20).map((embedding) => tasted(taste, READING, embedding));
    t.ok(left.every(({ arousal }) => Math.abs(arousal - READING.arousal) < 1e-3), 'arousal was not corrected'); // prettier-ignore
    const moved = others.map((embedding) => Math.abs(tasted(taste, READING, embedding).valence - 0.8));
    t.ok(moved.reduce((sum, value) => sum + value / moved.length, 0) < 0.01, 'others stay');
    return left.reduce((sum, { valence }) => sum + Math.abs(valence - 0.2) / left.length, 0) / 0.6;
  });
  t.ok(errors[0]! < 0.4, `5 corrections leave ${errors[0]}`);
  t.ok(errors[1]! < 0.15 && errors[1]! < errors[0]!, `20 corrections leave ${errors[1]}`);
});

t.test('what a picture moves by, told by the others, is what a taste without it says', async (t) => {
  const corrections = simulated(6);
  const { taste, corrections: moves } = learnTaste(corrections, reference, SIZE, 1);
  const without = learnTaste(corrections.slice(1), reference, SIZE, 1);
  t.equal(without.taste.width, taste.width);
  const said = tasted(without.taste, READING, theme[0]!).valence - READING.valence;
  t.ok(Math.abs(moves[0]! - said) < 1e-4, `${moves[0]} and ${said}`);
  t.equal(moves[1], 0, 'arousal was not corrected');
});

t.test('the nearer the reference lies, the narrower the taste', async (t) => {
  const close = { ...reference, embeddings: joined(directions(100, 5, middle, 0.28)) };
  const wide = learnTaste(simulated(20), reference, SIZE, 0.02);
  const narrow = learnTaste(simulated(20), close, SIZE, 0.02);
  t.ok(narrow.taste.width < wide.taste.width, `${narrow.taste.width} and ${wide.taste.width}`);
  t.ok(movement(wide.moves) <= 0.02);
  const narrowest = learnTaste(simulated(20), close, SIZE, 0);
  t.equal(narrowest.taste.width, 0.15);
  t.ok(movement(narrowest.moves) > 0, 'that even the narrowest moves more than the bound can be reported');
});

t.test('pictures of the reference that are of the same kind follow, and hold nothing', async (t) => {
  const same = { ...reference, embeddings: joined([...directions(50, 3), ...directions(50, 6, middle)]) };
  const { reference: held, taste } = learnTaste(simulated(20), same, SIZE, 0.02);
  t.ok(held.ratings.length / 2 <= 50, `${held.ratings.length / 2} hold it`);
  const left = theme.slice(20).map((embedding) => Math.abs(tasted(taste, READING, embedding).valence - 0.2));
  t.ok(
    left.every((error) => error < 0.15),
    'the rest of the theme follows as ever',
  );
});

t.test('in a graph as by itself, and never off the plane', async (t) => {
  const { taste } = learnTaste(
    theme
      .slice(0, 8)
      .map((embedding) => ({ embedding, prediction: READING, hand: { valence: 0, arousal: 1 } })),
    reference,
    SIZE,
    1,
  );
  const graph = new Graph('taste');
  const [embedding, mood] = [graph.input('embedding', [10, SIZE]), graph.input('mood', [10, 2])];
  graph.output('tasted', withTaste(taste, mood, embedding));
  const engine = await openEngine('cpu', { threads: 1 });
  const session = await engine.load(graph);
  const rows = [...theme.slice(20, 25), ...others.slice(0, 5)];
  const moods = Float32Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 0.05 : 0.97));
  const { tasted: found } = await session.run({
    embedding: { dtype: 'float32', shape: [10, SIZE], data: joined(rows) },
    mood: { dtype: 'float32', shape: [10, 2], data: moods },
  });
  rows.forEach((row, i) => {
    const wanted = tasted(taste, { valence: moods[2 * i]!, arousal: moods[2 * i + 1]! }, row);
    const [valence, arousal] = (found!.data as Float32Array).subarray(2 * i, 2 * i + 2);
    t.ok(Math.abs(valence! - wanted.valence) < 1e-5 && Math.abs(arousal! - wanted.arousal) < 1e-5);
    t.ok(valence! >= 0 && arousal! <= 1);
  });
  await session.close();
});
