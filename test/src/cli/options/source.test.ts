import { Command } from 'commander';
import t from 'tap';
import { addSourceOptions, sourceOf, type SourceOptions } from '../../../../src/cli/options/source.ts';

/** The source that a command line chooses. */
function choose(...args: string[]) {
  const command = addSourceOptions(new Command('listen').argument('[file]'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(args, { from: 'user' });
  return sourceOf(command.opts<SourceOptions>(), { pace: 1, badSamples: 'silence' }, command.args[0]);
}

t.test('each way to choose a source', async (t) => {
  const cases: [string[], string, string][] = [
    [['song.mp3'], 'file', 'song.mp3'],
    [['--file', 'song.mp3', '--start', '1.5', '--duration', '10', '--pace', '4'], 'file', 'song.mp3'],
    [['song.mp3', '--pace', 'max'], 'file', 'song.mp3'],
    [['--device', 'monitor'], 'device', 'monitor'],
    [['--device', 'hall', '--backend', 'alsa'], 'device', 'hall'],
    [['--stdin'], 'stdin', 'stdin'],
    [['--stdin', '--format', 'f32le', '--rate', '48000', '--channels', '6'], 'stdin', 'stdin'],
    [['--stdin', '--channels', '3,4'], 'stdin', 'stdin'],
    [['--device', 'hall', '--channels', '3,4'], 'device', 'hall'],
    [['song.mkv', '--channels', '2', '--track', '2'], 'file', 'song.mkv'],
    [['--demo'], 'synthetic', 'demo'],
    [['--', '-x.mp3'], 'file', '-x.mp3'],
  ];
  for (const [args, kind, name] of cases) t.match(choose(...args), { kind, name }, args.join(' '));
});

t.test('what can not be meant is a misuse, said in one line', async (t) => {
  const cases: [string[], RegExp][] = [
    [[], /nothing to listen to: give a file, --device NAME, --stdin or --demo/],
    [['a.mp3', '--stdin'], /only one thing .* not a\.mp3 and --stdin/],
    [['--device', 'x', '--demo'], /not --device and --demo/],
    [['a.mp3', '--format', 's16le'], /--format has no meaning for a\.mp3: it goes with --stdin/],
    [['--stdin', '--rate', '48000'], /--rate has no meaning/],
    [['--stdin', '--pace', '2'], /--pace has no meaning for --stdin/],
    [['--device', 'x', '--start', '2'], /--start has no meaning for --device/],
    [['--demo', '--backend', 'alsa'], /--backend/],
    [['--demo', '--channels', '1'], /--channels has no meaning for --demo/],
    [['--device', 'x', '--track', '1'], /--track has no meaning for --device: it goes with a file/],
    [
      ['--stdin', '--format', 's16le', '--channels', '3,4'],
      /how many there are, such as 2, not 3,4: .* send WAV/,
    ],
  ];
  for (const [args, message] of cases)
    t.throws(() => choose(...args), { code: 'USAGE', message }, args.join(' '));
  const refused = [
    ['--pace', '0'],
    ['--pace', 'fast'],
    ['--pace', ''],
    ['--rate', '44.1'],
    ['--rate', '999'],
    ['--rate', '768001'],
    ['--channels', '65'],
    ['--channels', '1e9'],
    ['--channels', '0'],
    ['--channels', '3,'],
    ['--channels', '3;4'],
    ['--channels', '3-4'],
    ['--track', '0'],
    ['--track', 'ger'],
    ['--start', '-1'],
    ['--start', 'x'],
    ['--format', 'mp3'],
    ['--backend', 'telepathy'],
  ];
  for (const args of refused)
    t.throws(() => choose('--stdin', ...args), { code: /^commander\./ }, args.join(' '));
});
