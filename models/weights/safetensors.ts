import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { SynestheteError } from '../errors.ts';
import { openFile } from '../read-file.ts';
import { writeWhole } from '../write-whole.ts';
import { floatToHalf, HALF_OVERFLOW, halfToFloat } from './half.ts';

/**
 * A tensor of a weight file. Values are float32 in memory whatever their type on disk; the last axis varies fastest.
 */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Weights {
  /** In the order of their bytes in the file. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

export type StoredPrecision = 'float32' | 'float16';

/** Bytes a value, for every dtype of the format that has whole bytes. */
const VALUE_BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
};

/** The reference implementation's limit. */
const MAX_HEADER_BYTES = 100_000_000;

const count = z.int().nonnegative();
const headerSchema = z.record(
  z.string(),
  z.object({ dtype: z.string(), shape: z.array(count), data_offsets: z.tuple([count, count]) }),
);
const metadataSchema = z.record(z.string(), z.string());

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Position in the file. */
  readonly startByte: number;
  readonly bytes: number;
}

/**
 * Reads a safetensors file: 8 bytes with the header's length (little-endian), a JSON header of names, dtypes, shapes
 * and byte ranges, then the values. (Format: the README of github.com/huggingface/safetensors.) Every number of the
 * header is checked before it is used: ranges must lie in the file, fit dtype and shape, and follow each other
 * without overlap or hole. Each wanted tensor is read once, straight into its own memory; the others not at all.
 *
 * @param wanted which tensors to read; by default all. F32, F16, BF16, F64 and I64 can be read, all as float32.
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE, or BAD_WEIGHTS for a torn or malformed file, naming it.
 */
export async function readSafetensors(
  path: string,
  wanted: (name: string) => boolean = () => true,
): Promise<Weights> {
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    return await decode(path, { size, read: (start, bytes) => readBytes(path, file, start, bytes) }, wanted);
  } finally {
    await file.close();
  }
}

/**
 * Decodes a safetensors file from memory. The tensors are copies.
 *
 * @param path for messages.
 * @throws SynestheteError BAD_WEIGHTS; see `readSafetensors`.
 */
export async function decodeSafetensors(path: string, content: Uint8Array): Promise<Weights> {
  const read = (start: number, bytes: number): Promise<Buffer> => {
    const copy = Buffer.from(new ArrayBuffer(bytes));
    copy.set(content.subarray(start, start + bytes));
    return Promise.resolve(copy);
  };
  return decode(path, { size: content.length, read }, () => true);
}

interface Source {
  readonly size: number;
  /** Returns a copy of those bytes, which lie within `size`. */
  readonly read: (startByte: number, bytes: number) => Promise<Buffer>;
}

async function decode(path: string, source: Source, wanted: (name: string) => boolean): Promise<Weights> {
  const { entries, metadata } = await readHeader(path, source);
  const tensors = new Map<string, Tensor>();
  for (const entry of entries) {
    if (!wanted(entry.name)) continue;
    tensors.set(entry.name, { shape: entry.shape, data: await readValues(path, source, entry) });
  }
  return { tensors, metadata };
}

async function readHeader(
  path: string,
  source: Source,
): Promise<{ entries: Entry[]; metadata: Weights['metadata'] }> {
  const { size } = source;
  if (size < 8) throw bad(path, `it has ${size} bytes, fewer than the 8 of the header's length`);
  const length = Number((await source.read(0, 8)).readBigUInt64LE());
  if (length > MAX_HEADER_BYTES) throw bad(path, 'it does not begin with a header of a possible length');
  if (8 + length > size) {
    throw bad(
      path,
      `it is torn: a header of ${length} bytes is announced, the file ends after ${size} bytes`,
    );
  }
  const header = parseHeader(path, await source.read(8, length));
  const entries = header.entries
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [start, end],
        },
      ]) => {
        const valueBytes = VALUE_BYTES[dtype];
        if (valueBytes === undefined) throw bad(path, `tensor ${name} is of the unknown type ${dtype}`);
        const bytes = shape.reduce((product, extent) => product * extent, valueBytes);
        if (end - start !== bytes) {
          throw bad(
            path,
            `tensor ${name} (${dtype}, ${shape.join('×')}) needs ${bytes} bytes and is given ${end - start}`,
          );
        }
        return { name, dtype, shape, startByte: 8 + length + start, bytes };
      },
    )
    .sort((a, b) => a.startByte - b.startByte || a.bytes - b.bytes);

  let nextByte = 8 + length;
  for (const { name, startByte, bytes } of entries) {
    if (startByte < nextByte)
      throw bad(path, `the bytes of tensor ${name} overlap those of the one before it`);
    if (startByte > nextByte) throw bad(path, `there are bytes before tensor ${name} that belong to none`);
    nextByte = startByte + bytes;
  }
  if (nextByte > size) {
    throw bad(path, `it is torn: its tensors end at byte ${nextByte}, the file after ${size} bytes`);
  }
  if (nextByte < size) throw bad(path, `${size - nextByte} bytes follow its last tensor`);
  return { entries, metadata: header.metadata };
}

