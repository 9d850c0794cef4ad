import { join } from 'node:path';
import { z } from 'zod';
import { SynestheteError } from '../../errors.ts';
import {
  assertFiniteTensors,
  encodeSafetensors,
  readSafetensors,
  type ModelDescription,
  type Tensor,
} from '../../weights/index.ts';
import type { CoordinateMap } from './coordinates.ts';
import type { CdcmlParts } from './graphs.ts';
import { cdcmlSettingsSchema } from './settings.ts';
import type { Reference } from './taste.ts';
import type { ErrorModel } from './uncertainty.ts';

/** The name that model.json gives this architecture. */
export const ARCHITECTURE = 'cdcml-on-encoders';

export const WEIGHTS_FILE = 'weights.safetensors';
/** A copy of the ONNX encoder, if there is one. */
export const ONNX_FILE = 'picture-encoder.onnx';

/** Names of tensors. */
const REFERENCE = { embeddings: 'reference.embeddings', ratings: 'reference.ratings' } as const;
const TASTE = { points: 'taste.points', pulls: 'taste.pulls' } as const;

const axis = z.strictObject({ mean: z.number().positive(), base: z.number(), slope: z.number() });
const errors = z.strictObject({
  middle: z.strictObject({ valence: z.number(), arousal: z.number() }),
  valence: axis,
  arousal: axis,
});

const architectureSchema = z.strictObject({
  training: cdcmlSettingsSchema,
  /** Identities of the encoders that the model learnt from, for pictures and for clips. */
  encoders: z.strictObject({ picture: z.string().min(1), music: z.string().min(1) }),
  errors: z.strictObject({ image: errors, music: errors }),
  /** Only in a refined model. */
  taste: z
    .strictObject({
      /** Fingerprint of the base model, before refining. */
      base: z.string().min(1),
      width: z.number().positive(),
      corrections: z.int().positive(),
    })
    .optional(),
});

/** A trained model in memory. */
export interface CdcmlModelParts extends CdcmlParts {
  readonly encoders: { readonly picture: string; readonly music: string };
  readonly errors: { readonly image: ErrorModel; readonly music: ErrorModel };
  /** Absent in models from before refining existed. */
  readonly reference?: Reference | undefined;
  /** With `taste`. */
  readonly refined?: { readonly base: string; readonly corrections: number } | undefined;
}

/** The part of a model that model.json stores. */
export function architectureOf({
  settings,
  encoders,
  errors: of,
  taste,
  refined,
}: CdcmlModelParts): ModelDescription['architecture'] {
  return {
    name: ARCHITECTURE,
    settings: JSON.parse(
      JSON.stringify({
        training: settings,
        encoders,
        errors: of,
        ...(taste && { taste: { ...refined, width: taste.width } }),
      }),
    ) as ModelDescription['architecture']['settings'],
  };
}

/** The bytes of the weight file: matrices in half precision, vectors in single. */
export function encodeParts({ picture, music, weights, reference, taste }: CdcmlModelParts): Uint8Array[] {
  const tensors = new Map<string, Tensor>();
  for (const [side, map] of Object.entries({ picture, music })) {
    const width = map.mean.length;
    for (const part of ['mean', 'scale', 'bound', 'centre'] as const) {
      tensors.set(`${side}.map.${part}`, { shape: [width], data: map[part] });
    }
    tensors.set(`${side}.map.components`, {
      shape: [map.components.length / width, width],
      data: map.components,
    });
  }
  for (const [name, { shape, data }] of Object.entries(weights))
    tensors.set(name, { shape: [...shape], data });
  const rows = (name: string, data: Float32Array, count: number): void => {
    tensors.set(name, { shape: [count, data.length / count], data });
  };
  if (reference) {
    rows(REFERENCE.embeddings, reference.embeddings, reference.ratings.length / 2);
    rows(REFERENCE.ratings, reference.ratings, reference.ratings.length / 2);
  }
  if (taste) {
    rows(TASTE.points, taste.points, taste.pulls.length / 2);
    rows(TASTE.pulls, taste.pulls, taste.pulls.length / 2);
  }
  return encodeSafetensors(tensors, {}, (name) =>
    tensors.get(name)!.shape.length > 1 ? 'float16' : 'float32',
  );
}

