import { z } from 'zod';
import { SynestheteError } from '../errors.ts';
import { readWhole } from '../read-file.ts';
import { writeWhole } from '../write-whole.ts';

/**
 * The version of model.json's layout. A reader takes only files of its own version: raise it with every change of the
 * layout.
 */
const MODEL_FORMAT_VERSION = 1;

/** Marks training data that consists of moods set by a person, which have no split. */
export const MOODS_BY_HAND = 'moods by hand';

const finite = z.number();
const unit = z.number().min(0).max(1);
const axes = z.strictObject({ valence: z.number().positive(), arousal: z.number().positive() });
const json: z.ZodType<z.core.util.JSONType> = z.json();

const modelSchema = z
  .strictObject({
    format: z.literal('synesthete-model'),
    formatVersion: z.literal(MODEL_FORMAT_VERSION),
    /** When the training ended, ISO 8601. */
    date: z.iso.datetime({ offset: true }),
    /** The architecture of the weights: a name (`cdcml`, `sp-net`, …) and the settings that determine the shapes. */
    architecture: z.strictObject({ name: z.string().min(1), settings: z.record(z.string(), json) }),
    /** The normalisation of music features for the network, with its statistics. */
    features: z
      .strictObject({
        normalisation: z.string().min(1),
        mean: z.array(finite),
        deviation: z.array(z.number().positive()),
        settings: z.record(z.string(), json).optional(),
      })
      .refine(
        ({ mean, deviation }) => mean.length === deviation.length,
        'the numbers of means and deviations must be equal',
      ),
    /** The mean distance in the valence-arousal plane that docs/method.md's similarity (1) divides by. */
    sigma: z.number().positive(),
    /** Means over the training data: the constant predictor. */
    constant: z.strictObject({
      similarity: unit,
      image: z.strictObject({ valence: unit, arousal: unit }),
      music: z.strictObject({ valence: unit, arousal: unit }),
    }),
    /** Standard deviations of prediction errors, measured outside the training data. */
    uncertainty: z.strictObject({ image: axes, music: axes }).optional(),
    /** Standard deviations of the labels of the training music, whose means are in `constant`. */
    spread: z.strictObject({ music: axes }).optional(),
    data: z.array(
      z.strictObject({
        name: z.string().min(1),
        /** Its licence or terms. */
        terms: z.string().min(1),
        kind: z.enum(['image', 'music']),
        files: z.int().nonnegative(),
        /** The kind of its labels: mean ratings, or categories for regions of the plane. */
        labels: z.enum(['ratings', 'categories']),
        /** The splits used for training. */
        splits: z.array(z.enum(['train', 'val', 'test'])).optional(),
      }),
    ),
    /** Figures of this model. A refined model has only `taste`, and in `base` the figures of its base model. */
    metrics: z.record(z.string(), json),
    /**
     * How the folds behind figures in `metrics` were made, a sentence each: which pictures and music were held out
     * together (number, groups, seed), and how choices made on a fold were kept out of its figures.
     */
    folds: z
      .strictObject({ pictures: z.string().min(1), music: z.string().min(1), nested: z.string().min(1) })
      .optional(),
    /** The score by which pictures are ranked for a clip, chosen on the validation split. */
    ranking: z.strictObject({ score: z.enum(['plane', 'embedding', 'predictor']) }).optional(),
    /** How much earlier clips count in the mood of the music, chosen on out-of-fold predictions for music. */
    attention: z
      .strictObject({ sharpness: z.number().min(0).max(1000), seconds: z.number().positive().max(3600) })
      .optional(),
    /** The origin of a user's own encoder: its file name, its licence or terms, and assumptions about it. */
    pictureEncoder: z
      .strictObject({
        file: z.string().min(1),
        terms: z.string().min(1),
        assumed: z.array(z.enum(['mean', 'deviation'])),
      })
      .optional(),
    /** The weight files beside this one, and the SHA-256 of their contents. */
    weights: z
      .array(z.strictObject({ file: z.string().min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/) }))
      .min(1, 'it lists no file of weights; copy the model.json that the training wrote'),
  })
  .readonly();

