import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { sha256 } from '../checksum.ts';
import { SynestheteError } from '../errors.ts';
import type { Weights } from '../networks/index.ts';
import { readWhole } from '../read-file.ts';
import { decodeSafetensors } from '../weights/index.ts';

/** The list of the encoders' weight files beside them: encoders.json. */
export const encoderFilesSchema = z.record(
  z.string(),
  z.strictObject({
    file: z.string().regex(/^[\w.-]+\.safetensors$/u),
    sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  }),
);

function bundledList(): string {
  return fileURLToPath(import.meta.resolve('#encoders'));
}

function broken(problem: string, cause?: unknown): SynestheteError {
  return new SynestheteError('BROKEN_INSTALL', `${problem}: install synesthete again`, { cause });
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readWhole(path);
  } catch (error) {
    throw broken((error as Error).message, error);
  }
}

interface EncoderFile {
  readonly path: string;
  readonly sha256: string;
}

async function encoderFile(name: string, list: string): Promise<EncoderFile> {
  const text = (await read(list)).toString('utf8');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw broken(`${list} is not JSON`, error);
  }
  const parsed = encoderFilesSchema.safeParse(content);
  const entry = parsed.data?.[name];
  if (!entry) throw broken(`${list} lists no usable weights of ${name}`);
  return { path: join(dirname(list), entry.file), sha256: entry.sha256 };
}

/**
 * SHA-256 of the weights of an encoder, in hex. Features of different weights are not comparable.
 * @param list the encoders.json; by default that of the package
 * @throws SynestheteError BROKEN_INSTALL
 */
export async function encoderFingerprint(name: string, list: string = bundledList()): Promise<string> {
  return (await encoderFile(name, list)).sha256;
}

/**
 * The weights of an encoder, which come with the package in half precision.
 * @param list the encoders.json beside the weights; by default that of the package
 * @throws SynestheteError BROKEN_INSTALL when a file is missing, torn, or not the listed one
 */
export async function readEncoderWeights(name: string, list: string = bundledList()): Promise<Weights> {
  const { path, sha256: expected } = await encoderFile(name, list);
  const content = await read(path);
  if (sha256(content) !== expected) throw broken(`${path} is not the file that ${list} lists`);
  const { tensors } = await decodeSafetensors(path, content);
  return Object.fromEntries(tensors);
}
