import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { sha256, sha256OfFile } from '../../../models/checksum.ts';
import { SynestheteError } from '../../../models/errors.ts';
import { readWhole } from '../../../models/read-file.ts';
import { removeHalfWritten, writeFailure, writeWhole } from '../../../models/write-whole.ts';
import { warn } from '../failure.ts';
import { print } from '../output.ts';
import { addDataFlags, addEngineFlags, positiveNumber, sourcesOf } from '../train/train.ts';
import type { TrainSources } from '../../../models/learning/trainer/index.ts';
import type { DataFlags } from '../train/train.ts';
import type { Begun, EngineFlags } from '../train/session.ts';
import { COMPARISON_RUNS } from './runs.ts';
import type { ComparisonRun } from './runs.ts';
import { asMarkdown, asText, comparisonTables } from './tables.ts';
import type { JudgedSplit, RunOutcome } from './tables.ts';

interface CompareFlags extends DataFlags, EngineFlags {
  readonly out: string;
  readonly settings?: string;
  readonly maxMinutes?: number;
  readonly only?: string[];
  readonly split?: JudgedSplit;
  readonly format: 'text' | 'markdown' | 'json';
  readonly json?: true;
}

/** What all runs have in common unless the settings say otherwise. */
const COMMON = { imageBackbone: 'efficientnet-lite0', frozen: true };

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
      new Option(
        '--split <name>',
        'the split that the tables are of (test where both manifests have one, else val)',
      ).choices(['test', 'val']),
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
  const { split, hasTest } = await judgedSplit(sources, flags.split);
  const context = await trainContext(flags, await engineBefore(flags.out));
  const engine: Begun = { provider: context.engine.provider, threads: context.threads };
  await makeFolder(flags.out);
  const outcomes = new Map<string, RunOutcome>();
  for (const run of COMPARISON_RUNS) {
    const folder = join(flags.out, run.name);
    const given = settingsOf(run, own);
    const fingerprint = sha256(JSON.stringify({ data, engine, maxMinutes: flags.maxMinutes ?? null, given }));
    const isBegun = await isBegunAlike(folder, fingerprint);
    const finished = isBegun ? await readOutcome(folder) : undefined;
    if (finished) {
      outcomes.set(run.name, finished);
      continue;
    }
    if (flags.only && !flags.only.includes(run.name)) continue;
    if (!isBegun) {
      await makeFolder(folder);
      await writeWhole(join(folder, INPUTS_FILE), `${JSON.stringify({ fingerprint, engine })}\n`);
    }
    await removeHalfWritten(folder, [INPUTS_FILE, OUTCOME_FILE]);
    warn(`${run.title}: training on ${context.engine.description}`);
    const result = await train(
      {
        given,
        sources,
        out: folder,
        resume: true,
        maxMinutes: flags.maxMinutes,
        withTest: hasTest,
      },
      context,
    );
    context.endProgress();
    if (!result) {
      warn('interrupted; the same command goes on');
      return;
    }
    const { validation, test, ranking, steps, bestEpoch, seconds } = result;
    const outcome: RunOutcome = {
      name: run.name,
      engine: context.engine.description,
      ownSettings: run.system === 'l3-net' ? ownSettingsOfL3(own) : {},
      validation,
      ...(test && { test }),
      ranking,
      steps,
      bestEpoch,
      seconds,
    };
    await writeWhole(join(folder, OUTCOME_FILE), `${JSON.stringify(outcome)}\n`);
    outcomes.set(run.name, outcome);
    await writeTables(flags.out, outcomes, split);
  }
  const tables = comparisonTables(outcomes, split);
  await removeHalfWritten(flags.out, [JSON_FILE, MARKDOWN_FILE]);
  await writeTables(flags.out, outcomes, split);
  const json = { engine: context.engine.description, split, tables, runs: [...outcomes.values()] };
  if (format === 'json') await print(`${JSON.stringify(json)}\n`);
  else await print(tables.map(format === 'text' ? asText : asMarkdown).join('\n'));
}

