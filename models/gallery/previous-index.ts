import { SynestheteError } from '../errors.ts';
import type { IndexDirectory } from './index-directory.ts';
import { IndexReader } from './index-file.ts';
import { contentOf, fileOf, idOf, readColumns, readFileColumns } from './columns.ts';
import type { Entry, PreviousEntry } from './entries.ts';
import { CONTENT_NAME_DIGITS } from './layout.ts';
import { SIGNATURE_BYTES } from './signature.ts';

/** The index that a run updates; empty when there is none. */
export class PreviousIndex {
  readonly directory: IndexDirectory | undefined;
  readonly entries: readonly (Entry & PreviousEntry)[];
  readonly #reader: IndexReader | undefined;
  readonly #byFile: ReadonlyMap<string, Entry & PreviousEntry>;
  readonly #byContent: ReadonlyMap<string, Entry>;
  readonly #contentNames: ReadonlySet<string>;

  private constructor(reader: IndexReader | undefined, entries: readonly (Entry & PreviousEntry)[]) {
    this.#reader = reader;
    this.directory = reader?.directory;
    this.entries = entries;
    this.#byFile = new Map(entries.map((entry) => [entry.file, entry]));
    this.#byContent = new Map(entries.map((entry) => [entry.content, entry]));
    this.#contentNames = new Set(entries.map(({ content }) => content.slice(0, CONTENT_NAME_DIGITS)));
  }

  /** Ignores an index that is damaged or of another version, with a notice. */
  static async open(path: string, notice?: (line: string) => void): Promise<PreviousIndex> {
    let reader: IndexReader | undefined;
    try {
      reader = await IndexReader.open(path);
      const entries = await readEntries(reader);
      for (const section of ['embeddings', 'vectors']) await reader.checkNumbers(section);
      return new PreviousIndex(reader, entries);
    } catch (error) {
      await reader?.close();
      if (!(error instanceof SynestheteError)) throw error;
      if (error.code !== 'FILE_NOT_FOUND') {
        notice?.(`${error.message.replace(/: run "synesthete index".*/u, '')}: it is rebuilt`);
      }
      return new PreviousIndex(undefined, []);
    }
  }

  byFile(file: string): (Entry & PreviousEntry) | undefined {
    return this.#byFile.get(file);
  }

  byContent(content: string): Entry | undefined {
    return this.#byContent.get(content);
  }

  /** The pictures in a folder and in the folders below it. */
  below(folder: string): Entry[] {
    return this.entries.filter(({ file }) => file.startsWith(`${folder}/`));
  }

  hasContentName(name: string): boolean {
    return this.#contentNames.has(name);
  }

  embedding(row: number): Promise<Uint8Array> {
    const { pictures, sections } = this.#reader!.directory;
    const bytes = sections['embeddings']!.bytes / pictures;
    return this.#reader!.slice('embeddings', row * bytes, bytes);
  }

  /** The embedding of a row as numbers. */
  async embeddingNumbers(row: number): Promise<Float32Array> {
    // A copy, because a Float32Array needs an aligned buffer.
    return new Float32Array(Uint8Array.from(await this.embedding(row)).buffer);
  }

  vector(row: number, bytes: number): Promise<Uint8Array> {
    return this.#reader!.slice('vectors', row * bytes, bytes);
  }

  async close(): Promise<void> {
    await this.#reader?.close();
  }
}

async function readEntries(reader: IndexReader): Promise<(Entry & PreviousEntry)[]> {
  const columns = await readColumns(reader);
  const { fileBytes, modifiedMs, changedMs, inodes, deviations, signatures } = await readFileColumns(reader);
  return Array.from({ length: reader.directory.pictures }, (_, row) => ({
    id: idOf(columns, row),
    file: fileOf(columns, row),
    bytes: fileBytes[row]!,
    modifiedMs: modifiedMs[row]!,
    changedMs: changedMs[row]!,
    inode: inodes[row]!,
    deviation: deviations[row]!,
    content: contentOf(columns, row),
    width: columns.dimensions[2 * row]!,
    height: columns.dimensions[2 * row + 1]!,
    valence: columns.valence[row]!,
    arousal: columns.arousal[row]!,
    valenceSd: columns.valenceSd[row]!,
    arousalSd: columns.arousalSd[row]!,
    unsafe: columns.unsafe[row]!,
    signature: signatures.subarray(row * SIGNATURE_BYTES, (row + 1) * SIGNATURE_BYTES),
    embedding: { row },
  }));
}
