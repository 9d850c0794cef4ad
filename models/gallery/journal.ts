import { open, rm, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { writeFailure } from '../write-whole.ts';
import { SIGNATURE_BYTES } from './signature.ts';

/** The results of a run for the content of one file. */
export interface Finding {
  /** SHA-256 of the file, in hex. */
  readonly content: string;
  /** Pixels, in display orientation. */
  readonly width: number;
  readonly height: number;
  readonly valence: number;
  readonly arousal: number;
  /** Standard deviations of the errors of valence and arousal. */
  readonly valenceSd: number;
  readonly arousalSd: number;
  readonly unsafe: number;
  /** Deviation of its colours: see visible.ts. */
  readonly deviation: number;
  /** See signature.ts. */
  readonly signature: Uint8Array;
  readonly embedding: Float32Array;
}

/** Where in the journal's file an embedding lies. */
export interface JournalPlace {
  readonly startByte: number;
  readonly bytes: number;
}

/** A finding without its embedding, which stays on the disk. */
export type FindingSummary = Omit<Finding, 'embedding'>;

/** A file as it was when its content was read. */
export interface SeenFile {
  /** Relative to the gallery, with '/' between folders. */
  readonly file: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
  /**
   * When the system noted the last change of content, name or rights: programs can set `modifiedMs` back, but not this.
   * Milliseconds since 1970.
   */
  readonly changedMs: number;
  /** The file's number on its disk: another file under the same name has another. */
  readonly inode: number;
}

/** Whether a file is as it was: then its content need not be read. */
export function isUnchanged(before: SeenFile | undefined, now: SeenFile): boolean {
  return (
    before?.bytes === now.bytes &&
    before.modifiedMs === now.modifiedMs &&
    before.changedMs === now.changedMs &&
    before.inode === now.inode
  );
}

/** Of a larger object only what was seen of the file. */
export function seenOf({ file, bytes, modifiedMs, changedMs, inode }: SeenFile): SeenFile {
  return { file, bytes, modifiedMs, changedMs, inode };
}

const recordSchema = z.object({
  seen: z.object({
    file: z.string(),
    bytes: z.number(),
    modifiedMs: z.number(),
    changedMs: z.number(),
    inode: z.number(),
  }),
  content: z.string(),
  /** Absent when the content was known before. */
  finding: z
    .object({
      width: z.int(),
      height: z.int(),
      valence: z.number(),
      arousal: z.number(),
      valenceSd: z.number(),
      arousalSd: z.number(),
      unsafe: z.number(),
      deviation: z.number(),
      signatureBytes: z.int(),
    })
    .optional(),
});
type JournalRecord = z.infer<typeof recordSchema>;

const MAGIC = Buffer.from('SYNJOURN');
/** Checksum (CRC-32 of all that follows), length of the record's rest, length of its JSON. */
const RECORD_HEAD_BYTES = 12;
const MOST_RECORD_BYTES = 1 << 20;

/**
 * The work of a run so far, appended record by record, so that the next run continues where a killed one ended. A
 * truncated record, and everything after it, counts as not done.
 */
export class Journal {
  readonly path: string;
  /** Findings by content. */
  readonly found = new Map<string, FindingSummary & { readonly embeddingPlace: JournalPlace }>();
  /** The files that were read, by name. */
  readonly seen = new Map<string, SeenFile & { readonly content: string }>();
  readonly #file: FileHandle;
  #end = 0;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /**
   * @param purpose everything besides the content that the findings depend on; a journal with another purpose is
   *   emptied
   * @throws SynestheteError WRITE_FAILED
   */
  static async open(path: string, purpose: string): Promise<Journal> {
    try {
      const journal = new Journal(path, await open(path, 'a+').then(reopen(path)));
      try {
        await journal.#recover(purpose);
        return journal;
      } catch (error) {
        await journal.close();
        throw error;
      }
    } catch (error) {
      throw writeFailure(path, error);
    }
  }

  async #recover(purpose: string): Promise<void> {
    const head = Buffer.concat([MAGIC, Buffer.from(`${purpose}\n`)]);
    const { size } = await this.#file.stat();
    const begun = await this.#readAt(0, head.length);
    if (begun?.equals(head) === true) {
      this.#end = head.length;
      while (await this.#recoverRecord(size));
      await this.#file.truncate(this.#end);
    } else {
      await this.#file.truncate(0);
      await this.#append(head);
    }
  }

  async #recoverRecord(size: number): Promise<boolean> {
    const at = this.#end;
    const head = await this.#readAt(at, RECORD_HEAD_BYTES);
    if (head === undefined) return false;
    const length = head.readUInt32LE(4);
    const jsonLength = head.readUInt32LE(8);
    if (length > MOST_RECORD_BYTES || jsonLength > length || at + RECORD_HEAD_BYTES + length > size)
      return false;
    const rest = await this.#readAt(at + RECORD_HEAD_BYTES, length);
    if (rest === undefined) return false;
    if (crc32(rest, crc32(head.subarray(4))) !== head.readUInt32LE(0)) return false;
    const record = parseRecord(rest.toString('utf8', 0, jsonLength), length - jsonLength);
    if (record === undefined) return false;
    this.#take(record, rest.subarray(jsonLength), at + RECORD_HEAD_BYTES + jsonLength);
    this.#end = at + RECORD_HEAD_BYTES + length;
    return true;
  }

  #take({ seen, content, finding }: JournalRecord, numbers: Uint8Array, numbersAt: number): void {
    this.seen.set(seen.file, { ...seen, content });
    if (finding === undefined) return;
    const { signatureBytes, ...summary } = finding;
    this.found.set(content, {
      ...summary,
      content,
      signature: Uint8Array.from(numbers.subarray(0, signatureBytes)),
      embeddingPlace: { startByte: numbersAt + signatureBytes, bytes: numbers.length - signatureBytes },
    });
  }

  /**
   * @param finding not needed for content that is known already
   * @throws SynestheteError WRITE_FAILED
   */
  async add(seen: SeenFile, content: string, finding?: Finding): Promise<void> {
    const record: JournalRecord = { seen, content };
    let numbers = Buffer.alloc(0);
    if (finding !== undefined) {
      const { signature, embedding } = finding;
      const { width, height, valence, arousal, valenceSd, arousalSd, unsafe, deviation } = finding;
      const mood = { valence, arousal, valenceSd, arousalSd };
      record.finding = { width, height, ...mood, unsafe, deviation, signatureBytes: signature.length };
      numbers = Buffer.concat([
        signature,
        new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength),
      ]);
    }
    const json = Buffer.from(JSON.stringify(record));
    const bytes = Buffer.concat([Buffer.alloc(RECORD_HEAD_BYTES), json, numbers]);
    bytes.writeUInt32LE(bytes.length - RECORD_HEAD_BYTES, 4);
    bytes.writeUInt32LE(json.length, 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
    const numbersAt = this.#end + RECORD_HEAD_BYTES + json.length;
    try {
      await this.#append(bytes);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
    this.#take(record, numbers, numbersAt);
  }

  /** The embedding of a finding, as bytes. */
  async embedding({ startByte, bytes }: JournalPlace): Promise<Uint8Array> {
    const found = await this.#readAt(startByte, bytes);
    if (found === undefined) throw writeFailure(this.path, new Error('it was cut off by another program'));
    return found;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const rest = bytes.length - done;
      done += (await this.#file.write(bytes, done, rest, this.#end + done)).bytesWritten;
    }
    this.#end += bytes.length;
  }

  async #readAt(at: number, bytes: number): Promise<Buffer | undefined> {
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(bytes), 0, bytes, at);
    return bytesRead === bytes ? buffer : undefined;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Call this when the index holds everything that the journal does. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
  }
}

/** @returns undefined for what no journal holds: a record of other numbers than its finding has, or no record */
function parseRecord(text: string, numberBytes: number): JournalRecord | undefined {
  try {
    const record = recordSchema.parse(JSON.parse(text));
    if (record.finding === undefined) return record;
    const embeddingBytes = numberBytes - record.finding.signatureBytes;
    const isWhole = embeddingBytes > 0 && embeddingBytes % Float32Array.BYTES_PER_ELEMENT === 0;
    return isWhole && record.finding.signatureBytes === SIGNATURE_BYTES ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Opening for appending creates the file; writing at a position needs it opened for reading and writing. */
function reopen(path: string): (file: FileHandle) => Promise<FileHandle> {
  return async (file) => {
    await file.close();
    return open(path, 'r+');
  };
}
