import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { writeFailure } from '../../write-whole.ts';

/**
 * Lines of JSON that are in the file as soon as they are said. A training that goes on from a checkpoint cuts off what
 * was written after it and writes it again, so that no line is there twice or missing.
 */
export class Journal {
  readonly path: string;
  readonly #file: number;
  #bytes: number;

  /**
   * @param keepBytes how much of what is there already stays
   * @throws SynestheteError WRITE_FAILED
   */
  constructor(path: string, keepBytes: number) {
    this.path = path;
    try {
      this.#file = openSync(path, 'a');
      if (fstatSync(this.#file).isFile()) ftruncateSync(this.#file, keepBytes);
    } catch (error) {
      throw writeFailure(path, error);
    }
    this.#bytes = keepBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws SynestheteError WRITE_FAILED */
  write(line: Readonly<Record<string, unknown>>): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.#file, bytes, written);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
    this.#bytes += bytes.length;
  }

  close(): void {
    closeSync(this.#file);
  }
}
