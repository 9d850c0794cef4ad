import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { BUNDLED_MUSIC } from '../../../src/built-in/index.ts';
import { demoCatalogue } from '../../support/demo-catalogue.ts';
import { synesthete } from '../cli/run.ts';

/*
 * The program as it is shipped: built-in model, pictures and music, and no settings. The piece has four passages of 24 s:
 * dreamy, a feast, a threat, and a night without hope. What is said here is of the
 * picture on show at each clip, so that each counts for as long as it stays.
 */
const PASSAGE_SECONDS = 24;
const PASSAGES = 4;
/** After so long another passage is in the mood (smoothed over 1.5 s), and the picture before has had its minimum dwell. */
const ARRIVAL_SECONDS = 6;

interface Line {
  readonly kind: string;
  readonly time: number;
  readonly image?: string;
  readonly valence: number;
  readonly arousal: number;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
  const deviation = (values: readonly number[], middle: number) =>
    Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
  return covariance / (deviation(a, meanA) * deviation(b, meanB));
}

t.test('matching is felt: the pictures’ mood moves with the passages of the music', async (t) => {
  const out = join(t.testdir({}), 'timeline.jsonl');
  const { code, stderr } = await synesthete(['replay', BUNDLED_MUSIC, '--out', out, '--engine', 'cpu']);
  t.equal(code, 0, stderr);
  const lines = (await readFile(out, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const catalogue = await demoCatalogue(t);
  const changes = lines.filter(({ kind }) => kind === 'show');
  const moments = lines
    .filter(({ kind }) => kind === 'mood')
    .map((mood) => {
      const { image } = changes.findLast(({ time }) => time <= mood.time)!;
      return { time: mood.time, mood, picture: catalogue.pictures[catalogue.indexOf.get(image!)!]! };
    });

  const passages = Array.from({ length: PASSAGES }, (_, passage) =>
    moments.filter(
      ({ time }) =>
        time >= passage * PASSAGE_SECONDS + ARRIVAL_SECONDS && time < (passage + 1) * PASSAGE_SECONDS,
    ),
  );
  for (const axis of ['valence', 'arousal'] as const) {
    const music = passages.map((within) => mean(within.map(({ mood }) => mood[axis])));
    const pictures = passages.map((within) => mean(within.map(({ picture }) => picture[axis])));
    const told = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(' ');
    const r = correlation(music, pictures);
    t.ok(r > 0.8, `${axis}: music ${told(music)}, pictures ${told(pictures)}, r ${r.toFixed(2)}`);
    const overTime = correlation(
      moments.map(({ mood }) => mood[axis]),
      moments.map(({ picture }) => picture[axis]),
    );
    t.ok(overTime > 0.7, `${axis} over time: r ${overTime.toFixed(2)}`);
  }
  for (let passage = 1; passage < PASSAGES; passage++) {
    const begins = passage * PASSAGE_SECONDS;
    const after = changes.find(({ time }) => time > begins)!.time - begins;
    t.ok(after <= ARRIVAL_SECONDS, `a picture comes ${after.toFixed(1)} s into passage ${passage + 1}`);
  }
  t.ok(changes.length <= (PASSAGES * PASSAGE_SECONDS) / 4, `calm: ${changes.length} pictures`);
});
