import t, { type Test } from 'tap';
import { openEngine } from '../../../../models/engine/index.ts';
import type { Mood } from '../../../../models/model/index.ts';
import type { Example } from '../../../../models/training/on-encoders/examples.ts';
import { prepareBranch } from '../../../../models/training/on-encoders/branch.ts';
import { TINY_CDCML, labelledSet, manifestLine } from './formula-files.ts';
import { BLOCKS, rowsOf } from './numbers.ts';

const engine = await openEngine('cpu', { threads: 1 });
const settings = { ...TINY_CDCML.picture, components: 3 };
const { centres, spread, pull } = settings.categories;
const features = rowsOf(40, 1);
const rated = labelledSet('rated', []);
const others = labelledSet('others', []);

interface Label {
  readonly rating?: Mood;
  readonly partialRating?: Partial<Mood>;
  readonly category?: string;
}

function example(i: number, { rating, partialRating, category }: Label): Example {
  return {
    set: rating === undefined ? others : rated,
    entry: manifestLine(`${i}.png`),
    features: features[i]!,
    rating,
    partialRating,
    category,
    isOriginal: true,
    weight: 1,
    group: `${i}`,
  };
}

const RATED = 12;
const mood = (i: number): Mood => ({ valence: 0.2 + 0.05 * i, arousal: 0.9 - 0.04 * i });
const mean = { valence: mood((RATED - 1) / 2).valence, arousal: mood((RATED - 1) / 2).arousal };
const LABELS: readonly Label[] = [
  ...Array.from({ length: RATED }, (_, i) => ({ rating: mood(i) })),
  { partialRating: { valence: 0.9 } },
  { partialRating: { arousal: 0.1 } },
  { partialRating: { valence: 0.9 }, category: 'awe' },
  { category: 'awe' },
  { category: 'fear' },
];
const examples = LABELS.map((label, i) => example(i, label));
const { rows } = await prepareBranch(engine, examples, BLOCKS, settings, { folds: 5, seed: 1 });
/** Known targets of a row, as they stand in it. */
const target = (row: number) => ({
  known: [...rows.known.subarray(2 * row, 2 * row + 2)],
  values: [...rows.targets.subarray(2 * row, 2 * row + 2)],
});

function near(t: Test, found: number, wanted: number, what: string): void {
  t.ok(Math.abs(found - wanted) < 1e-6, `${what}: ${found} for ${wanted}`);
}

t.test('ratings are deviations from the mean of the first set', async (t) => {
  const { known, values } = target(2);
  t.same(known, [1, 1]);
  near(t, values[0]!, mood(2).valence - mean.valence, 'valence');
  near(t, values[1]!, mood(2).arousal - mean.arousal, 'arousal');
  near(t, rows.mean[0], mean.valence, 'mean');
});

t.test('half a rating is known on its axis alone, and of the rated corpus', async (t) => {
  t.same(target(12).known, [1, 0]);
  near(t, target(12).values[0]!, 0.9 - mean.valence, 'valence');
  t.same(target(13).known, [0, 1]);
  near(t, target(13).values[1]!, 0.1 - mean.arousal, 'arousal');
  t.same([...rows.corpus], [...Array<number>(15).fill(0), 1, 1]);
});

t.test('a category pulls half a rating on its axis, and is not known on the other', async (t) => {
  const known = ['awe', 'awe', 'fear'].map((name) => centres[name]!.valence);
  const middle = known.reduce((sum, value) => sum + value, 0) / known.length;
  const ofRating = 0.9 - mean.valence;
  const ofCategory = spread.valence * (centres['awe']!.valence - middle);
  t.same(target(14).known, [1, 0]);
  near(t, target(14).values[0]!, ofRating + pull * (ofCategory - ofRating), 'valence');
  t.same(target(15).known, [1, 1]);
  near(t, target(15).values[0]!, ofCategory, 'valence of the category alone');
});
