import t from 'tap';
import { Random } from '../../models/random.ts';

t.test('the numbers of a seed never change', async (t) => {
  const random = Random.seeded(1, 'test');
  // What version 1 gave: datasets and trainings depend on it.
  t.same(
    Array.from({ length: 5 }, () => random.below(1000)),
    [975, 112, 792, 817, 918],
  );
});

t.test('seeds and purposes have their own sequences, a state goes on', async (t) => {
  const draw = (random: Random) => Array.from({ length: 20 }, () => random.real());
  t.same(draw(Random.seeded(5, 'a')), draw(Random.seeded(5, 'a')));
  t.notSame(draw(Random.seeded(5, 'a')), draw(Random.seeded(6, 'a')));
  t.notSame(draw(Random.seeded(5, 'a')), draw(Random.seeded(5, 'b')));
  const random = Random.seeded(5, 'a');
  draw(random);
  const state = JSON.parse(JSON.stringify(random.state)) as number[];
  t.same(draw(Random.fromState(state)), draw(random));
});

t.test('numbers are spread evenly', async (t) => {
  const random = Random.seeded(2, 'test');
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const real = random.real();
    if (real < 0 || real >= 1) t.fail(String(real));
    counts[random.below(10)]!++;
  }
  // Expected 1,000 each with a deviation of 30: 5 deviations.
  t.ok(
    counts.every((count) => Math.abs(count - 1000) < 150),
    String(counts),
  );
  const firsts = new Array<number>(4).fill(0);
  for (let i = 0; i < 4000; i++) firsts[random.shuffle([0, 1, 2, 3])[0]!]!++;
  t.ok(
    firsts.every((count) => Math.abs(count - 1000) < 150),
    String(firsts),
  );
});
