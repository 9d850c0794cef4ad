import { createHash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { openFile } from '../read-file.ts';
import { temporaryBeside } from '../temporary.ts';
import { writeFailure } from '../write-whole.ts';
import { assertFinite } from './check-columns.ts';
import {
  ALIGNMENT,
  damaged,
  encodeDirectory,
  HEAD_BYTES,
  readDirectory,
  type IndexDirectory,
} from './index-directory.ts';

/** Bytes hashed between two turns of the event loop. */
const PIECE_BYTES = 1 << 20;

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
  const beside = await temporaryBeside(path);
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
  const { head, directory } = encodeDirectory({ ...facts, sections: places }, end);
  await writeAll(file, directory, end);
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
    return Object.hasOwn(this.directory.sections, name);
  }

  /**
   * All bytes of a section.
   * @param into array of the section's length to fill; by default a new one
   * @throws SynestheteError BAD_INDEX when the checksum is wrong
   */
  async read(name: string, into?: Uint8Array): Promise<Uint8Array> {
    const { bytes } = this.#placeOf(name);
    const all = into ?? new Uint8Array(bytes);
    if (all.byteLength !== bytes) throw damaged(this.path, `its section "${name}" has another length`);
    let done = 0;
    for await (const piece of this.#pieces(name)) {
      all.set(piece, done);
      done += piece.length;
    }
    return all;
  }

  /**
   * Verifies a section of float32 numbers without keeping them, before single rows are read.
   * @throws SynestheteError BAD_INDEX when the checksum is wrong or a number is not finite
   */
  async checkNumbers(name: string): Promise<void> {
    for await (const piece of this.#pieces(name)) {
      assertFinite(this.path, { [name]: new Float32Array(piece.buffer, piece.byteOffset, piece.length / 4) });
    }
  }

  /** The bytes of a section, whose checksum is verified after the last piece. A piece is valid until the next one. */
  async *#pieces(name: string): AsyncGenerator<Uint8Array, void, undefined> {
    const place = this.#placeOf(name);
    const digest = createHash('sha256');
    const buffer = Buffer.from(new ArrayBuffer(Math.min(PIECE_BYTES, place.bytes)));
    for (let done = 0; done < place.bytes; done += PIECE_BYTES) {
      const wanted = Math.min(PIECE_BYTES, place.bytes - done);
      const { bytesRead } = await this.#file.read(buffer, 0, wanted, place.start + done);
      if (bytesRead !== wanted) throw damaged(this.path, 'it ends too early');
      const piece = buffer.subarray(0, wanted);
      digest.update(piece);
      yield piece;
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
    if (!this.has(name)) throw damaged(this.path, `it has no section "${name}"`);
    return this.directory.sections[name]!;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
