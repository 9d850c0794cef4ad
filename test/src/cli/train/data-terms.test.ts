import { Command } from 'commander';
import t from 'tap';
import { collect, termsOfSets } from '../../../../src/cli/train/data-terms.ts';
import { addTrainCommand } from '../../../../src/cli/train/train.ts';
import { failure } from '../../../models/rejection.ts';

const NAMES = ['oasis', 'fi', 'grekow'];

t.test('--data-terms given again adds to what was given before', (t) => {
  const program = new Command();
  addTrainCommand(program);
  const train = program.commands[0]!.action(() => undefined);
  program.parse(['train', '--out', 'x', '--data-terms', 'oasis=free', '--data-terms', 'fi=research'], {
    from: 'user',
  });
  t.same(train.opts()['dataTerms'], ['oasis=free', 'fi=research']);
  t.end();
});

t.test('terms go to the sets that they name, and the rest to all others', async (t) => {
  const named = termsOfSets(collect('fi=research (FI)', collect('oasis=free')), NAMES);
  t.same(NAMES.map(named), ['free', 'research (FI)', undefined]);
  t.same(NAMES.map(termsOfSets(['oasis=free; fi=a=b'], NAMES)), ['free', 'a=b', undefined]);
  t.same(NAMES.map(termsOfSets(['CC0; all of it'], NAMES)), NAMES.map(() => 'CC0; all of it')); // prettier-ignore
  t.same(NAMES.map(termsOfSets(['research', 'fi=free'], NAMES)), ['research', 'free', 'research']);
  t.match(
    await failure('USAGE', () => Promise.resolve().then(() => termsOfSets(['oasi=free'], NAMES))),
    /there is no set oasi; the sets are oasis, fi, grekow/,
  );
});
