import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../../../models/checksum.ts';
import { SynestheteError } from '../../../models/errors.ts';
import { readWhole } from '../../../models/read-file.ts';
import { makeFolder } from '../../../models/write-folder.ts';
import { removeHalfWritten, writeWhole } from '../../../models/write-whole.ts';
import type { Begun } from '../train/session.ts';
import type { RunOutcome } from './outcome.ts';

const OUTCOME_FILE = 'outcome.json';
/** What a run was begun with: a checksum of all, and the engine. */
const INPUTS_FILE = 'inputs.json';

/** Raise it when an outcome holds other figures. */
const OUTCOME_VERSION = 2;

const inputsSchema = z.object({
  fingerprint: z.string(),
  engine: z.object({ provider: z.string(), threads: z.int().positive() }),
});

/** Everything that the figures of a run depend on, as a checksum. */
export function fingerprintOf(inputs: Readonly<Record<string, unknown>>): string {
  return sha256(JSON.stringify({ version: OUTCOME_VERSION, ...inputs }));
}

/** The engine of the first folder in which a run was begun: the other runs use it as well. */
export async function engineBefore(folders: readonly string[]): Promise<Begun | null> {
  for (const folder of folders) {
    const inputs = inputsSchema.safeParse(await readJson(join(folder, INPUTS_FILE)));
    if (inputs.success) return inputs.data.engine;
  }
  return null;
}

/**
 * Makes the folder of a run, or finds its outcome.
 * @returns undefined when it is not finished yet
 * @throws SynestheteError USAGE where there is a run of other inputs: one table can't compare them
 */
export async function beginRun(
  folder: string,
  fingerprint: string,
  engine: Begun,
): Promise<RunOutcome | undefined> {
  if (await isBegunAlike(folder, fingerprint)) {
    const outcome = await keptOutcome(folder);
    if (outcome) return outcome;
  } else {
    await makeFolder(folder);
    await writeWhole(join(folder, INPUTS_FILE), `${JSON.stringify({ fingerprint, engine })}\n`);
  }
  await removeHalfWritten(folder, [INPUTS_FILE, OUTCOME_FILE]);
  return undefined;
}

/** The outcome of a run that is finished, of the same inputs. @throws SynestheteError USAGE, as `beginRun` */
export async function finishedRun(folder: string, fingerprint: string): Promise<RunOutcome | undefined> {
  return (await isBegunAlike(folder, fingerprint)) ? keptOutcome(folder) : undefined;
}

export async function keepOutcome(folder: string, outcome: RunOutcome): Promise<void> {
  await writeWhole(join(folder, OUTCOME_FILE), `${JSON.stringify(outcome)}\n`);
}

async function keptOutcome(folder: string): Promise<RunOutcome | undefined> {
  return (await readJson(join(folder, OUTCOME_FILE))) as RunOutcome | undefined;
}

async function isBegunAlike(folder: string, fingerprint: string): Promise<boolean> {
  const inputs = inputsSchema.safeParse(await readJson(join(folder, INPUTS_FILE)));
  if (inputs.success && inputs.data.fingerprint === fingerprint) return true;
  const files = await readdir(folder).catch(() => []);
  // A folder with inputs alone holds a run that was refused before it began.
  if (files.every((file) => file === INPUTS_FILE)) return false;
  throw new SynestheteError(
    'USAGE',
    `${folder} holds a run with other data, settings, engine or --max-minutes: name another --out, or delete that folder`,
  );
}

/** @returns undefined where there is no file of that name, or no JSON in it */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse((await readWhole(path)).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof SynestheteError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
}
