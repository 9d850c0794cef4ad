import { Command, Option } from 'commander';
import t from 'tap';
import { addLiveCommand } from '../../../../src/cli/live/live.ts';
import { inGroup, optionDescription } from '../../../../src/cli/terminal/help.ts';
import { refused } from '../refused.ts';

/** The help on lines that are never broken. */
function helpOf(add: (program: Command) => void): string {
  const program = new Command().configureHelp({ optionDescription, helpWidth: 1000 });
  add(program);
  return program.commands[0]!.helpInformation();
}

t.test('choices and defaults are reported as they are typed', async (t) => {
  const help = helpOf((program) => {
    inGroup(program.command('x'), 'Group:', (command) => {
      command.addOption(new Option('--one <name>', 'one').choices(['a', 'b']).default('a'));
    })
      .option('--list <numbers>', 'a list', (text) => text.split(','), [1, 2, 3] as unknown as string[])
      .option('--no-thing', 'without the thing')
      .addOption(new Option('--secret <text>', 'a secret').env('SECRET'));
  });
  t.match(help, /^Options:\n/m);
  t.match(help, / a list \(default: 1,2,3\)$/m);
  t.match(help, / without the thing$/m);
  t.match(help, / a secret \(env: SECRET\)$/m);
  t.match(help, /^Group:\n {2}--one <name> +one \(choices: a, b; default: a\)$/m);
});

t.test('live tells its options in groups', async (t) => {
  const help = helpOf(addLiveCommand);
  const headings = [...help.matchAll(/^\S.*:$/gm)].map(([heading]) => heading);
  t.strictSame(headings.toSorted(), [
    'Arguments:',
    'Displays and control:',
    'Model:',
    'Options:',
    'Pictures:',
    'Sound:',
    'The show:',
  ]);
  t.match(help, /^Model:\n(?: {2}.*\n)*? {2}--other-model /m);
  t.match(help, /--sensitivity <part> .*\(default: 0\.\d+\)$/m);
  t.notMatch(help, /\(default: "/);
});

t.test('a command that is a name of every object is no command', async (t) => {
  for (const name of ['constructor', 'toString']) {
    const { code, stderr } = await refused([name]);
    t.equal(code, 2);
    t.match(stderr, `unknown command '${name}'`);
  }
});
