import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { fuzz } from './fuzz.ts';
import { Chance, mutated } from './mutate.ts';
import { KINDS } from './samples.ts';

t.setTimeout(600_000);

t.test('damaged files of each kind are read or refused in one line', async (t) => {
  const keep = join(t.testdir({}), 'failures');
  const { outcomes, failures } = await fuzz({ seed: 1, count: 20, kinds: KINDS, keep });
  t.same(failures, []);
  t.notOk(existsSync(keep));
  for (const kind of KINDS) {
    const of = outcomes[kind]!;
    t.equal(
      Object.values(of).reduce((sum, times) => sum + times, 0),
      20,
    );
    // Most damage shows; a state is never refused, since a show begins without one.
    if (kind !== 'state')
      t.ok(
        Object.keys(of).some((outcome) => outcome !== 'read'),
        kind,
      );
  }
});

t.test('the same seed gives the same damage, another one another', (t) => {
  const bytes = Buffer.from(Uint8Array.from({ length: 5000 }, (_, i) => i % 251));
  const of = (seed: string): string => mutated(bytes, new Chance(seed)).toString('hex');
  t.equal(of('7/audio/3'), of('7/audio/3'));
  t.not(of('7/audio/3'), of('7/audio/4'));
  t.not(of('7/audio/3'), of('8/audio/3'));
  t.end();
});
