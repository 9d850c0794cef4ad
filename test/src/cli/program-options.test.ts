import { Command } from 'commander';
import t from 'tap';
import { addProgramOptions, chosenSettings, type ProgramOptions } from '../../../src/cli/program-options.ts';
import { DEFAULT_PROGRAM_SETTINGS } from '../../../streams/program/index.ts';

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