/**
 * Reads a model's parts from its folder.
 * @throws SynestheteError BAD_MODEL for invalid settings, BAD_WEIGHTS for tensors that are missing or don't fit,
 *   FILE_NOT_FOUND
 */
export async function readParts(
  folder: string,
  { architecture, weights: files }: ModelDescription,
): Promise<CdcmlModelParts> {
  const parsed = architectureSchema.safeParse(architecture.settings);
  if (!parsed.success) {
    const { path: field, message } = parsed.error.issues[0]!;
    throw new SynestheteError(
      'BAD_MODEL',
      `${join(folder, 'model.json')}, architecture.settings.${field.join('.')}: ${message}`,
    );
  }
  const { training: settings, encoders, errors: of, taste } = parsed.data;
  const { onnx } = settings.picture;
  if (onnx !== undefined && !files.some(({ file, sha256 }) => file === ONNX_FILE && sha256 === onnx.sha256)) {
    throw new SynestheteError(
      'BAD_MODEL',
      `${join(folder, 'model.json')} was trained with an ONNX encoder, but its weights don't list that as ${ONNX_FILE}; train the model again`,
    );
  }
  if (!files.some(({ file }) => file === WEIGHTS_FILE)) {
    throw new SynestheteError(
      'BAD_MODEL',
      `${join(folder, 'model.json')}: its weights don't list ${WEIGHTS_FILE}; copy the model.json that the training wrote`,
    );
  }
  const path = join(folder, WEIGHTS_FILE);
  const file = await readSafetensors(path);
  assertFiniteTensors(path, file);
  const { tensors } = file;
  const tensor = (name: string): Float32Array => {
    const found = tensors.get(name);
    if (found) return found.data;
    throw new SynestheteError('BAD_WEIGHTS', `${path} has no tensor ${name}; train the model again`);
  };
  const map = (side: 'picture' | 'music'): CoordinateMap => {
    const part = (name: string): Float32Array => tensor(`${side}.map.${name}`);
    const [mean, scale, bound, centre, components] = ['mean', 'scale', 'bound', 'centre', 'components'].map(
      part,
    ) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array, // prettier-ignore
    ];
    const fits = [scale, bound, centre].every(({ length }) => length === mean.length);
    if (!fits || components.length % mean.length !== 0) {
      throw new SynestheteError(
        'BAD_WEIGHTS',
        `${path}: the tensors ${side}.map.… don't fit; train the model again`,
      );
    }
    return { mean, scale, bound, centre, components };
  };
  const fits = (of: Float32Array, pairs: Float32Array): boolean =>
    of.length * 2 === pairs.length * settings.embedding;
  if (
    (tensors.has(REFERENCE.embeddings) && !fits(tensor(REFERENCE.embeddings), tensor(REFERENCE.ratings))) ||
    (taste && !fits(tensor(TASTE.points), tensor(TASTE.pulls)))
  ) {
    throw new SynestheteError(
      'BAD_WEIGHTS',
      `${path}: the tensors reference.… or taste.… don't fit; train or refine the model again`,
    );
  }
  const others: readonly string[] = [...Object.values(REFERENCE), ...Object.values(TASTE)];
  const weights = Object.fromEntries(
    [...tensors].filter(([name]) => !name.includes('.map.') && !others.includes(name)),
  );
  return {
    settings,
    picture: map('picture'),
    music: map('music'),
    weights,
    encoders,
    errors: of,
    ...(tensors.has(REFERENCE.embeddings) && {
      reference: { embeddings: tensor(REFERENCE.embeddings), ratings: tensor(REFERENCE.ratings) },
    }),
    ...(taste && {
      taste: { width: taste.width, points: tensor(TASTE.points), pulls: tensor(TASTE.pulls) },
      refined: { base: taste.base, corrections: taste.corrections },
    }),
  };
}
