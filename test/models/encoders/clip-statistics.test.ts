import t from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import { CLIP_SAMPLES, FEATURE_ROWS, FRAME_COUNT } from '../../../models/features/index.ts';
import { CLIP_BLOCKS, CLIP_STATISTICS, openClipEncoders } from '../../../models/encoders/index.ts';

const CHROMA = 40;
const MEL = 52;
/** All but the tonnetz, which the statistics leave out. */
const ROWS = FEATURE_ROWS - 6;

const engine = await openEngine('cpu', { threads: 1 });
const encoders = await openClipEncoders(engine, ['feature-statistics']);
t.teardown(() => encoders.close());

/** Blocks of the statistics of a clip whose features are `value(row, frame)`. */
async function blocksOf(
  value: (row: number, frame: number) => number,
): Promise<Record<string, Float32Array>> {
  const features = new Float32Array(FEATURE_ROWS * FRAME_COUNT).map((_, i) =>
    value(Math.floor(i / FRAME_COUNT), i % FRAME_COUNT),
  );
  const samples = new Float32Array(CLIP_SAMPLES);
  const all = await encoders.encode({ samples, before: new Float32Array(), features });
  t.equal(all.length, CLIP_STATISTICS);
  let start = 0;
  return Object.fromEntries(CLIP_BLOCKS.map(({ name, width }) => [name, all.slice(start, (start += width))]));
}

t.test('silence has finite statistics', async (t) => {
  const blocks = await blocksOf(() => 0);
  for (const [name, values] of Object.entries(blocks)) t.ok(values.every(Number.isFinite), name);
  t.ok(Math.abs(blocks['levels']![MEL]! + 100) < 1e-3, 'mel at −100 dB');
});

t.test('levels and changes of a row that goes up and down', async (t) => {
  const { levels, changes } = await blocksOf((row, frame) => (row === 3 ? 2 + (frame % 2) : 0));
  t.ok(Math.abs(levels![3]! - 2.494) < 1e-3, 'mean');
  t.ok(Math.abs(levels![ROWS + 3]! - 0.5) < 1e-3, 'deviation');
  t.ok(Math.abs(changes![3]! - 1) < 1e-3, 'from frame to frame');
  t.ok(Math.abs(changes![ROWS + 3]!) < 1e-3, 'over four frames');
});

t.test('the autocorrelation of onsets peaks at the beat', async (t) => {
  const beat = 12;
  const { rhythm } = await blocksOf((row, frame) =>
    row >= MEL && row < MEL + 128 && frame % beat === 0 ? 1 : 1e-6,
  );
  const lags = rhythm!.subarray(3, 23);
  t.equal(4 + 2 * lags.indexOf(Math.max(...lags)), beat);
  t.ok(rhythm![23]! >= Math.max(...lags), 'the highest value stands by itself');
});

const TRIAD = [0, 4, 7];
const chord = (tonic: number) => (row: number) =>
  TRIAD.some((step) => row === CHROMA + ((tonic + step) % 12)) ? 1 : row >= CHROMA && row < MEL ? 0.05 : 0;

t.test('a major chord is major, and the same on every tonic', async (t) => {
  const { key: onC } = await blocksOf(chord(0));
  t.ok(onC![0]! > onC![1]!, 'major fits better than minor');
  const relative = onC!.slice(3, 15);
  t.same(
    [...relative.keys()].filter((step) => relative[step]! > 0),
    TRIAD,
  );
  for (const tonic of [3, 11]) {
    const { key } = await blocksOf(chord(tonic));
    t.ok(key!.every((value, i) => Math.abs(value - onC![i]!) < 1e-5));
  }
});

t.test('chroma on all pitches is more even than on one', async (t) => {
  const even = await blocksOf((row) => (row >= CHROMA && row < MEL ? 1 : 0));
  const single = await blocksOf((row) => (row === CHROMA ? 1 : 0));
  t.ok(Math.abs(even['key']!.at(-1)! - Math.log(12)) < 1e-4);
  t.ok(Math.abs(single['key']!.at(-1)!) < 1e-4);
});

t.test('quantiles of a row that rises', async (t) => {
  const { quantiles } = await blocksOf((row, frame) => (row === 3 ? frame / (FRAME_COUNT - 1) : 0));
  [0.1, 0.5, 0.9].forEach((q, i) => t.ok(Math.abs(quantiles![i * ROWS + 3]! - q) < 1e-5));
});

t.test('what sounds together is counted from the tonic on, and as intervals', async (t) => {
  const triad = (tonic: number) => (row: number) =>
    TRIAD.some((step) => row === CHROMA + ((tonic + step) % 12)) ? 1 : 0;
  for (const tonic of [0, 5, 10]) {
    const { harmony, intervals } = await blocksOf(triad(tonic));
    const pairs: string[] = [];
    let at = 0;
    for (let i = 0; i < 12; i++) {
      for (let j = i; j < 12; j++) if (Math.abs(harmony![at++]! - 1) < 1e-5) pairs.push(`${i} ${j}`);
    }
    t.same(pairs, ['0 0', '0 4', '0 7', '4 4', '4 7', '7 7']);
    // Three pairs of a triad's three pitches: a minor third, a major third and a fourth.
    [0, 0, 1, 1, 1, 0].forEach((pairsOf, i) => t.ok(Math.abs(intervals![i]! - pairsOf / 3) < 1e-5));
  }
});
