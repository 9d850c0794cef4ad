import { join } from 'node:path';
import { z } from 'zod';
import { SynestheteError } from '../errors.ts';
import { encodeSafetensors, readSafetensors, type ModelDescription, type Tensor } from '../weights/index.ts';
import type { SimilarityFit } from './expected-similarity.ts';
import { kernelSettingsSchema, type KernelSettings } from './settings.ts';
import type { Side } from './side.ts';

/** The name that model.json gives this architecture. */
const KERNEL_ARCHITECTURE = 'kernel-regression';

export const WEIGHTS_FILE = 'weights.safetensors';

type SideName = 'picture' | 'music';

const point = z.strictObject({ valence: z.number(), arousal: z.number() });

/** What training found besides the tensors. */
const fittedSchema = z.strictObject({
  pictureMean: point,
  musicMean: point,
  similarity: z.strictObject({ variance: point, coefficients: z.array(z.number()).length(16) }),
});

const architectureSchema = z.strictObject({ training: kernelSettingsSchema, fitted: fittedSchema });

/** A trained model, as it is in memory. */
export interface KernelModelParts {
  readonly settings: KernelSettings;
  readonly picture: Side;
  readonly music: Side;
  readonly similarity: SimilarityFit;
}

/** What of a model goes into model.json. σ stands there by itself. */
export function architectureOf({
  settings,
  picture,
  music,
  similarity,
}: KernelModelParts): ModelDescription['architecture'] {
  const { variance, coefficients } = similarity;
  return {
    name: KERNEL_ARCHITECTURE,
    settings: {
      training: settings,
      fitted: {
        pictureMean: { ...picture.mean },
        musicMean: { ...music.mean },
        similarity: { variance: { ...variance }, coefficients: [...coefficients] },
      },
    },
  };
}

/** The bytes of the weight file: the two large tensors of each side in half precision, the others in single. */
export function encodeParts({ picture, music }: KernelModelParts): Uint8Array[] {
  const tensors = new Map<string, Tensor>();
  for (const [name, side] of [
    ['picture', picture],
    ['music', music],
  ] as const) {
    const width = side.map.mean.length;
    const size = side.map.components.length / width;
    const count = side.rest.length;
    const add = (tensor: string, shape: readonly number[], data: Float32Array) =>
      tensors.set(`${name}.${tensor}`, { shape, data });
    add('mean', [width], side.map.mean);
    add('scale', [width], side.map.scale);
    add('bound', [width], side.map.bound);
    add('centre', [width], side.map.centre);
    add('components', [size, width], side.map.components);
    add('rows', [count, size], side.rows);
    add('rest', [count], side.rest);
    add('coefficients', [count, 2], side.coefficients);
  }
  return encodeSafetensors(tensors, {}, (name) =>
    /\.(components|rows)$/.test(name) ? 'float16' : 'float32',
  );
}

/**
 * Reads a model's parts from its folder.
 *
 * @param widths how many statistics each side has.
 * @throws SynestheteError BAD_MODEL for settings that are none, BAD_WEIGHTS for tensors that are missing or don't fit,
 * FILE_NOT_FOUND.
 */
export async function readParts(
  folder: string,
  { architecture, sigma }: ModelDescription,
  widths: (settings: KernelSettings) => Readonly<Record<SideName, number>>,
): Promise<KernelModelParts> {
  const parsed = architectureSchema.safeParse(architecture.settings);
  if (!parsed.success) {
    const { path: field, message } = parsed.error.issues[0]!;
    throw new SynestheteError(
      'BAD_MODEL',
      `${join(folder, 'model.json')}, architecture.settings.${field.join('.')}: ${message}`,
    );
  }
  const { training: settings, fitted } = parsed.data;
  const path = join(folder, WEIGHTS_FILE);
  const { tensors } = await readSafetensors(path);
  const expected = widths(settings);
  const side = (name: SideName): Side => {
    const tensor = (part: string, ...shape: number[]): Tensor => {
      const found = tensors.get(`${name}.${part}`);
      if (found?.shape.length === shape.length && shape.every((n, i) => n === -1 || n === found.shape[i])) {
        return found;
      }
      throw new SynestheteError(
        'BAD_WEIGHTS',
        `${path} has ${found === undefined ? 'no tensor' : `the shape ${found.shape.join('×')} for`} ${name}.${part}, which must be ${shape.map((n) => (n === -1 ? 'n' : n)).join('×')}; get or train the model anew`,
      );
    };
    const width = expected[name];
    const components = tensor('components', -1, width);
    const size = components.shape[0]!;
    const rest = tensor('rest', -1);
    const count = rest.shape[0]!;
    return {
      map: {
        mean: tensor('mean', width).data,
        scale: tensor('scale', width).data,
        bound: tensor('bound', width).data,
        centre: tensor('centre', width).data,
        components: components.data,
      },
      gamma: settings[name].gamma,
      mean: name === 'picture' ? fitted.pictureMean : fitted.musicMean,
      rows: tensor('rows', count, size).data,
      rest: rest.data,
      coefficients: tensor('coefficients', count, 2).data,
    };
  };
  return {
    settings,
    picture: side('picture'),
    music: side('music'),
    similarity: { sigma, ...fitted.similarity },
  };
}