function parseHeader(path: string, bytes: Buffer) {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw bad(path, 'its header is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw bad(path, 'its header is not a JSON object');
  const { __metadata__: metadata = {}, ...tensors } = json as Record<string, unknown>;
  const parsedMetadata = metadataSchema.safeParse(metadata);
  if (!parsedMetadata.success) throw bad(path, 'its __metadata__ holds something that is not text');
  const parsed = headerSchema.safeParse(tensors);
  if (!parsed.success) {
    const [name, ...rest] = parsed.error.issues[0]!.path.map(String);
    throw bad(path, `tensor ${name ?? ''} has no usable ${rest[0] ?? 'description'} in the header`);
  }
  return { entries: Object.entries(parsed.data), metadata: parsedMetadata.data };
}

async function readValues(path: string, source: Source, { name, dtype, startByte, bytes }: Entry) {
  // A separate buffer for each tensor, which is aligned whatever the tensor's place in the file.
  const buffer = (await source.read(startByte, bytes)).buffer as ArrayBuffer;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return halfToFloat(new Uint16Array(buffer));
    case 'BF16':
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer), Number);
    default:
      throw bad(path, `tensor ${name} is of type ${dtype}, which can't be read as numbers of a network`);
  }
}

async function readBytes(path: string, file: FileHandle, startByte: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.from(new ArrayBuffer(bytes));
  let read = 0;
  while (read < bytes) {
    const { bytesRead } = await file.read(buffer, read, bytes - read, startByte + read);
    if (bytesRead === 0) throw bad(path, 'it became shorter while it was read');
    read += bytesRead;
  }
  return buffer;
}

function bad(path: string, what: string): SynestheteError {
  return new SynestheteError(
    'BAD_WEIGHTS',
    `${path} is no valid safetensors file: ${what}; download or write it again`,
  );
}

/**
 * Writes a safetensors file, whole or not at all. The same tensors give the same bytes: float32 before float16 (so
 * that all are aligned), by name within each.
 *
 * @param precisionOf how each tensor is stored; by default float32. float16 rounds to the nearest, ties to even.
 * @throws SynestheteError WRITE_FAILED; BAD_WEIGHTS for a shape that its values don't fill, or a finite value that
 * half precision can't hold.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
  precisionOf: (name: string) => StoredPrecision = () => 'float32',
): Promise<void> {
  await writeWhole(path, encodeSafetensors(tensors, metadata, precisionOf));
}

/** The chunks of a safetensors file; see `writeSafetensors`. Float32 values are not copied. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
  precisionOf: (name: string) => StoredPrecision = () => 'float32',
): Uint8Array[] {
  const names = [...tensors.keys()].sort();
  const float32 = names.filter((name) => precisionOf(name) === 'float32');
  const float16 = names.filter((name) => precisionOf(name) === 'float16');
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push(['__metadata__', metadata]);
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const [dtype, group] of [
    ['F32', float32],
    ['F16', float16],
  ] as const) {
    for (const name of group) {
      const { shape, data } = tensors.get(name)!;
      if (shape.reduce((product, extent) => product * extent, 1) !== data.length) {
        throw new SynestheteError(
          'BAD_WEIGHTS',
          `tensor ${name} has ${data.length} values, not ${shape.join('×')}`,
        );
      }
      const stored = dtype === 'F32' ? data : halvesOf(name, data);
      chunks.push(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
      header.push([name, { dtype, shape, data_offsets: [offset, offset + stored.byteLength] }]);
      offset += stored.byteLength;
    }
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  // Spaces pad the header, so that the values begin at a multiple of 8 bytes.
  const start = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  start.writeBigUInt64LE(BigInt(start.length - 8));
  json.copy(start, 8);
  return [start, ...chunks];
}

function halvesOf(name: string, data: Float32Array): Uint16Array {
  const tooLarge = data.find((value) => Number.isFinite(value) && Math.abs(value) >= HALF_OVERFLOW);
  if (tooLarge === undefined) return floatToHalf(data);
  throw new SynestheteError(
    'BAD_WEIGHTS',
    `tensor ${name} holds ${tooLarge}, too large for half precision; store it as float32`,
  );
}
