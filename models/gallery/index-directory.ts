import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { sha256 } from '../checksum.ts';
import { SynestheteError } from '../errors.ts';
import { SIGNATURE_BYTES } from './signature.ts';

/**
 * An index is one file: a head of 64 bytes (8 of magic, the directory's place and length as 64-bit numbers, the
 * directory's SHA-256), the sections, each on a boundary of 64 bytes, and the directory, which is JSON and has place,
 * length and SHA-256 of every section. Numbers are little-endian. Checksums are verified before anything is used.
 */
const MAGIC = Buffer.from('SYNINDEX');
export const HEAD_BYTES = 64;
export const ALIGNMENT = 64;
const MOST_DIRECTORY_BYTES = 64 * 2 ** 20;
/** Raise it when sections or their meaning change. 2: errors of the predictions; `unsafe` comes from open_nsfw. */
const INDEX_FORMAT_VERSION = 2;

const count = z.int().nonnegative();
const hash = z.string().regex(/^[0-9a-f]{64}$/u);

const directorySchema = z.strictObject({
  format: z.literal('synesthete-index'),
  formatVersion: z.literal(INDEX_FORMAT_VERSION),
  model: z.strictObject({
    fingerprint: hash,
    score: z.string(),
    width: z.int().positive(),
    /**
     * For a refined model: the fingerprint of its base model, and the folder of the refined one when the index was
     * written.
     */
    refined: z.strictObject({ base: hash, folder: z.string() }).optional(),
  }),
  pictures: count,
  /** Names of banks; sections refer to them by position. */
  banks: z.array(z.string()),
  /** The file of approximate neighbours, for a gallery large enough to need one. */
  neighbours: z
    .strictObject({ file: z.string().regex(/^[\w-]+\.neighbours$/u), bytes: count, sha256: hash })
    .nullable(),
  sections: z.record(z.string(), z.strictObject({ start: count, bytes: count, sha256: hash })),
});

export type IndexDirectory = z.infer<typeof directorySchema>;

/** Bytes of each picture in the sections that have a fixed number of them. */
const PICTURE_BYTES: Readonly<Record<string, number>> = {
  ids: 8,
  idOrder: 4,
  nameEnds: 4,
  contents: 32,
  dimensions: 8,
  valence: 4,
  arousal: 4,
  valenceSd: 4,
  arousalSd: 4,
  unsafe: 4,
  banks: 4,
  groups: 4,
  fileBytes: 8,
  modifiedMs: 8,
  changedMs: 8,
  inodes: 8,
  deviations: 8,
  signatures: SIGNATURE_BYTES,
};

/** Head and directory of an index whose sections end at byte `end`, where the directory begins. */
export function encodeDirectory(contents: Omit<IndexDirectory, 'format' | 'formatVersion'>, end: number) {
  const directory = Buffer.from(
    JSON.stringify({ format: 'synesthete-index', formatVersion: INDEX_FORMAT_VERSION, ...contents }),
  );
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeBigUInt64LE(BigInt(end), 8);
  head.writeBigUInt64LE(BigInt(directory.length), 16);
  head.write(sha256(directory), 24, 'hex');
  return { head, directory };
}

/**
 * Reads the directory. Sections lie between head and directory without overlap and are as long as their pictures need,
 * so that nobody allocates more than the file holds, even for a file that was made with intent.
 * @throws SynestheteError BAD_INDEX
 */
export async function readDirectory(path: string, file: FileHandle): Promise<IndexDirectory> {
  const head = Buffer.alloc(HEAD_BYTES);
  const { size } = await file.stat();
  const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
  if (bytesRead < HEAD_BYTES || !head.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw damaged(path, 'it does not begin as an index does');
  }
  const start = Number(head.readBigUInt64LE(8));
  const bytes = Number(head.readBigUInt64LE(16));
  if (start < HEAD_BYTES || start + bytes !== size || bytes > MOST_DIRECTORY_BYTES) {
    throw damaged(path, 'it has another length');
  }
  const text = Buffer.alloc(bytes);
  await file.read(text, 0, bytes, start);
  if (sha256(text) !== head.toString('hex', 24, 56)) {
    throw damaged(path, 'the checksum of its directory is wrong');
  }
  const directory = parseDirectory(path, text.toString());
  checkPlaces(path, directory, start);
  return directory;
}

function parseDirectory(path: string, text: string): IndexDirectory {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(path, 'its directory is not JSON');
  }
  const directory = directorySchema.safeParse(json);
  if (directory.success) return directory.data;
  if ((json as { formatVersion?: unknown } | null)?.formatVersion === INDEX_FORMAT_VERSION) {
    throw damaged(path, `its directory has no usable ${directory.error.issues[0]!.path.join('.')}`);
  }
  throw new SynestheteError(
    'BAD_INDEX',
    `${path} is of another version of synesthete: run "synesthete index" on the gallery again`,
  );
}

function checkPlaces(path: string, { pictures, model, sections }: IndexDirectory, endBytes: number): void {
  const placed = Object.entries(sections).sort(([, a], [, b]) => a.start - b.start || a.bytes - b.bytes);
  let end = HEAD_BYTES;
  for (const [name, { start, bytes }] of placed) {
    if (start < end) throw damaged(path, `its section "${name}" overlaps another`);
    end = start + bytes;
    if (end > endBytes) throw damaged(path, `its section "${name}" lies outside the file`);
    const each = Object.hasOwn(PICTURE_BYTES, name) ? PICTURE_BYTES[name]! : undefined;
    const isFit =
      name === 'embeddings'
        ? isWhole(bytes, pictures)
        : name === 'vectors'
          ? bytes === pictures * model.width * Float32Array.BYTES_PER_ELEMENT
          : each === undefined || bytes === pictures * each;
    if (!isFit) throw damaged(path, `its section "${name}" does not have the length of ${pictures} pictures`);
  }
}

/** Whether so many bytes are the same number of float32 numbers for each picture. */
function isWhole(bytes: number, pictures: number): boolean {
  if (pictures === 0) return bytes === 0;
  return bytes > 0 && bytes % (pictures * Float32Array.BYTES_PER_ELEMENT) === 0;
}

export function damaged(path: string, how: string): SynestheteError {
  return new SynestheteError(
    'BAD_INDEX',
    `${path} is damaged (${how}): run "synesthete index" on the gallery again`,
  );
}
