import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import t from 'tap';
import type { Remedy, Setting } from '../../../../models/remedy.ts';
import { commandLine } from '../../../../src/cli/command-line.ts';
import { optionOf, withRemedy } from '../../../../src/cli/terminal/remedies.ts';

const program = await commandLine([]);
const optionsOf = (command: Command): string[] => [
  ...command.options.map(({ long }) => long!),
  ...command.commands.flatMap(optionsOf),
];
const known = new Set([...optionsOf(program), '--help']);

t.test('a remedy is worded with options', async (t) => {
  const cases: [Remedy, string][] = [
    [{ kind: 'give', settings: ['images', 'music'] }, 'give --images and --music'],
    [{ kind: 'give', settings: ['encoderSize'], example: '224' }, 'give --encoder-size, such as 224'],
    [{ kind: 'give', settings: ['pairsForm'], value: 'sampled' }, 'give --pairs-form sampled'],
    [
      { kind: 'leave-out', settings: ['encoderMean', 'encoderDeviation'] },
      'leave out --encoder-mean and --encoder-deviation',
    ],
    [{ kind: 'use-engine', engine: 'auto' }, 'use --engine auto'],
    [
      { kind: 'initial-weights', of: ['images', 'music'] },
      'give them with --image-weights (or choose --image-backbone efficientnet-lite0) and --music-weights',
    ],
    [
      { kind: 'lower-learning-rate', out: 'mine', learningRate: 0.1 },
      'resume from it with --resume --out mine --learning-rate X, less than 0.1, or start again with a lower rate in another folder',
    ],
  ];
  for (const [remedy, words] of cases) t.equal(withRemedy('it failed', remedy), `it failed; ${words}`);
  t.equal(withRemedy('it failed', undefined), 'it failed');
});

t.test('the commands have every option that a remedy names', async (t) => {
  const settings: Record<Setting, true> = {
    ...{ images: true, music: true, pairs: true, pairsForm: true, imageWeights: true, musicWeights: true },
    ...{ scale: true, skipBad: true, learningRate: true, backend: true, encoderSize: true },
    ...{ encoderLayout: true, encoderMean: true, encoderDeviation: true, encoderPooling: true },
  };
  for (const setting of Object.keys(settings) as Setting[]) t.ok(known.has(optionOf(setting)), setting);
  const source = await readFile(new URL('../../../../src/cli/terminal/remedies.ts', import.meta.url), 'utf8');
  const named = source.match(/(?<![\w-])--[a-z][a-z-]*[a-z]/gu)!;
  t.ok(named.length > 20);
  for (const option of new Set(named)) {
    // npm's, for a package of ONNX Runtime.
    if (option !== '--onnxruntime-node-install') t.ok(known.has(option), option);
  }
});