/** The contents of a model.json. */
export type ModelDescription = z.infer<typeof modelSchema>;

/** Everything except the fields that the writer fills in. */
export type NewModelDescription = Omit<ModelDescription, 'format' | 'formatVersion'>;

/**
 * Reads and checks a model.json.
 *
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE, BAD_MODEL (naming the file and the first field that is wrong).
 */
export async function readModelDescription(path: string): Promise<ModelDescription> {
  const bytes = await readWhole(path);
  let content: unknown;
  try {
    content = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new SynestheteError('BAD_MODEL', `${path} is not JSON: it is torn or was edited by hand`, {
      cause: error,
    });
  }
  const { format, formatVersion } = (content ?? {}) as Record<string, unknown>;
  if (format !== 'synesthete-model') {
    throw new SynestheteError(
      'BAD_MODEL',
      `${path} does not describe a model of synesthete; name its model.json`,
    );
  }
  if (formatVersion !== MODEL_FORMAT_VERSION) {
    throw new SynestheteError(
      'BAD_MODEL',
      `${path} has format version ${String(formatVersion)}, this program reads ${MODEL_FORMAT_VERSION}; use the version of synesthete that wrote it, or train again`,
    );
  }
  return checked(path, content);
}

/**
 * Writes a model.json, whole or not at all, and only if it can be read again.
 *
 * @throws SynestheteError BAD_MODEL (naming the first field that is wrong), WRITE_FAILED.
 */
export async function writeModelDescription(path: string, model: NewModelDescription): Promise<void> {
  const content = checked(path, {
    format: 'synesthete-model',
    formatVersion: MODEL_FORMAT_VERSION,
    ...model,
  });
  await writeWhole(path, `${JSON.stringify(content, undefined, 2)}\n`);
}

function checked(path: string, content: unknown): ModelDescription {
  const parsed = modelSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const { path: field, message } = parsed.error.issues[0]!;
  throw new SynestheteError('BAD_MODEL', `${path}, ${field.join('.') || 'the whole'}: ${message}`);
}

/** The figures of a training; for a refined model, those of its base model. */
export function trainedMetrics(metrics: ModelDescription['metrics']): ModelDescription['metrics'] {
  // Models refined by earlier versions have their base's figures beside `taste`.
  const own = Object.fromEntries(Object.entries(metrics).filter(([name]) => name !== 'taste'));
  const { base } = own;
  return isRecord(base) ? base : own;
}

function isRecord(value: unknown): value is ModelDescription['metrics'] {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type Architecture = ModelDescription['architecture'];

/**
 * @param path the model or checkpoint that `found` was read from.
 * @throws SynestheteError OTHER_ARCHITECTURE, naming both, or the first setting in which they differ.
 */
export function assertSameArchitecture(path: string, found: Architecture, needed: Architecture): void {
  if (found.name !== needed.name) {
    throw new SynestheteError(
      'OTHER_ARCHITECTURE',
      `${path} holds a model of the architecture ${found.name}, ${needed.name} is needed; name another file or choose ${found.name}`,
    );
  }
  const keys = new Set([...Object.keys(found.settings), ...Object.keys(needed.settings)]);
  for (const key of [...keys].sort()) {
    const is = describe(found.settings, key);
    const should = describe(needed.settings, key);
    if (is === should) continue;
    throw new SynestheteError(
      'OTHER_ARCHITECTURE',
      `${path} holds a ${found.name} with ${key} ${is}, ${needed.name} with ${key} ${should} is needed; name another file or set ${key} to ${is}`,
    );
  }
}

function describe(settings: Architecture['settings'], key: string): string {
  return key in settings ? JSON.stringify(settings[key]) : 'absent';
}
