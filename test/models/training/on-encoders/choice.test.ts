import { join } from 'node:path';
import t from 'tap';
import { DiskCache } from '../../../../models/cache.ts';
import { openEngine } from '../../../../models/engine/index.ts';
import { SynestheteError } from '../../../../models/errors.ts';
import type { CdcmlSettings } from '../../../../models/families/on-encoders/settings.ts';
import { chooseNested, merit, type Try } from '../../../../models/training/on-encoders/choice.ts';
import { pictureExamples } from '../../../../models/training/on-encoders/examples.ts';
import { groupFolds } from '../../../../models/training/on-encoders/folds.ts';
import { pictureBlocks } from '../../../../models/training/on-encoders/branch.ts';
import { FOLDS, FOLD_SEED } from '../../../../models/training/on-encoders/taught.ts';
import { failure } from '../../rejection.ts';
import { FormulaFiles, TINY_CDCML, labelledSet, manifestLine, moodAt } from './formula-files.ts';

const engine = await openEngine('cpu', { threads: 1 });
const cache = new DiskCache({ folder: join(t.testdir({}), 'cache') });
const entries = Array.from({ length: 40 }, (_, i) =>
  manifestLine(`theme${i >> 1} ${i}.png`, { rating: moodAt(i) }),
);
const sets = [labelledSet('rated', entries)];

function attempt(picture: Partial<CdcmlSettings['picture']>): Try {
  const settings = { ...TINY_CDCML, picture: { ...TINY_CDCML.picture, ...picture } };
  return {
    name: JSON.stringify(picture),
    settings: settings.picture,
    blocks: pictureBlocks(settings),
    examples: () =>
      pictureExamples(sets, () => true, {
        files: new FormulaFiles(settings),
        settings,
        skipBad: false,
        skipped: () => undefined,
        done: () => undefined,
        signal: undefined,
      }),
  };
}

const told: [number, number][] = [];
const options = {
  engine,
  cache,
  name: 'image',
  progress: (done: number, total: number) => told.push([done, total]),
  signal: undefined,
};
const dull = attempt({ ridge: 1000 });
const keen = attempt({ ridge: 0.01 });

t.test('each fold chooses by the others, and what it chose is what it is judged by', async (t) => {
  const choice = (await chooseNested([dull, keen], options))!;
  t.same(
    [told[0], told.at(-1)],
    [
      [0, 12],
      [12, 12],
    ],
  );
  t.same(choice.chosen, [1, 1, 1, 1, 1]);
  t.same(choice.nested, choice.tries[1]);
  t.ok(choice.tries[0]!['imageValenceR2']! < 0.1, 'a teacher that hardly learns');
  t.ok(choice.tries[1]!['imageValenceR2']! > 0.8, 'a teacher of noiseless formulas');
  t.same((await chooseNested([dull, keen], options))!, choice, 'again from the cache: the same');
});

t.test('tries with other numbers of varied views are judged on the same pictures', async (t) => {
  const choice = (await chooseNested([keen, attempt({ ridge: 1000, views: 0 })], options))!;
  t.same(choice.chosen, [0, 0, 0, 0, 0]);
  t.same(choice.nested, choice.tries[0]);
});

t.test('it ends where it should', async (t) => {
  const interruption = new AbortController();
  const done: number[] = [];
  const progress = (teachers: number): void => {
    done.push(teachers);
    if (teachers === 3) interruption.abort();
  };
  const { signal } = interruption;
  t.equal(await chooseNested([dull, keen], { ...options, progress, signal }), undefined);
  t.equal(done.at(-1), 3);
  t.equal(
    await chooseNested([{ ...dull, examples: () => Promise.resolve(undefined) }, keen], options),
    undefined,
  );
});

t.test('merit is 0 for chance and 1 for what is perfect', async (t) => {
  t.equal(merit({ imageValenceR2: 0, imageArousalR2: 0, fiValenceAuc: 0.5 }), 0);
  t.equal(merit({ imageValenceR2: 1, imageArousalR2: 1, fiValenceAuc: 1 }), 1);
  t.equal(merit({ imageValenceR2: 0.25, gladValenceAuc: NaN }), 0.25, 'what is unknown does not count');
  t.ok(Math.abs(merit({ imageValenceR2: 0.2, fiArousalAuc: 0.9 }) - 0.5) < 1e-12);
});

t.test('where folds choose differently, each is judged by its own choice', async (t) => {
  // In one outer fold the labels of all others are upside down for one try, in the other folds for the other.
  const groups = entries.map(({ file }) => file.replace(/\s+\d+\.\w+$/, ''));
  const folds = groupFolds(
    groups.map((group) => ({ group, kind: 'rated' })),
    FOLDS,
    FOLD_SEED,
  );
  const noisy = (isNoisy: (fold: number) => boolean): Try => ({
    ...keen,
    examples: async () =>
      (await keen.examples())!.map((example) => {
        const fold = folds[entries.indexOf(example.entry)]!;
        return isNoisy(fold)
          ? { ...example, features: example.features.map((_, i) => Math.sin(i)) }
          : example;
      }),
  });
  const tries = [noisy((fold) => fold < 2), noisy((fold) => fold >= 2)];
  const { chosen, nested, tries: judged } = (await chooseNested(tries, options))!;
  t.ok(new Set(chosen).size === 2, chosen.join());
  const r2 = (figures: Readonly<Record<string, number>>) => figures['imageValenceR2']!;
  t.notSame(nested, judged[0]);
  t.notSame(nested, judged[1]);
  t.ok(Number.isFinite(r2(nested)));
});

t.test('too few themes for folds of folds, and a try that is not solved, are reported', async (t) => {
  const few = (count: number): Try => ({
    ...keen,
    examples: async () => (await keen.examples())!.filter(({ group }) => Number(group.slice(5)) < count),
  });
  t.match(
    await failure('BAD_TABLE', () => chooseNested([few(6), few(6)], options)),
    /^rated\.csv: .* give at least 7$/,
  );
  t.ok(await chooseNested([few(7), few(7)], options));
  const diverging: Try = {
    ...keen,
    name: 'wild',
    examples: () => Promise.reject(new SynestheteError('DIVERGED', 'is not solved')),
  };
  t.match(
    await failure('DIVERGED', () => chooseNested([keen, diverging], options)),
    /^"wild": is not solved; remove it from/,
  );
});
