import { join } from 'node:path';
import { z } from 'zod';
import { SynestheteError } from '../errors.ts';
import { encodeSafetensors, readSafetensors, type ModelDescription, type Tensor } from '../weights/index.ts';
import type { CoordinateMap } from './coordinates.ts';
import type { CdcmlParts } from './graphs.ts';
import { cdcmlSettingsSchema } from './settings.ts';
import type { ErrorModel } from './uncertainty.ts';

/** The name that model.json gives this architecture. */
const ARCHITECTURE = 'cdcml-on-encoders';

export const WEIGHTS_FILE = 'weights.safetensors';

const axis = z.strictObject({ mean: z.number().positive(), base: z.number(), slope: z.number() });
const errors = z.strictObject({
  middle: z.strictObject({ valence: z.number(), arousal: z.number() }),
  valence: axis,
  arousal: axis,
});

const architectureSchema = z.strictObject({
  training: cdcmlSettingsSchema,
  /** Identities of the encoders whose features were learnt from: of the pictures' and of the clips'. */
  encoders: z.strictObject({ picture: z.string().min(1), music: z.string().min(1) }),
  errors: z.strictObject({ image: errors, music: errors }),
});

/** A trained model, as it is in memory. */
export interface CdcmlModelParts extends CdcmlParts {
  readonly encoders: { readonly picture: string; readonly music: string };
  readonly errors: { readonly image: ErrorModel; readonly music: ErrorModel };
}

/** What of a model goes into model.json. */
export function architectureOf({
  settings,
  encoders,
  errors: of,
}: CdcmlModelParts): ModelDescription['architecture'] {
  return {
    name: ARCHITECTURE,
    settings: JSON.parse(
      JSON.stringify({ training: settings, encoders, errors: of }),
    ) as ModelDescription['architecture']['settings'],
  };
}

/** The bytes of the weight file: matrices in half precision, vectors in single. */
export function encodeParts({ picture, music, weights }: CdcmlModelParts): Uint8Array[] {
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
  return encodeSafetensors(tensors, {}, (name) =>
    tensors.get(name)!.shape.length > 1 ? 'float16' : 'float32',
  );
}

/**
 * Reads a model's parts from its folder.
 * @throws SynestheteError BAD_MODEL for settings that are none, BAD_WEIGHTS for tensors that are missing or don't fit,
 *   FILE_NOT_FOUND
 */
export async function readParts(
  folder: string,
  { architecture }: ModelDescription,
): Promise<CdcmlModelParts> {
  const parsed = architectureSchema.safeParse(architecture.settings);
  if (!parsed.success) {
    const { path: field, message } = parsed.error.issues[0]!;
    throw new SynestheteError(
      'BAD_MODEL',
      `${join(folder, 'model.json')}, architecture.settings.${field.join('.')}: ${message}`,
    );
  }
  const { training: settings, encoders, errors: of } = parsed.data;
  const path = join(folder, WEIGHTS_FILE);
  const { tensors } = await readSafetensors(path);
  const map = (side: 'picture' | 'music'): CoordinateMap => {
    const part = (name: string): Float32Array => {
      const found = tensors.get(`${side}.map.${name}`);
      if (found) return found.data;
      throw new SynestheteError(
        'BAD_WEIGHTS',
        `${path} has no tensor ${side}.map.${name}; train the model again`,
      );
    };
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
  const weights = Object.fromEntries([...tensors].filter(([name]) => !name.includes('.map.')));
  return { settings, picture: map('picture'), music: map('music'), weights, encoders, errors: of };
}
