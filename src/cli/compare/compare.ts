import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { sha256, sha256OfFile } from '../../../models/checksum.ts';
import { SynestheteError } from '../../../models/errors.ts';
import { readWhole } from '../../../models/read-file.ts';
import { writeFailure, writeWhole } from '../../../models/write-whole.ts';
import { warn } from '../failure.ts';
import { print } from '../output.ts';
import { addDataFlags, addEngineFlags, positiveNumber, sourcesOf } from '../train/train.ts';
import type { TrainSources } from '../../../models/learning/trainer/index.ts';
import type { DataFlags } from '../train/train.ts';
import type { EngineFlags } from '../train/session.ts';
import { COMPARISON_RUNS } from './runs.ts';
import type { ComparisonRun } from './runs.ts';
import { asMarkdown, asText, comparisonTables } from './tables.ts';
import type { RunOutcome } from './tables.ts';

interface CompareFlags extends DataFlags, EngineFlags {
  readonly out: string;
  readonly settings?: string;
  readonly maxMinutes?: number;
  readonly only?: string[];
  readonly format: 'text' | 'markdown' | 'json';
  readonly json?: true;
}

/** What all runs have in common unless the settings say otherwise. */
const COMMON = { imageBackbone: 'inception-v3', frozen: true };

export function addCompareCommand(program: Command): void {
  const command = program
    .command('compare')
    .description(
      'train CDCML, its rivals and its ablations alike, and print the paper’s Tables 3 and 4 with the constant predictor',
    )
    .requiredOption('--out <folder>', 'a folder for each run; finished ones are kept, others go on')
    .option('--settings <file.json>', 'settings of all runs, beside system and terms')
    .option('--max-minutes <minutes>', 'of each run: the same for all', positiveNumber)
    .option('--only <list>', `some of ${COMPARISON_RUNS.map(({ name }) => name).join(',')}`, (text: string) =>
      text.split(','),
    )
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

async function compare(flags: CompareFlags): Promise<void> {
  const { images, music, skipBad = false, ...others } = await sourcesOf(flags);
  if (images === undefined || music === undefined)
    throw new SynestheteError('USAGE', 'compare needs --images and --music');
  const sources = { ...others, images, music, skipBad };
  const unknown = flags.only?.find((name) => !COMPARISON_RUNS.some((run) => run.name === name));
  if (unknown !== undefined) {
    throw new SynestheteError(
      'USAGE',
      `--only ${unknown}: choose from ${COMPARISON_RUNS.map(({ name }) => name).join(', ')}`,
    );
  }
  const format = flags.json === true ? 'json' : flags.format;
  const [{ readSettings, train }, { trainContext }] = await Promise.all([
    import('../../../models/learning/trainer/index.ts'),
    import('../train/session.ts'),
  ]);
  const own = flags.settings === undefined ? {} : await readSettings(flags.settings);
  const data = await contentsOf(sources);
  await makeFolder(flags.out);
  const outcomes = new Map<string, RunOutcome>();
  let engineDescription = '';
  for (const run of COMPARISON_RUNS) {
    const folder = join(flags.out, run.name);
    const given = settingsOf(run, own);
    const fingerprint = sha256(JSON.stringify({ data, maxMinutes: flags.maxMinutes ?? null, given }));
    const isBegun = await isBegunAlike(folder, fingerprint);
    const finished = isBegun ? await readOutcome(folder) : undefined;
    if (finished) {
      outcomes.set(run.name, finished);
      continue;
    }
    if (flags.only && !flags.only.includes(run.name)) continue;
    if (!isBegun) {
      await makeFolder(folder);
      await writeWhole(join(folder, INPUTS_FILE), `${JSON.stringify({ fingerprint })}\n`);
    }
    const context = await trainContext(flags, folder);
    engineDescription = context.engine.description;
    warn(`${run.title}: training on ${engineDescription}`);
    const result = await train(
      {
        given,
        sources,
        out: folder,
        resume: true,
        maxMinutes: flags.maxMinutes,
      },
      context,
    );
    context.endBars();
    if (!result) {
      warn('interrupted; the same command goes on');
      return;
    }
    const { validation, ranking, steps, bestEpoch, seconds } = result;
    const outcome: RunOutcome = { name: run.name, validation, ranking, steps, bestEpoch, seconds };
    await writeWhole(join(folder, OUTCOME_FILE), `${JSON.stringify(outcome)}\n`);
    outcomes.set(run.name, outcome);
    await writeTables(flags.out, outcomes);
  }
  const tables = comparisonTables(outcomes);
  await writeTables(flags.out, outcomes);
  const json = { engine: engineDescription, tables, runs: [...outcomes.values()] };
  if (format === 'json') await print(`${JSON.stringify(json)}\n`);
  else await print(tables.map(format === 'text' ? asText : asMarkdown).join('\n'));
}

const OUTCOME_FILE = 'outcome.json';
/** What a run was begun with, as a checksum. */
const INPUTS_FILE = 'inputs.json';

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw writeFailure(folder, error);
  }
}

/** What the data are, wherever they lie: checksums of the manifests and of the weights that training begins with. */
async function contentsOf(sources: TrainSources): Promise<Record<string, unknown>> {
  const { images, music, pairs, imageWeights, musicWeights, scale, skipBad } = sources;
  const sums = [images, music, pairs, imageWeights, musicWeights].map(async (path) =>
    path === undefined ? null : sha256OfFile(path),
  );
  return { files: await Promise.all(sums), scale: scale ?? null, skipBad };
}

/**
 * Whether the run in a folder was begun, with the same data, settings and minutes.
 * @throws SynestheteError USAGE where there is one of others: in one table they could not be compared
 */
async function isBegunAlike(folder: string, fingerprint: string): Promise<boolean> {
  let inputs: string;
  try {
    inputs = (await readWhole(join(folder, INPUTS_FILE))).toString('utf8');
  } catch (error) {
    if (!(error instanceof SynestheteError && error.code === 'FILE_NOT_FOUND')) throw error;
    const files = await readdir(folder).catch(() => []);
    if (files.length === 0) return false;
    inputs = '';
  }
  if (inputs === `${JSON.stringify({ fingerprint })}\n`) return true;
  throw new SynestheteError(
    'USAGE',
    `${folder} holds a run with other data, settings or --max-minutes: name another --out, or delete that folder`,
  );
}

async function readOutcome(folder: string): Promise<RunOutcome | undefined> {
  try {
    return JSON.parse((await readWhole(join(folder, OUTCOME_FILE))).toString('utf8')) as RunOutcome;
  } catch (error) {
    // Not finished yet, then.
    if (error instanceof SynestheteError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** L3-Net has no backbone to be frozen. `l3` in the settings holds what is to differ for it, such as a smaller slice. */
function settingsOf(run: ComparisonRun, own: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { system, terms } = run;
  const { l3, ...common } = own;
  const settings: Record<string, unknown> = { ...COMMON, ...common, system };
  if (terms) settings['terms'] = terms;
  if (system === 'l3-net') {
    Object.assign(settings, l3);
    settings['frozen'] = false;
    settings['imageBackbone'] = 'resnet50';
  }
  return settings;
}

async function writeTables(out: string, outcomes: ReadonlyMap<string, RunOutcome>): Promise<void> {
  const tables = comparisonTables(outcomes);
  const runs = [...outcomes.values()];
  await writeWhole(join(out, 'comparison.json'), `${JSON.stringify({ tables, runs }, undefined, 2)}\n`);
  await writeWhole(join(out, 'comparison.md'), tables.map(asMarkdown).join('\n'));
}
