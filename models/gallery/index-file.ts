import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { sha256 } from '../checksum.ts';
import { SynestheteError } from '../errors.ts';
import { openFile } from '../read-file.ts';
import { writeFailure } from '../write-whole.ts';

/**
 * An index is one file: a head of 64 bytes (8 of magic, the directory's place and length as 64-bit numbers, the
 * directory's SHA-256), the sections, each on a boundary of 64 bytes, and the directory, which is JSON and has place,
 * length and SHA-256 of every section. Numbers are little-endian. Checksums are verified before anything is used.
 */
const MAGIC = Buffer.from('SYNINDEX');
const HEAD_BYTES = 64;
const ALIGNMENT = 64;
const MOST_DIRECTORY_BYTES = 64 * 2 ** 20;
/** Bytes hashed between two turns of the event loop. */
const PIECE_BYTES = 1 << 20;

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
  neighbours: z.strictObject({ file: z.string().regex(/^[\w.-]+$/u), bytes: count, sha256: hash }).nullable(),
  sections: z.record(z.string(), z.strictObject({ start: count, bytes: count, sha256: hash })),
});

export type IndexDirectory = z.infer<typeof directorySchema>;
/** The directory as its writer gives it, before places and checksums are added. */
export type IndexFacts = Omit<IndexDirectory, 'format' | 'formatVersion' | 'sections'>;

export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Writes a whole index beside its final place, forces it to the disk, and renames it: a reader finds the old index or
 * the complete new one.
 * @param sections in the order in which they are written
 * @throws SynestheteError WRITE_FAILED, with nothing left behind
 */
export async function writeIndex(
  path: string,
  facts: IndexFacts,
  sections: Iterable<readonly [name: string, content: Chunks]>,
): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    const file = await open(beside, 'wx');
    try {
      await writeSections(file, facts, sections);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw writeFailure(path, error);
  }
}

async function writeSections(
  file: FileHandle,
  facts: IndexFacts,
  sections: Iterable<readonly [name: string, content: Chunks]>,
): Promise<void> {
  let end = HEAD_BYTES;
  const places: IndexDirectory['sections'] = {};
  for (const [name, content] of sections) {
    const start = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = start;
    const digest = createHash('sha256');
    for await (const chunk of content) {
      digest.update(chunk);
      await writeAll(file, chunk, end);
      end += chunk.byteLength;
    }
    places[name] = { start, bytes: end - start, sha256: digest.digest('hex') };
  }
  const directory = Buffer.from(
    JSON.stringify({
      format: 'synesthete-index',
      formatVersion: INDEX_FORMAT_VERSION,
      ...facts,
      sections: places,
    }),
  );
  await writeAll(file, directory, end);
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeBigUInt64LE(BigInt(end), 8);
  head.writeBigUInt64LE(BigInt(directory.length), 16);
  head.write(sha256(directory), 24, 'hex');
  await writeAll(file, head, 0);
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const piece = bytes.subarray(done, done + PIECE_BYTES);
    done += (await file.write(piece, 0, piece.byteLength, position + done)).bytesWritten;
  }
}

/** An open index. Its directory and every section that it returns have been verified. */
export class IndexReader {
  readonly path: string;
  readonly directory: IndexDirectory;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle, directory: IndexDirectory) {
    this.path = path;
    this.#file = file;
    this.directory = directory;
  }

  /** @throws SynestheteError BAD_INDEX when it is damaged; FILE_NOT_FOUND, NOT_A_FILE */
  static async open(path: string): Promise<IndexReader> {
    const file = await openFile(path);
    try {
      return new IndexReader(path, file, await readDirectory(path, file));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return name in this.directory.sections;
  }

  /**
   * All bytes of a section.
   * @param into array of the section's length to fill; by default a new one
   * @throws SynestheteError BAD_INDEX when the checksum is wrong
   */
  async read(name: string, into?: Uint8Array): Promise<Uint8Array> {
    const place = this.#placeOf(name);
    const bytes = into ?? new Uint8Array(place.bytes);
    if (bytes.byteLength !== place.bytes)
      throw damaged(this.path, `its section "${name}" has another length`);
    const digest = createHash('sha256');
    for (let done = 0; done < place.bytes;) {
      const wanted = Math.min(PIECE_BYTES, place.bytes - done);
      const { bytesRead } = await this.#file.read(bytes, done, wanted, place.start + done);
      if (bytesRead === 0) throw damaged(this.path, 'it ends too early');
      digest.update(bytes.subarray(done, done + bytesRead));
      done += bytesRead;
    }
    if (digest.digest('hex') !== place.sha256) {
      throw damaged(this.path, `the checksum of its section "${name}" is wrong`);
    }
    return bytes;
  }

  /** Verifies a section without keeping its bytes, before single rows are read. */
  async check(name: string): Promise<void> {
    const place = this.#placeOf(name);
    const digest = createHash('sha256');
    const piece = Buffer.alloc(PIECE_BYTES);
    for (let done = 0; done < place.bytes;) {
      const wanted = Math.min(PIECE_BYTES, place.bytes - done);
      const { bytesRead } = await this.#file.read(piece, 0, wanted, place.start + done);
      if (bytesRead === 0) throw damaged(this.path, 'it ends too early');
      digest.update(piece.subarray(0, bytesRead));
      done += bytesRead;
    }
    if (digest.digest('hex') !== place.sha256) {
      throw damaged(this.path, `the checksum of its section "${name}" is wrong`);
    }
  }

  /** Part of a section that was verified before. */
  async slice(name: string, start: number, bytes: number): Promise<Uint8Array> {
    const { buffer, bytesRead } = await this.#file.read(
      Buffer.alloc(bytes),
      0,
      bytes,
      this.#placeOf(name).start + start,
    );
    if (bytesRead !== bytes) throw damaged(this.path, 'it ends too early');
    return buffer;
  }

  #placeOf(name: string) {
    const place = this.directory.sections[name];
    if (place === undefined) throw damaged(this.path, `it has no section "${name}"`);
    return place;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function readDirectory(path: string, file: FileHandle): Promise<IndexDirectory> {
  const head = Buffer.alloc(HEAD_BYTES);
  const { size } = await file.stat();
  const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
  if (bytesRead < HEAD_BYTES || !head.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw damaged(path, 'it does not begin as an index does');
  }
  const start = Number(head.readBigUInt64LE(8));
  const bytes = Number(head.readBigUInt64LE(16));
  if (start + bytes !== size || bytes > MOST_DIRECTORY_BYTES) throw damaged(path, 'it has another length');
  const text = Buffer.alloc(bytes);
  await file.read(text, 0, bytes, start);
  if (sha256(text) !== head.toString('hex', 24, 56)) {
    throw damaged(path, 'the checksum of its directory is wrong');
  }
  const directory = directorySchema.safeParse(JSON.parse(text.toString()));
  if (directory.success) return directory.data;
  throw new SynestheteError(
    'BAD_INDEX',
    `${path} is of another version of synesthete: run "synesthete index" on the gallery again`,
  );
}

export function damaged(path: string, how: string): SynestheteError {
  return new SynestheteError(
    'BAD_INDEX',
    `${path} is damaged (${how}): run "synesthete index" on the gallery again`,
  );
}
