import t from 'tap';
import { groupFolds } from '../../../../models/training/on-encoders/folds.ts';

/** 23 themes of one corpus with one to four files each, 12 files of another. */
const items = [
  ...Array.from({ length: 55 }, (_, i) => ({ group: `theme ${i % 23}`, kind: 'rated' })),
  ...Array.from({ length: 12 }, (_, i) => ({ group: `file ${i}`, kind: 'categorised' })),
];

function groupsByFold(folds: Int32Array, kind: string): string[][] {
  return Array.from({ length: 5 }, (_, fold) => [
    ...new Set(items.filter((item, i) => item.kind === kind && folds[i] === fold).map(({ group }) => group)),
  ]);
}

t.test('no group is torn, and each fold has about as many of each kind', async (t) => {
  const folds = groupFolds(items, 5, 1);
  for (const [kind, count] of [
    ['rated', 23],
    ['categorised', 12],
  ] as const) {
    const groups = groupsByFold(folds, kind);
    t.equal(groups.flat().length, count, 'each group is in one fold');
    const sizes = groups.map(({ length }) => length);
    t.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, sizes.join());
  }
});

t.test('folds depend on the groups and the seed, not on the order of the items', async (t) => {
  const folds = groupFolds(items, 5, 1);
  t.same([...groupFolds(items.toReversed(), 5, 1)].reverse(), [...folds]);
  t.notSame(groupFolds(items, 5, 2), folds);
});

t.test('groups of one name in two kinds are two', async (t) => {
  const same = Array.from({ length: 40 }, (_, i) => ({ group: `${i >> 1}`, kind: i % 2 === 0 ? 'a' : 'b' }));
  const folds = groupFolds(same, 5, 1);
  t.ok(same.some((_, i) => i % 2 === 0 && folds[i] !== folds[i + 1]));
});
