import { stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256OfFile } from '../checksum.ts';
import type { Engine } from '../engine/index.ts';
import { SynestheteError } from '../errors.ts';
import type { Model } from '../model/index.ts';
import { readModelDescription, type ModelDescription } from '../weights/index.ts';
import { ARCHITECTURES, type Architectures } from './architectures.ts';
import { checkedModel, misfit } from './checked-model.ts';

/** The default model, which comes with the package. */
function bundledModelFolder(): string {
  return fileURLToPath(new URL('.', import.meta.resolve('#pretrained')));
}

/** The description of the default model. @throws SynestheteError FILE_NOT_FOUND, BAD_MODEL */
export function bundledDescription(): Promise<ModelDescription> {
  return readModelDescription(join(bundledModelFolder(), 'model.json'));
}

export interface OpenOptions {
  /** The engine that runs the model; closing the model leaves it open. */
  readonly engine: Engine;
  /** Architectures that can be opened: by default all that this program knows. */
  readonly architectures?: Architectures;
}

/**
 * Opens the model in a folder, or the one that comes with the package.
 *
 * @param folder folder of a model.json, with the weight files that it names.
 * @returns a model that gives only finite numbers; see `checkedModel`
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE (no folder, no model.json in it), BAD_MODEL, BAD_WEIGHTS (a weight
 *   file is missing, torn, not the one that model.json was written with, or holds tensors that don't fit or aren't
 *   finite), OTHER_ARCHITECTURE (an architecture that this program does not know), ENGINE_FAILED.
 */
export async function openModel(
  folder: string | undefined,
  { engine, architectures = ARCHITECTURES }: OpenOptions,
): Promise<Model> {
  const place = folder ?? bundledModelFolder();
  await checkFolder(place, folder === undefined);
  const description = await readModelDescription(join(place, 'model.json'));
  const { name } = description.architecture;
  if (!Object.hasOwn(architectures, name)) {
    const known = Object.keys(architectures).join(', ') || 'none';
    throw new SynestheteError(
      'OTHER_ARCHITECTURE',
      `${place} holds a model of the architecture ${name}, which this program does not know (it knows ${known}); use the version of synesthete that trained it`,
    );
  }
  await checkWeights(place, description);
  const open = await architectures[name]!();
  return checkedModel(await open(place, description, engine).catch(misfit(place)));
}

async function checkFolder(folder: string, isBundled: boolean): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  const hasModel =
    found?.isDirectory() === true && (await stat(join(folder, 'model.json')).catch(() => false));
  if (hasModel !== false) return;
  if (isBundled) {
    throw new SynestheteError(
      'BROKEN_INSTALL',
      `${folder}, the default model, is missing or lacks its model.json: install synesthete again`,
      { remedy: { kind: 'other-model' } },
    );
  }
  if (found === undefined) {
    throw new SynestheteError('FILE_NOT_FOUND', `${folder} does not exist; name the folder of a model`);
  }
  if (!found.isDirectory()) {
    throw new SynestheteError(
      'NOT_A_FILE',
      `${folder} is not a folder; a model is a folder with a model.json and its weights`,
    );
  }
  throw new SynestheteError(
    'FILE_NOT_FOUND',
    `${folder} has no model.json; name the folder that a training wrote`,
  );
}

async function checkWeights(folder: string, { weights }: ModelDescription): Promise<void> {
  for (const { file, sha256: expected } of weights) {
    const inside = normalize(file);
    if (isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`)) {
      throw new SynestheteError(
        'BAD_MODEL',
        `${join(folder, 'model.json')} names the weights ${file}, which are outside its folder; put them beside it`,
      );
    }
    const path = join(folder, inside);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() !== true) {
      throw new SynestheteError(
        'BAD_WEIGHTS',
        `${path} is missing, though model.json names it; copy the model's whole folder again`,
      );
    }
    if ((await sha256OfFile(path)) !== expected) {
      throw new SynestheteError(
        'BAD_WEIGHTS',
        `${path} is torn or not the file that model.json was written with (its SHA-256 differs); copy the model's whole folder again`,
      );
    }
  }
}
