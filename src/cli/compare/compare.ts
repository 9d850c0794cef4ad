import { InvalidArgumentError, Option, type Command } from 'commander';
import { sha256OfFile } from '../../../models/checksum.ts';
import { SynestheteError } from '../../../models/errors.ts';
import type { JudgedSplit } from '../../../models/training/end-to-end/index.ts';
import { positiveInteger, positiveNumber } from '../options/numbers.ts';
import { warn } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { addDataFlags, addEngineFlags, sourcesOf } from '../train/data-flags.ts';
import type { DataFlags } from '../train/data-flags.ts';
import type { Begun, EngineFlags } from '../train/session.ts';
import { contentsOf, judgedSplit } from './compared-data.ts';
import { makeFolder } from '../../../models/write-folder.ts';
import { beginRun, engineBefore, finishedRun, fingerprintOf, keepOutcome } from './kept-runs.ts';
import { outcomeOf, type RunOutcome } from './outcome.ts';
import { COMPARED_SYSTEMS, plannedRuns, runFolder } from './runs.ts';
import { ownSettingsOf, settingsOfRun } from './settings.ts';
import type { CommonFlags } from './settings.ts';
import { removeHalfWrittenTables, tablesAs, writeTables } from './write-tables.ts';

interface CompareFlags extends DataFlags, EngineFlags, CommonFlags {
  readonly out: string;
  readonly seeds: readonly number[];
  readonly testPairs?: string;
  readonly settings?: string;
  readonly maxMinutes?: number;
  readonly only?: string[];
  readonly split?: JudgedSplit;
  readonly format: 'text' | 'markdown' | 'json';
  readonly json?: true;
}

export function addCompareCommand(program: Command): void {
  const names = COMPARED_SYSTEMS.map(({ name }) => name);
  const command = program
    .command('compare')
    .description(
      'train CDCML, its rivals and its ablations alike, and print the paper’s Tables 1, 3 and 4 with the constant predictor and the published figures',
    )
    .requiredOption('--out <folder>', 'a folder for each run; finished ones are kept, others resume')
    .option(
      '--seeds <list>',
      'a run of each system for each: mean and deviation are printed',
      seeds,
      [1, 2, 3],
    )
    .option('--epochs <count>', 'of every run (default: 30)', positiveInteger)
    .option('--end-to-end', 'train the picture networks too; without it they keep their weights')
    .addOption(
      new Option(
        '--pairs-form <form>',
        'dense: all pictures × all clips of a batch; sampled: one by one',
      ).choices(['dense', 'sampled']),
    )
    .option('--settings <file.json>', 'settings of all runs, beside system, terms and seed')
    .option('--max-minutes <minutes>', 'end each run then, whatever its epochs', positiveNumber)
    .option('--only <list>', `some of ${names.join(',')}`, (text: string) => text.split(','))
    .addOption(
      new Option(
        '--split <name>',
        'the split that the tables are of (default: test where both manifests have one, else val)',
      ).choices(['test', 'val']),
    )
    .option('--test-pairs <file>', 'pairs of that split to judge by (default: five a clip, drawn at random)')
    .addOption(
      new Option('--format <name>', 'of what is printed')
        .choices(['text', 'markdown', 'json'])
        .default('text'),
    )
    .option('--json', 'the same as --format json');
  addDataFlags(command);
  addEngineFlags(command);
  command.action(compare);
}

function seeds(text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (values.every(Number.isSafeInteger) && new Set(values).size === values.length) return values;
  throw new InvalidArgumentError('It must be different whole numbers, as 1,2,3.');
}

async function compare(flags: CompareFlags): Promise<void> {
  const { images, music, skipBad = false, ...others } = await sourcesOf(flags);
  if (images === undefined || music === undefined)
    throw new SynestheteError('USAGE', 'compare needs --images and --music');
  const sources = { ...others, images, music, skipBad };
  refuseUnknownNames(flags.only);
  const [{ completeSettings, readSettings, train }, { trainContext }] = await Promise.all([
    import('../../../models/training/end-to-end/index.ts'),
    import('../train/session.ts'),
  ]);
  const own = flags.settings === undefined ? {} : await readSettings(flags.settings);
  const runs = plannedRuns(flags.seeds).map((run) => {
    const given = settingsOfRun(run, own, flags);
    // Refuse what can be refused before the first run, which may take hours.
    const { epochs } = completeSettings(given);
    return { ...run, given: { patience: epochs, ...given }, folder: runFolder(flags.out, run) };
  });
  const data = await contentsOf(sources);
  const { split, hasTest } = await judgedSplit(sources, flags.split);
  const judgedPairs = flags.testPairs === undefined ? undefined : { split, path: flags.testPairs };
  const judgedBy = judgedPairs && { split, file: await sha256OfFile(judgedPairs.path) };
  const context = await trainContext(flags, await engineBefore(runs.map(({ folder }) => folder)));
  const engine: Begun = { provider: context.engine.provider, threads: context.threads };
  await makeFolder(flags.out);
  const outcomes: RunOutcome[] = [];
  for (const run of runs) {
    const { given, folder } = run;
    const maxMinutes = flags.maxMinutes ?? null;
    const fingerprint = fingerprintOf({ data, engine, maxMinutes, given, judgedBy: judgedBy ?? null });
    const isWanted = !flags.only || flags.only.includes(run.name);
    const finished = isWanted
      ? await beginRun(folder, fingerprint, engine)
      : await finishedRun(folder, fingerprint);
    if (finished) outcomes.push(finished);
    if (finished || !isWanted) continue;
    warn(`${run.title}, seed ${run.seed}: training on ${context.engine.description}`);
    const result = await train(
      {
        given,
        sources,
        out: folder,
        resume: true,
        maxMinutes: flags.maxMinutes,
        judging: { withTest: hasTest, pairs: judgedPairs },
      },
      context,
    );
    context.endProgress();
    if (!result) {
      warn('interrupted; the same command resumes');
      return;
    }
    const outcome = outcomeOf(run, context.engine.description, ownSettingsOf(run, own), result);
    await keepOutcome(folder, outcome);
    outcomes.push(outcome);
    await writeTables(flags.out, outcomes, split);
  }
  await removeHalfWrittenTables(flags.out);
  await writeTables(flags.out, outcomes, split);
  await print(tablesAs(flags.json === true ? 'json' : flags.format, outcomes, split));
}

/** @throws SynestheteError USAGE */
function refuseUnknownNames(only: readonly string[] | undefined): void {
  const names = COMPARED_SYSTEMS.map(({ name }) => name);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new SynestheteError('USAGE', `--only ${unknown}: choose from ${names.join(', ')}`);
}
