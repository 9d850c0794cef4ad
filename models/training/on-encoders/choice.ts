import { isAborted } from '../../aborted.ts';
import type { DiskCache } from '../../cache.ts';
import type { Engine } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import type { SideSettings } from '../../families/on-encoders/index.ts';
import type { Example } from './examples.ts';
import { rounded, sideFigures, type Figures } from './figures.ts';
import type { Block } from './fit-coordinates.ts';
import { groupFolds } from './folds.ts';
import type { OutOfFoldPrediction } from './out-of-fold.ts';
import { FOLDS, FOLD_SEED, taught, teacherLeftOut } from './taught.ts';

/** Settings that are tried on one branch. */
export interface Try {
  /** For people. */
  readonly name: string;
  readonly settings: SideSettings;
  readonly blocks: readonly Block[];
  /** Reads the features and labels, from the same files for every try; undefined when it was stopped. */
  readonly examples: () => Promise<readonly Example[] | undefined>;
}

/** The result of nested folds for several settings of a teacher. */
export interface NestedChoice {
  /** For each outer fold, the index of the try that was best on the others. */
  readonly chosen: readonly number[];
  /** Over the predictions of each outer fold by the settings chosen without it: an unbiased estimate. */
  readonly nested: Figures;
  /** For each try over all outer folds; the best of these is biased. */
  readonly tries: readonly Figures[];
}

export interface ChoiceOptions {
  readonly engine: Engine;
  readonly cache: DiskCache;
  /** `image` or `music`: the name of the figures. */
  readonly name: string;
  /** Called before the first teacher and after each, `FOLDS + 1` for each try. */
  readonly progress: (done: number, total: number) => void;
  /** Stops before the next teacher. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Chooses a teacher's settings by nested folds (Varma and Simon, "Bias in error estimation when using cross-validation
 * for model selection", 2006): for each outer fold it takes the try that is best in folds of the others, by `merit`.
 *
 * @returns undefined when it was stopped
 * @throws SynestheteError BAD_TABLE (too few themes or songs), ENGINE_FAILED, DIVERGED; each names the try
 */
export async function chooseNested(
  tries: readonly Try[],
  options: ChoiceOptions,
): Promise<NestedChoice | undefined> {
  const tried: Tried[] = [];
  for (const attempt of tries) {
    const before = tried.length * (FOLDS + 1);
    const found = await judge(attempt, {
      ...options,
      progress: (done) => {
        options.progress(before + done, tries.length * (FOLDS + 1));
      },
    }).catch((error: unknown) => {
      throw error instanceof SynestheteError && error.code === 'DIVERGED'
        ? new SynestheteError(
            error.code,
            `"${attempt.name}": ${error.message}; remove it from the settings to try`,
          )
        : error;
    });
    if (found === undefined) return undefined;
    tried.push(found);
  }
  const chosen = Array.from({ length: FOLDS }, (_, fold) => {
    const merits = tried.map(({ inner }) => inner[fold]!);
    return merits.indexOf(Math.max(...merits));
  });
  const { originals, predictions } = tried[0]!;
  const nested = predictions.map(({ fold }, i) => tried[chosen[fold]!]!.predictions[i]!);
  return {
    chosen,
    nested: rounded(sideFigures(options.name, { examples: originals }, nested)),
    tries: tried.map(({ figures }) => rounded(figures)),
  };
}

/** The result of a try. */
interface Tried {
  /** Without their features, which are large and differ between tries. */
  readonly originals: readonly Example[];
  /** For each original, by the teacher of all other outer folds. */
  readonly predictions: readonly OutOfFoldPrediction[];
  readonly figures: Figures;
  /** For each outer fold, the merit in folds of the others. */
  readonly inner: readonly number[];
}

async function judge(
  { settings, blocks, examples: readAll }: Try,
  {
    engine,
    cache,
    name,
    progress,
    signal,
  }: Omit<ChoiceOptions, 'progress'> & {
    readonly progress: (done: number) => void;
  },
): Promise<Tried | undefined> {
  const examples = await readAll();
  if (examples === undefined) return undefined;
  const folds = groupFolds(
    examples.map(({ group, set }) => ({ group, kind: set.name })),
    FOLDS,
    FOLD_SEED,
  );
  refuseFewGroups(examples, folds);
  const readingsOf = async (part: readonly Example[]) => {
    const learnt = await taught(engine, part, blocks, settings, { cache, seed: 0, mixtures: 0 });
    const predictions = teacherLeftOut(learnt);
    return { predictions, figures: sideFigures(name, learnt.side, predictions) };
  };
  progress(0);
  if (isAborted(signal)) return undefined;
  // Folds of all examples are the outer ones.
  const outer = await readingsOf(examples);
  progress(1);
  const inner: number[] = [];
  for (let without = 0; without < FOLDS; without++) {
    if (isAborted(signal)) return undefined;
    const { figures } = await readingsOf(examples.filter((_, i) => folds[i] !== without));
    inner.push(merit(figures));
    progress(without + 2);
  }
  return {
    originals: examples.flatMap((example) =>
      example.isOriginal ? [{ ...example, features: new Float32Array() }] : [],
    ),
    // Varied views differ between tries, originals don't.
    predictions: outer.predictions.map((prediction, i) => ({ ...prediction, example: i })),
    figures: outer.figures,
    inner,
  };
}

/** The examples outside one fold, divided into as many folds again. */
function refuseFewGroups(examples: readonly Example[], folds: Int32Array): void {
  const { set } = examples[0]!;
  const isJudged = (example: Example): boolean => example.set === set && example.rating !== undefined;
  const groupsWithout = (without: number): number =>
    new Set(
      examples.filter((example, i) => isJudged(example) && folds[i] !== without).map(({ group }) => group),
    ).size;
  if (Array.from({ length: FOLDS }, (_, fold) => groupsWithout(fold)).every((groups) => groups >= FOLDS))
    return;
  throw new SynestheteError(
    'BAD_TABLE',
    `${set.manifest.path}: too few rated themes or songs for nested folds, which divide ${FOLDS - 1} of ${FOLDS} parts into ${FOLDS} again: give at least ${FOLDS + 2}`,
  );
}

/**
 * The mean of all available figures: R² of valence and arousal, and 2 · AUC − 1 of each set with categories, each 0 by
 * chance.
 */
export function merit(figures: Figures): number {
  const values = Object.entries(figures)
    .map(([name, value]) => (name.endsWith('Auc') ? 2 * value - 1 : value))
    .filter(Number.isFinite);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
