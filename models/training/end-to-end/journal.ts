import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { writeFailure } from '../../write-whole.ts';

/**
 * Lines of JSON, written to the file at once. A training resumed from a checkpoint cuts off the lines after it and
 * writes them again, so that no line is missing or repeated. The first line creates the file.
 */
export class Journal {
  readonly path: string;
  #file: number | undefined;
  #bytes: number;

  /**
   * @param keepBytes bytes of the existing file to keep
   * @throws SynestheteError WRITE_FAILED
   */
  constructor(path: string, keepBytes: number) {
    this.path = path;
    this.#bytes = keepBytes;
    if (existsSync(path)) this.#open();
  }

  #open(): number {
    try {
      const file = openSync(this.path, 'a');
      this.#file = file;
      if (fstatSync(file).isFile()) ftruncateSync(file, this.#bytes);
      return file;
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws SynestheteError WRITE_FAILED */
  write(line: Readonly<Record<string, unknown>>): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    const file = this.#file ?? this.#open();
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
    this.#bytes += bytes.length;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
