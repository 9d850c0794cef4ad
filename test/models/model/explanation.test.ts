import t from 'tap';
import { explain } from '../../../models/model/index.ts';
import { noise } from '../training/on-encoders/numbers.ts';

/** What coalitions read: `of` of the members. */
function game(n: number, of: (members: readonly number[]) => number) {
  return Array.from({ length: 2 ** n }, (_, c) => {
    const value = of(Array.from({ length: n }, (_unused, i) => i).filter((i) => (c >> i) & 1));
    return { valence: value, arousal: -2 * value };
  });
}

function* orders(items: readonly number[]): Generator<readonly number[]> {
  if (items.length === 0) yield [];
  for (const first of items)
    for (const rest of orders(items.filter((item) => item !== first))) yield [first, ...rest];
}

t.test('encoders that only add have their own part, and one that says nothing has none', async (t) => {
  const own = [0.1, -0.3, 0, 0.05];
  const names = ['a', 'b', 'c', 'd'];
  const { base, parts } = explain(
    names,
    game(4, (members) => 0.5 + members.reduce((sum, i) => sum + own[i]!, 0)),
  );
  t.same(base, { valence: 0.5, arousal: -1 });
  t.same(
    parts.map(({ encoder }) => encoder),
    names,
  );
  parts.forEach(({ push, leftOut }, i) => {
    for (const { valence, arousal } of [push, leftOut]) {
      t.ok(Math.abs(valence - own[i]!) < 1e-12);
      t.ok(Math.abs(arousal + 2 * own[i]!) < 1e-12);
    }
  });
});

t.test('what two do only together they share, and leaving out either loses all of it', async (t) => {
  const { parts } = explain(
    ['a', 'b', 'c'],
    game(3, (members) => (members.includes(0) && members.includes(1) ? 0.4 : 0)),
  );
  t.same(
    parts.map(({ push }) => Number(push.valence.toFixed(12))),
    [0.2, 0.2, 0],
  );
  t.same(
    parts.map(({ leftOut }) => leftOut.valence),
    [0.4, 0.4, 0],
  );
});

t.test('of any game: the mean over all orders, which adds up', async (t) => {
  for (const n of [1, 2, 3, 4]) {
    const values = noise(2 ** n, n);
    const at = (members: readonly number[]) => values[members.reduce((sum, i) => sum + 2 ** i, 0)]!;
    const names = Array.from({ length: n }, (_, i) => `encoder ${i}`);
    const { base, parts } = explain(names, game(n, at));
    const all = names.map((_, i) => i);
    const every = [...orders(all)];
    for (const i of all) {
      const marginal = (order: readonly number[]) => {
        const before = order.slice(0, order.indexOf(i));
        return at([...before, i]) - at(before);
      };
      const mean = every.reduce((sum, order) => sum + marginal(order) / every.length, 0);
      t.ok(Math.abs(parts[i]!.push.valence - mean) < 1e-12, `${n} encoders, number ${i}`);
    }
    const sum = parts.reduce((total, { push }) => total + push.valence, base.valence);
    t.ok(Math.abs(sum - at(all)) < 1e-12);
  }
});
