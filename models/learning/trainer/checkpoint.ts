import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { SynestheteError } from '../../errors.ts';
import { readSafetensors, writeSafetensors } from '../../weights/index.ts';
import type { Tensor } from '../../weights/index.ts';

/** How far a training has come. */
const progressSchema = z.strictObject({
  /** 0: the network; 1: the predictor of VA on its learned features, where it is trained afterwards. */
  stage: z.int().min(0).max(1),
  /** Steps of the stage that are done. */
  step: z.int().nonnegative(),
  /** The step whose weights were validated last. */
  validatedStep: z.int().nonnegative(),
  /** Epoch (from 1) of the best validation, 0 before the first, and its criterion. */
  bestEpoch: z.int().nonnegative(),
  bestCriterion: z.number().nullable(),
  /** What the first stage came to, in the second. */
  network: z
    .strictObject({
      steps: z.int().nonnegative(),
      bestEpoch: z.int().nonnegative(),
      seconds: z.number().nonnegative(),
    })
    .optional(),
  /** Time that was spent on steps and validation, all in all. */
  elapsedSeconds: z.number().nonnegative(),
  /** Length that metrics.jsonl had: what was written after it is written again. */
  metricsBytes: z.int().nonnegative(),
});

export type Progress = z.infer<typeof progressSchema>;

const recordSchema = z.strictObject({
  format: z.literal('synesthete-checkpoint'),
  formatVersion: z.literal(1),
  /** As completed, from which everything that is drawn follows. */
  settings: z.record(z.string(), z.json()),
  sources: z.strictObject({
    images: z.string(),
    music: z.string(),
    pairs: z.string().optional(),
    scale: z.strictObject({ low: z.number(), high: z.number() }).optional(),
    skipBad: z.boolean(),
    imageWeights: z.string().optional(),
    musicWeights: z.string().optional(),
  }),
  dataFingerprint: z.string(),
  /** Results depend on the provider and, for sums are split among them, on the number of threads. */
  engine: z.strictObject({ provider: z.string(), threads: z.int().positive() }),
  progress: progressSchema,
});

export type CheckpointRecord = z.infer<typeof recordSchema>;

/** Everything from which a training goes on. */
export interface Checkpoint {
  readonly record: CheckpointRecord;
  /** What evolves in the present stage. */
  readonly now: ReadonlyMap<string, Tensor>;
  /** Weights of the best validation of the present stage. */
  readonly best: ReadonlyMap<string, Tensor>;
  /** Weights of the stage before. */
  readonly done: ReadonlyMap<string, Tensor>;
}

const PARTS = ['now', 'best', 'done'] as const;
const RECORD = 'record';

/** Writes a checkpoint, whole or not at all. @throws SynestheteError WRITE_FAILED */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const tensors = new Map<string, Tensor>();
  for (const part of PARTS) {
    for (const [name, tensor] of checkpoint[part]) tensors.set(`${part}/${name}`, tensor);
  }
  await writeSafetensors(path, tensors, { [RECORD]: JSON.stringify(checkpoint.record) });
}

/**
 * The engine that a checkpoint's training runs on, which it has to go on with.
 * @returns null when there is no checkpoint
 * @throws SynestheteError BAD_WEIGHTS
 */
export async function engineOfCheckpoint(path: string): Promise<CheckpointRecord['engine'] | null> {
  return (await readParts(path, () => false))?.record.engine ?? null;
}

/**
 * @returns null when there is none
 * @throws SynestheteError BAD_WEIGHTS for a torn file, or one that is no checkpoint
 */
export async function readCheckpoint(path: string): Promise<Checkpoint | null> {
  return readParts(path, () => true);
}

async function readParts(path: string, wanted: (name: string) => boolean): Promise<Checkpoint | null> {
  try {
    await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const { tensors, metadata } = await readSafetensors(path, wanted);
  const parsed = recordSchema.safeParse(parseJson(metadata[RECORD]));
  if (!parsed.success) {
    throw new SynestheteError(
      'BAD_WEIGHTS',
      `${path} is no checkpoint of a training (${parsed.error.issues[0]!.path.join('.') || 'record'}): name the folder of one, or begin anew in another folder`,
    );
  }
  const partOf = (part: string): Map<string, Tensor> => {
    const prefix = `${part}/`;
    const own = [...tensors].filter(([name]) => name.startsWith(prefix));
    return new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
  };
  return { record: parsed.data, now: partOf('now'), best: partOf('best'), done: partOf('done') };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
