import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import t from 'tap';
import { openModel } from '../../../models/serving/index.ts';
import { openEngine } from '../../../models/engine/index.ts';
import { BUNDLED_MUSIC } from '../../../src/cli/bundled.ts';
import { folderGallery } from '../../../src/live/index.ts';
import { synesthete } from '../cli/run.ts';

/*
 * The program as it is shipped, built-in model, pictures and music. The piece has four passages of 24 s: dreamy, a feast, a
 * threat, and a night without hope.
 */
const PASSAGE_SECONDS = 24;
/** The smoothed mood takes so long to arrive in a passage. */
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
  const { code, stderr } = await synesthete([
    ...['replay', BUNDLED_MUSIC, '--out', out],
    ...['--engine', 'cpu', '--hop', '1', '--dwell', '2-5'],
  ]);
  t.equal(code, 0, stderr);
  const lines = (await readFile(out, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

  const engine = await openEngine('cpu');
  const model = await openModel(undefined, { engine });
  const { fingerprint, ranking } = model;
  const { score, width } = ranking;
  const facts = { fingerprint, folder: '', engine: '', fallbacks: [], ranking: score, width };
  const { catalogue } = await folderGallery({
    folder: fileURLToPath(new URL('../../../demo/gallery', import.meta.url)),
    indexFolder: fileURLToPath(new URL('../../../dist/demo-index', import.meta.url)),
    notice: t.comment.bind(t),
  }).open(facts);
  await model.close();

  const heard: { valence: number; arousal: number }[] = [];
  const shown: { valence: number; arousal: number }[] = [];
  for (let passage = 0; passage < 4; passage++) {
    const within = ({ time }: Line) =>
      time >= passage * PASSAGE_SECONDS + ARRIVAL_SECONDS && time < (passage + 1) * PASSAGE_SECONDS;
    const moods = lines.filter((line) => line.kind === 'mood' && within(line));
    const pictures = lines
      .filter((line) => line.kind === 'show' && within(line))
      .map(({ image }) => catalogue.pictures[catalogue.indexOf.get(image!)!]!);
    t.ok(pictures.length >= 3, `${pictures.length} pictures in passage ${passage + 1}`);
    for (const [into, from] of [
      [heard, moods],
      [shown, pictures],
    ] as const) {
      into.push({
        valence: mean(from.map(({ valence }) => valence)),
        arousal: mean(from.map(({ arousal }) => arousal)),
      });
    }
  }
  for (const axis of ['valence', 'arousal'] as const) {
    const [music, pictures] = [heard, shown].map((moods) => moods.map((mood) => mood[axis]));
    const told = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(' ');
    const r = correlation(music!, pictures!);
    t.ok(r > 0.8, `${axis}: music ${told(music!)}, pictures ${told(pictures!)}, r ${r.toFixed(2)}`);
  }
});
