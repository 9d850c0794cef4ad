import { z } from 'zod';
import { SynestheteError } from '../errors.ts';
import { readWhole } from '../read-file.ts';
import { writeWhole } from '../write-whole.ts';

/**
 * The version of model.json's layout. A reader takes files of its own version only: a change of the layout is a new
 * version.
 */
const MODEL_FORMAT_VERSION = 1;

/** Terms of data that are moods which a person gave to pictures: they have no split. */
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
    /** What the weights fit: a name (`cdcml`, `sp-net`, …) and the choices that give the network its shapes. */
    architecture: z.strictObject({ name: z.string().min(1), settings: z.record(z.string(), json) }),
    /** How the music features are made ready for the network: what is done, and the statistics that it uses. */
    features: z
      .strictObject({
        normalisation: z.string().min(1),
        mean: z.array(finite),
        deviation: z.array(z.number().positive()),
        settings: z.record(z.string(), json).optional(),
      })
      .refine(
        ({ mean, deviation }) => mean.length === deviation.length,
        'as many means as deviations are needed',
      ),
    /** The mean distance in the valence-arousal plane that docs/method.md's similarity (1) divides by. */
    sigma: z.number().positive(),
    /** Means over the training data: what the constant predictor answers to everything. */
    constant: z.strictObject({
      similarity: unit,
      image: z.strictObject({ valence: unit, arousal: unit }),
      music: z.strictObject({ valence: unit, arousal: unit }),
    }),
    /** Standard deviations of the errors of readings, measured on data that was not trained on. */
    uncertainty: z.strictObject({ image: axes, music: axes }).optional(),
    /** Standard deviations of the labels of the training music, whose means are in `constant`. */
    spread: z.strictObject({ music: axes }).optional(),
    data: z.array(
      z.strictObject({
        name: z.string().min(1),
        /** The licence or terms it came under. */
        terms: z.string().min(1),
        kind: z.enum(['image', 'music']),
        files: z.int().nonnegative(),
        /** What its labels are: means of ratings, or categories that stand for regions of the plane. */
        labels: z.enum(['ratings', 'categories']),
        /** The splits that were learnt from. */
        splits: z.array(z.enum(['train', 'val', 'test'])).optional(),
      }),
    ),
    /** Figures of this model; in one that was refined those of the model before stand in `base`, and no others but `taste`. */
    metrics: z.record(z.string(), json),
    /**
     * How the folds were made that figures in `metrics` are out of, a sentence each: which pictures and which music were
     * kept apart together (number, groups, seed), and how what was chosen on a fold was kept from being reported on it.
     */
    folds: z
      .strictObject({ pictures: z.string().min(1), music: z.string().min(1), nested: z.string().min(1) })
      .optional(),
    /** The score by which pictures are ranked for a clip, chosen on the validation split. */
    ranking: z.strictObject({ score: z.enum(['plane', 'embedding', 'predictor']) }).optional(),
    /** How much earlier clips count in the mood of the music, chosen on readings of music that was left out. */
    attention: z
      .strictObject({ sharpness: z.number().min(0).max(1000), seconds: z.number().positive().max(3600) })
      .optional(),
    /** Where an encoder of the user's own came from: what its file was called, its licence or terms, what was assumed of it. */
    pictureEncoder: z
      .strictObject({
        file: z.string().min(1),
        terms: z.string().min(1),
        assumed: z.array(z.enum(['mean', 'deviation'])),
      })
      .optional(),
    /** The weight files beside this one, and the SHA-256 of their contents. */
    weights: z.array(z.strictObject({ file: z.string().min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
  })
  .readonly();

/** What a model.json says of the weights beside it. */
export type ModelDescription = z.infer<typeof modelSchema>;

/** Everything but what the writer fills in. */
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

/** The figures of a training: of a refined model those of the model before. */
export function trainedMetrics(metrics: ModelDescription['metrics']): ModelDescription['metrics'] {
  // What was refined by earlier versions has those of its base beside `taste`.
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
