import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { writeFailure } from '../../write-whole.ts';

/**
 * Lines of JSON that are in the file as soon as they are said. A training that goes on from a checkpoint cuts off what
 * was written after it and writes it again, so that no line is there twice or missing. The file is made with its first
 * line.
 */
export class Journal {
  readonly path: string;
  #file: number | undefined;
  #bytes: number;

  /**
   * @param keepBytes how much of what is there already stays
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
