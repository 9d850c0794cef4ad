import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../models/checksum.ts';
import {
  readModelDescription,
  readSafetensors,
  writeSafetensors,
  type Tensor,
} from '../../models/weights/index.ts';

const BUILT_IN = fileURLToPath(new URL('.', import.meta.resolve('#pretrained')));
const WEIGHTS = 'weights.safetensors';

/** Changes tensors of a model in place, by their names. */
export type Spoil = (tensors: Map<string, Tensor>) => void;

/** Writes the built-in model with other weights, and with the checksum of those: only their numbers are wrong. */
export async function spoiltModel(folder: string, spoil: Spoil): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { tensors } = await readSafetensors(join(BUILT_IN, WEIGHTS));
  const changed = new Map(tensors);
  spoil(changed);
  const path = join(folder, WEIGHTS);
  await writeSafetensors(path, changed);
  const description = await readModelDescription(join(BUILT_IN, 'model.json'));
  const weights = [{ file: WEIGHTS, sha256: sha256(await readFile(path)) }];
  await writeFile(join(folder, 'model.json'), JSON.stringify({ ...description, weights }));
  return folder;
}

/** Puts a number into the first place of a tensor. */
export function withNumber(name: string, number: number): Spoil {
  return (tensors) => {
    const { shape, data } = tensors.get(name)!;
    const changed = data.slice();
    changed[0] = number;
    tensors.set(name, { shape, data: changed });
  };
}

/** Makes all numbers of a tensor so large that the network overflows, each of them finite. */
export function overflowing(name: string): Spoil {
  return (tensors) => {
    const { shape, data } = tensors.get(name)!;
    tensors.set(name, { shape, data: new Float32Array(data.length).fill(3e38) });
  };
}

/** Leaves a part of a tensor out. */
export function cutTo(name: string, rows: number): Spoil {
  return (tensors) => {
    const { shape, data } = tensors.get(name)!;
    const each = data.length / shape[0]!;
    tensors.set(name, { shape: [rows, ...shape.slice(1)], data: data.slice(0, rows * each) });
  };
}

export function without(name: string): Spoil {
  return (tensors) => {
    tensors.delete(name);
  };
}
