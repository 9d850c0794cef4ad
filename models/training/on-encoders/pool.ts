import { Random } from '../../random.ts';
import type { Branch } from './branch.ts';

/** Training points of a network: the examples, then mixtures of two of them. */
export interface Pool {
  readonly count: number;
  readonly size: number;
  /** Row-major [count, size]. */
  readonly coordinates: Float32Array;
  /** Fold of each: a network judged on a fold is trained without its points. */
  readonly folds: Int32Array;
  /** For each set, the places of its examples. */
  readonly sets: readonly (readonly number[])[];
  /** Place of the first mixture. */
  readonly examples: number;
}

/** Most mixtures besides the examples. */
const MIXTURES = 24_000;
/** Part of a network's training points that are mixtures. */
const MIXED_SHARE = 0.5;
/** Part of the others that come from the first set, whose ratings the model predicts. */
const FIRST_SHARE = 0.5;

/**
 * The teacher answers for any point, so a network can learn from more than a few hundred rated files: from points
 * between two examples of the same fold (Zhang et al., "mixup", 2018, which mixes labels; here the teacher labels the
 * mixtures).
 *
 * @param most mixtures, at most
 */
export function poolOf(
  { examples, coordinates, size, folds }: Pick<Branch, 'examples' | 'coordinates' | 'size' | 'folds'>,
  seed: number,
  most = MIXTURES,
): Pool {
  const sets = [...new Set(examples.map(({ set }) => set))];
  const places = sets.map((set) => examples.flatMap((example, i) => (example.set === set ? [i] : [])));
  const random = Random.seeded(seed, 'mixtures');
  const byFold = new Map<number, number[][]>();
  places.forEach((of, s) => {
    for (const i of of) {
      const lists = byFold.get(folds[i]!) ?? sets.map(() => []);
      lists[s]!.push(i);
      byFold.set(folds[i]!, lists);
    }
  });
  const mixtures = Math.min(most, 4 * examples.length);
  const count = examples.length + mixtures;
  const all = new Float32Array(count * size);
  all.set(coordinates);
  const allFolds = new Int32Array(count);
  allFolds.set(folds);
  const foldNumbers = [...byFold.keys()].sort((a, b) => a - b);
  for (let m = 0; m < mixtures; m++) {
    const fold = foldNumbers[m % foldNumbers.length]!;
    const lists = byFold.get(fold)!.filter((list) => list.length > 0);
    const draw = (): number => {
      const list = lists[random.below(lists.length)]!;
      return list[random.below(list.length)]!;
    };
    const [a, b, part] = [draw(), draw(), random.real()];
    const row = examples.length + m;
    for (let c = 0; c < size; c++) {
      all[row * size + c] = part * coordinates[a * size + c]! + (1 - part) * coordinates[b * size + c]!;
    }
    allFolds[row] = fold;
  }
  return { count, size, coordinates: all, folds: allFolds, sets: places, examples: examples.length };
}

/**
 * The training points of a network without one fold, in order. Drawing from them gives the same points as `poolDrawing`
 * from the whole without that fold.
 *
 * @param moods of all points, row-major [count, 2]
 * @param without −1 for none
 */
export function poolWithout(
  pool: Pool,
  moods: Float32Array,
  without: number,
): { readonly pool: Pool; readonly moods: Float32Array } {
  const { count, size, coordinates, folds, sets, examples } = pool;
  const kept = Array.from({ length: count }, (_, i) => i).filter((i) => folds[i] !== without);
  if (kept.length === count) return { pool, moods };
  const placeOf = new Map(kept.map((i, place) => [i, place]));
  const rows = (values: Float32Array, width: number): Float32Array => {
    const chosen = new Float32Array(kept.length * width);
    kept.forEach((i, place) => {
      chosen.set(values.subarray(i * width, (i + 1) * width), place * width);
    });
    return chosen;
  };
  return {
    pool: {
      count: kept.length,
      size,
      coordinates: rows(coordinates, size),
      folds: Int32Array.from(kept, (i) => folds[i]!),
      sets: sets.map((set) => set.flatMap((i) => placeOf.get(i) ?? [])),
      examples: kept.filter((i) => i < examples).length,
    },
    moods: rows(moods, 2),
  };
}

/**
 * Draws points: MIXED_SHARE of them mixtures, of the others FIRST_SHARE from the first set and equally many from each
 * other set.
 * @param without a fold that is left out; −1 for none
 */
export function poolDrawing(
  { count, folds, sets, examples }: Pool,
  without: number,
): (random: Random) => number {
  const kept = (i: number) => folds[i] !== without;
  const [first = [], ...others] = sets.map((set) => set.filter(kept)).filter((set) => set.length > 0);
  const mixed = Array.from({ length: count - examples }, (_, i) => examples + i).filter(kept);
  return (random) => {
    const listOfExamples = (): readonly number[] =>
      others.length === 0 || random.real() < FIRST_SHARE ? first : others[random.below(others.length)]!;
    const list = random.real() < MIXED_SHARE ? mixed : listOfExamples();
    return list[random.below(list.length)]!;
  };
}
