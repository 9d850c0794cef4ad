import type { Mood, Ranking } from '../serving/index.ts';
import { contentOf, fileOf, idOf, readColumns, rowOfId, type Columns } from './columns.ts';
import { damaged, type IndexReader } from './index-file.ts';
import { isWithin, renditionPath } from './layout.ts';
import { openNeighbours, type Neighbours } from './neighbours.ts';
import { selectRows, type Selection } from './selection.ts';
import { createVectorStore, type VectorStore } from './vectors.ts';

/** A picture of a gallery. */
export interface Picture extends Mood {
  /** 16 hexadecimal digits: the same file keeps it, and with another content is another picture. */
  readonly id: string;
  readonly row: number;
  /** Relative to the gallery, with '/' between folders. */
  readonly file: string;
  /** Its folder, relative to the gallery; null for pictures in the gallery's own. */
  readonly bank: string | null;
  /** Pixels, as it is seen. */
  readonly width: number;
  readonly height: number;
  /** Probability in [0, 1]. */
  readonly unsafe: number;
  readonly isUnsafe: boolean;
  /** Pictures with the same number are copies of each other, exact or near. */
  readonly group: number;
  /** Absolute path of a JPEG whose longest side is at most RENDITION_SIDE. */
  readonly rendition: string;
  /** Absolute path of a JPEG whose longest side is at most THUMBNAIL_SIDE. */
  readonly thumbnail: string;
}

/** What of a gallery may be shown. */
export interface SelectionOptions {
  /** Pictures of this bank, and of the folders in it, only. */
  readonly bank?: string | null;
  /** Ids of pictures that are never shown. Ids that the gallery doesn't have count for nothing. */
  readonly banned?: Iterable<string>;
}

export interface SnapshotOptions {
  readonly indexFolder: string;
  readonly allowUnsafe: boolean;
  readonly unsafeThreshold: number;
}

/** The pictures of a gallery at one moment, which never change. */
export class Snapshot {
  readonly count: number;
  /** All folders with pictures in them or below them, relative to the gallery, in order. */
  readonly banks: readonly string[];
  /** The vectors of all pictures by the model's ranking. */
  readonly store: VectorStore;
  /** [count], in [0, 1]. */
  readonly valence: Float32Array;
  readonly arousal: Float32Array;
  /** [count]: pictures with the same number are copies of each other. */
  readonly groups: Uint32Array;
  /** What finds neighbours fast; null in galleries that don't need it. */
  readonly neighbours: Neighbours | null;
  readonly #columns: Columns;
  readonly #options: SnapshotOptions;

  private constructor(
    banks: readonly string[],
    columns: Columns,
    store: VectorStore,
    neighbours: Neighbours | null,
    options: SnapshotOptions,
  ) {
    this.count = columns.ids.length;
    this.banks = banks;
    this.store = store;
    this.neighbours = neighbours;
    this.valence = columns.valence;
    this.arousal = columns.arousal;
    this.groups = columns.groups;
    this.#columns = columns;
    this.#options = options;
  }

  /** @throws SynestheteError BAD_INDEX, BROKEN_INSTALL */
  static async read(
    reader: IndexReader,
    ranking: Pick<Ranking, 'width'>,
    options: SnapshotOptions,
  ): Promise<Snapshot> {
    const { pictures, banks, neighbours } = reader.directory;
    const columns = await readColumns(reader);
    if (columns.ids.length !== pictures) throw damaged(reader.path, 'it lacks pictures');
    const store = await createVectorStore(pictures, ranking.width);
    const { vectors } = store;
    await reader.read('vectors', new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength));
    const opened = neighbours && (await openNeighbours(options.indexFolder, neighbours, columns.ids));
    return new Snapshot(banks, columns, store, opened, options);
  }

  /** @returns undefined when there is no picture with that id */
  rowOf(id: string): number | undefined {
    return rowOfId(this.#columns, id);
  }

  /** Like `rowOf`, for an id as a number. */
  rowOfKey(id: bigint): number | undefined {
    return rowOfId(this.#columns, id.toString(16).padStart(16, '0'));
  }

  idOf(row: number): string {
    return idOf(this.#columns, row);
  }

  isUnsafe(row: number): boolean {
    return this.#columns.unsafe[row]! >= this.#options.unsafeThreshold;
  }

  bankOf(row: number): string | null {
    return this.banks[this.#columns.banks[row]!] ?? null;
  }

  picture(row: number): Picture {
    if (!(row >= 0 && row < this.count)) throw new RangeError(`there is no picture ${row} of ${this.count}`);
    const { dimensions, valence, arousal, unsafe, groups } = this.#columns;
    const content = contentOf(this.#columns, row);
    return {
      id: this.idOf(row),
      row,
      file: fileOf(this.#columns, row),
      bank: this.bankOf(row),
      width: dimensions[2 * row]!,
      height: dimensions[2 * row + 1]!,
      valence: valence[row]!,
      arousal: arousal[row]!,
      unsafe: unsafe[row]!,
      isUnsafe: this.isUnsafe(row),
      group: groups[row]!,
      rendition: renditionPath(this.#options.indexFolder, 'renditions', content),
      thumbnail: renditionPath(this.#options.indexFolder, 'thumbnails', content),
    };
  }

  /** @returns undefined when there is no picture with that id */
  pictureOf(id: string): Picture | undefined {
    const row = this.rowOf(id);
    return row === undefined ? undefined : this.picture(row);
  }

  /**
   * Which pictures may be shown: those of a bank, without the banned ones and, unless they were allowed when the gallery
   * was opened, without the unsafe ones. To be made once for each change, not for each search.
   */
  select({ bank = null, banned = [] }: SelectionOptions = {}): Selection {
    const isInBank = this.banks.map((name) => bank !== null && isWithin(name, bank));
    const bannedRows = new Set<number>();
    for (const id of banned) {
      const row = this.rowOf(id);
      if (row !== undefined) bannedRows.add(row);
    }
    const { banks } = this.#columns;
    return selectRows(
      this.count,
      (row) =>
        (bank === null || isInBank[banks[row]!] === true) &&
        !bannedRows.has(row) &&
        (this.#options.allowUnsafe || !this.isUnsafe(row)),
    );
  }
}
