import { Command } from 'commander';
import t from 'tap';
import {
  addProgramOptions,
  chosenSettings,
  type ProgramOptions,
} from '../../../../src/cli/options/program.ts';
import { DEFAULT_PROGRAM_SETTINGS } from '../../../../streams/program/index.ts';

function chosen(...args: string[]) {
  const command = addProgramOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return chosenSettings(command.parse(args, { from: 'user' }).opts<ProgramOptions>());
}

t.test('--gate sets both levels of the noise gate, at the distance that the defaults have', (t) => {
  const { gateOpensRms, gateClosesRms } = DEFAULT_PROGRAM_SETTINGS;
  t.match(chosen('--gate', '-50'), { gateOpensRms, gateClosesRms });
  const { gateOpensRms: opens, gateClosesRms: closes } = chosen('--gate', '-20');
  t.equal(opens, 0.1);
  t.ok(Math.abs(opens! / closes! - gateOpensRms / gateClosesRms) < 1e-9);
  t.notOk('gateOpensRms' in chosen(), 'what is kept of the last run holds');
  for (const wrong of ['1', '-101', 'loud']) {
    t.throws(() => chosen('--gate', wrong), { code: 'commander.invalidArgument' });
  }
  t.end();
});

t.test('--fit is a number from 0 to 1, and what is kept of the last run holds without it', (t) => {
  t.match(chosen('--fit', '0.5'), { fit: 0.5 });
  t.notOk('fit' in chosen());
  for (const wrong of ['-0.1', '1.1', 'relative']) {
    t.throws(() => chosen('--fit', wrong), { code: 'commander.invalidArgument' });
  }
  t.end();
});
