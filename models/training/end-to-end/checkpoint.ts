import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { SynestheteError } from '../../errors.ts';
import { readSafetensors, writeSafetensors } from '../../weights/index.ts';
import type { Tensor } from '../../weights/index.ts';

/** The progress of a training. */
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
  /** In the second stage, the result of the first. */
  network: z
    .strictObject({
      steps: z.int().nonnegative(),
      bestEpoch: z.int().nonnegative(),
      seconds: z.number().nonnegative(),
    })
    .optional(),
  /** Total time of steps and validation. */
  elapsedSeconds: z.number().nonnegative(),
  /** Length of metrics.jsonl at this point: later lines are written again. */
  metricsBytes: z.int().nonnegative(),
});

export type Progress = z.infer<typeof progressSchema>;

/** Raise it when the contents of a checkpoint or their meaning change. */
export const CHECKPOINT_VERSION = 3;

const recordSchema = z.strictObject({
  format: z.literal('synesthete-checkpoint'),
  formatVersion: z.literal(CHECKPOINT_VERSION),
  /** The completed settings, which determine all random draws. */
  settings: z.record(z.string(), z.json()),
  /** Learning rates that a person changed during training: after which step, and to what. */
  changes: z.array(
    z.strictObject({ step: z.int().nonnegative(), learningRate: z.number(), was: z.number() }),
  ),
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
  /** Results depend on the provider and on the number of threads, which split sums. */
  engine: z.strictObject({ provider: z.string(), threads: z.int().positive() }),
  progress: progressSchema,
});

export type CheckpointRecord = z.infer<typeof recordSchema>;

/** Everything that a resumed training needs. */
export interface Checkpoint {
  readonly record: CheckpointRecord;
  /** Trainable state of the current stage. */
  readonly now: ReadonlyMap<string, Tensor>;
  /** Weights of the best validation of the current stage. */
  readonly best: ReadonlyMap<string, Tensor>;
  /** Weights of the previous stage. */
  readonly done: ReadonlyMap<string, Tensor>;
}

const PARTS = ['now', 'best', 'done'] as const;
const RECORD = 'record';
const CHECKSUM = 'sha256';

/** SHA-256 of everything in a checkpoint: damaged numbers still look like numbers. */
function checksumOf(record: string, tensors: ReadonlyMap<string, Tensor>): string {
  const hash = createHash('sha256').update(record);
  for (const name of [...tensors.keys()].sort()) {
    const { shape, data } = tensors.get(name)!;
    hash.update(`\n${name} ${shape.join('×')}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/** Writes a checkpoint, whole or not at all. @throws SynestheteError WRITE_FAILED */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const tensors = new Map<string, Tensor>();
  for (const part of PARTS) {
    for (const [name, tensor] of checkpoint[part]) tensors.set(`${part}/${name}`, tensor);
  }
  const record = JSON.stringify(checkpoint.record);
  await writeSafetensors(path, tensors, { [RECORD]: record, [CHECKSUM]: checksumOf(record, tensors) });
}

/**
 * The engine of a checkpoint's training, which must also resume it.
 * @returns null when there is no checkpoint
 * @throws SynestheteError BAD_WEIGHTS
 */
export async function engineOfCheckpoint(path: string): Promise<CheckpointRecord['engine'] | null> {
  return (await readRecord(path, () => false))?.record.engine ?? null;
}

/**
 * @returns null when there is none
 * @throws SynestheteError BAD_WEIGHTS for a torn or damaged file, or one that is no checkpoint
 */
export async function readCheckpoint(path: string): Promise<Checkpoint | null> {
  const found = await readRecord(path, () => true);
  if (found === null) return null;
  const { record, tensors, metadata } = found;
  if (metadata[CHECKSUM] !== checksumOf(metadata[RECORD]!, tensors)) {
    throw new SynestheteError(
      'BAD_WEIGHTS',
      `${path} is damaged: its checksum is wrong; replace it with a copy, or start again in another folder`,
    );
  }
  const partOf = (part: string): Map<string, Tensor> => {
    const prefix = `${part}/`;
    const own = [...tensors].filter(([name]) => name.startsWith(prefix));
    return new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
  };
  return { record, now: partOf('now'), best: partOf('best'), done: partOf('done') };
}

async function readRecord(path: string, wanted: (name: string) => boolean) {
  try {
    await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const { tensors, metadata } = await readSafetensors(path, wanted);
  const content = parseJson(metadata[RECORD]);
  const { format, formatVersion } = (content ?? {}) as Record<string, unknown>;
  if (format === 'synesthete-checkpoint' && formatVersion !== CHECKPOINT_VERSION) {
    throw new SynestheteError(
      'BAD_WEIGHTS',
      `${path} was written by another version of synesthete: resume with that version, or start again in another folder`,
    );
  }
  const parsed = recordSchema.safeParse(content);
  if (!parsed.success) {
    throw new SynestheteError(
      'BAD_WEIGHTS',
      `${path} is no checkpoint of a training (${parsed.error.issues[0]!.path.join('.') || 'record'}): name the folder of one, or start again in another folder`,
    );
  }
  return { record: parsed.data, tensors, metadata };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
