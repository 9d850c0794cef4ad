import type { Engine } from '../engine/index.ts';
import type { DiskCache } from '../learning/index.ts';
import type { Block } from './coordinates.ts';
import type { Example } from './examples.ts';
import { rounded, sideFigures, type Figures } from './figures.ts';
import { groupFolds } from './folds.ts';
import type { LeftOutReading } from './left-out.ts';
import type { SideSettings } from './settings.ts';
import { FOLDS, FOLD_SEED, taught, teacherLeftOut } from './taught.ts';

/** Settings that are tried on one side. */
export interface Try {
  readonly settings: SideSettings;
  readonly blocks: readonly Block[];
  /** Reads the features and labels, the same files whatever is tried; undefined when it was stopped. */
  readonly examples: () => Promise<readonly Example[] | undefined>;
}

/** What nested folds say of several settings of a teacher. */
export interface NestedChoice {
  /** For each outer fold the index of the try that was best on the others. */
  readonly chosen: readonly number[];
  /** Of readings of each outer fold by what was chosen without it: what an honest choice comes to. */
  readonly nested: Figures;
  /** Of each try over all outer folds: whoever picks the best of these flatters it. */
  readonly tries: readonly Figures[];
}

export interface ChoiceOptions {
  readonly engine: Engine;
  readonly cache: DiskCache;
  /** `image` or `music`: what the figures are called. */
  readonly name: string;
  /** Told after each teacher that was trained, of `FOLDS + 1` for each try. */
  readonly done: () => void;
  /** Asked before each of them. */
  readonly isStopped: () => boolean;
}

/**
 * Chooses a teacher's settings by nested folds (Varma and Simon, "Bias in error estimation when using cross-validation for
 * model selection", 2006): for each outer fold the try that is best in folds of the others alone, by `merit`.
 *
 * @returns undefined when it was stopped
 * @throws SynestheteError ENGINE_FAILED, DIVERGED
 */
export async function chooseNested(
  tries: readonly Try[],
  { engine, cache, name, done, isStopped }: ChoiceOptions,
): Promise<NestedChoice | undefined> {
  /** Without their features, which differ from try to try and are large. */
  let originals: readonly Example[] = [];
  const outer: LeftOutReading[][] = [];
  const figures: Figures[] = [];
  const inner: number[][] = [];
  for (const { settings, blocks, examples: readAll } of tries) {
    const examples = await readAll();
    if (examples === undefined) return undefined;
    originals = examples.flatMap((example) =>
      example.isOriginal ? [{ ...example, features: new Float32Array() }] : [],
    );
    const folds = groupFolds(
      examples.map(({ group, set }) => ({ group, kind: set.name })),
      FOLDS,
      FOLD_SEED,
    );
    const merits: number[] = [];
    // −1: all examples, whose folds are the outer ones.
    for (let without = -1; without < FOLDS; without++) {
      if (isStopped()) return undefined;
      const part = without < 0 ? examples : examples.filter((_, i) => folds[i] !== without);
      const learnt = await taught(engine, part, blocks, settings, { cache, seed: 0, mixtures: 0 });
      const readings = teacherLeftOut(learnt);
      const found = sideFigures(name, learnt.side, readings);
      if (without < 0) {
        // Varied views differ from try to try, originals don't.
        outer.push(readings.map((reading, i) => ({ ...reading, example: i })));
        figures.push(found);
      } else merits.push(merit(found));
      done();
    }
    inner.push(merits);
  }
  const chosen = Array.from({ length: FOLDS }, (_, fold) => {
    const merits = inner.map((of) => of[fold]!);
    return merits.indexOf(Math.max(...merits));
  });
  const nested = outer[0]!.map(({ fold }, i) => outer[chosen[fold]!]![i]!);
  return {
    chosen,
    nested: rounded(sideFigures(name, { examples: originals }, nested)),
    tries: figures.map(rounded),
  };
}

/** The mean of what there is: R² of valence and arousal, and 2 · AUC − 1 of each set with categories, all of them 0 by chance. */
export function merit(figures: Figures): number {
  const values = Object.entries(figures)
    .map(([name, value]) => (name.endsWith('Auc') ? 2 * value - 1 : value))
    .filter(Number.isFinite);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
