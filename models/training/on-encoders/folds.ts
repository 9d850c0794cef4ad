import { Random } from '../../random.ts';

/**
 * Assigns groups to folds at random, about the same number to each fold, separately for each kind.
 *
 * @param items group and kind of each.
 * @returns the fold of each, from 0.
 */
export function groupFolds(
  items: readonly { readonly group: string; readonly kind: string }[],
  folds: number,
  seed: number,
): Int32Array {
  const foldOf = new Map<string, number>();
  for (const kind of new Set(items.map((item) => item.kind))) {
    const groups = [...new Set(items.filter((item) => item.kind === kind).map(({ group }) => group))].sort();
    Random.seeded(seed, `folds of ${kind}`)
      .shuffle(groups)
      .forEach((group, i) => foldOf.set(`${kind}\n${group}`, i % folds));
  }
  return Int32Array.from(items, ({ group, kind }) => foldOf.get(`${kind}\n${group}`)!);
}