const OUTCOME_FILE = 'outcome.json';
/** What a run was begun with: a checksum of all, and the engine. */
const INPUTS_FILE = 'inputs.json';
const JSON_FILE = 'comparison.json';
const MARKDOWN_FILE = 'comparison.md';

const inputsSchema = z.object({
  fingerprint: z.string(),
  engine: z.object({ provider: z.string(), threads: z.int().positive() }),
});

/**
 * The split that the tables are of, and whether there is a split test at all.
 * @throws SynestheteError those of the manifests; BAD_TABLE when a manifest has no rows of the split
 */
async function judgedSplit(
  { images, music, scale }: TrainSources,
  asked: JudgedSplit | undefined,
): Promise<{ readonly split: JudgedSplit; readonly hasTest: boolean }> {
  const { entriesOfSplit, readManifest } = await import('../../../models/learning/index.ts');
  const options = scale ? { scale } : {};
  const manifests = [await readManifest(images, options), await readManifest(music, options)];
  const hasTest = manifests.every(({ entries }) => entries.some(({ split }) => split === 'test'));
  const split = asked ?? (hasTest ? 'test' : 'val');
  for (const manifest of manifests) entriesOfSplit(manifest, split);
  return { split, hasTest };
}

/** The engine of the runs that were begun in a folder, which the others are to run on as well. */
async function engineBefore(out: string): Promise<Begun | null> {
  for (const { name } of COMPARISON_RUNS) {
    const inputs = inputsSchema.safeParse(await readJson(join(out, name, INPUTS_FILE)));
    if (inputs.success) return inputs.data.engine;
  }
  return null;
}

/** @returns undefined where there is no such file, or no JSON in it */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse((await readWhole(path)).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof SynestheteError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
}

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
 * Whether the run in a folder was begun, with the same data, settings, engine and minutes.
 * @throws SynestheteError USAGE where there is one of others: in one table they could not be compared
 */
async function isBegunAlike(folder: string, fingerprint: string): Promise<boolean> {
  const inputs = inputsSchema.safeParse(await readJson(join(folder, INPUTS_FILE)));
  if (inputs.success && inputs.data.fingerprint === fingerprint) return true;
  const files = await readdir(folder).catch(() => []);
  if (files.length === 0) return false;
  throw new SynestheteError(
    'USAGE',
    `${folder} holds a run with other data, settings, engine or --max-minutes: name another --out, or delete that folder`,
  );
}

/** @returns undefined when it is not finished yet */
async function readOutcome(folder: string): Promise<RunOutcome | undefined> {
  return (await readJson(join(folder, OUTCOME_FILE))) as RunOutcome | undefined;
}

/** L3-Net has no backbone to be frozen. `l3` in the settings holds what is to differ for it, such as a smaller micro-batch. */
function settingsOf(run: ComparisonRun, own: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { system, terms } = run;
  const settings: Record<string, unknown> = { ...COMMON, ...own, system };
  delete settings['l3'];
  if (terms) settings['terms'] = terms;
  if (system === 'l3-net') {
    Object.assign(settings, ownSettingsOfL3(own));
    settings['frozen'] = false;
    settings['imageBackbone'] = 'resnet50';
  }
  return settings;
}

function ownSettingsOfL3({ l3 }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return typeof l3 === 'object' && l3 !== null ? { ...l3 } : {};
}

async function writeTables(
  out: string,
  outcomes: ReadonlyMap<string, RunOutcome>,
  split: JudgedSplit,
): Promise<void> {
  const tables = comparisonTables(outcomes, split);
  const runs = [...outcomes.values()];
  await writeWhole(join(out, JSON_FILE), `${JSON.stringify({ split, tables, runs }, undefined, 2)}\n`);
  await writeWhole(join(out, MARKDOWN_FILE), tables.map(asMarkdown).join('\n'));
}
