import type { Mood, Ranking } from '../serving/index.ts';
import type { AllowedPictures } from './allowed.ts';
import { contentOf, fileOf, idOf, readColumns, rowOfId, type Columns } from './columns.ts';
import { damaged, type IndexReader } from './index-file.ts';
import { renditionPath } from './layout.ts';
import type { NeighboursPlace } from './neighbours.ts';

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

export interface SnapshotOptions {
  readonly indexFolder: string;
  readonly unsafeThreshold: number;
  /** Pictures that are not unsafe whatever their probability. */
  readonly allowed: AllowedPictures;
}

/** The pictures of a gallery at one moment, which never change. */
export class Snapshot {
  readonly count: number;
  /** All folders with pictures in them or below them, relative to the gallery, in order. */
  readonly banks: readonly string[];
  /** The vectors of all pictures by the model's ranking, row-major [count, ranking.width]. */
  readonly vectors: Float32Array;
  /** [count], in [0, 1]. */
  readonly valence: Float32Array;
  readonly arousal: Float32Array;
  /** [count]: pictures with the same number are copies of each other. */
  readonly groups: Uint32Array;
  /** The graph that finds neighbours fast; null in galleries that don't need it. */
  readonly neighbours: NeighboursPlace | null;
  readonly #columns: Columns;
  readonly #options: SnapshotOptions;

  private constructor(
    banks: readonly string[],
    columns: Columns,
    vectors: Float32Array,
    neighbours: NeighboursPlace | null,
    options: SnapshotOptions,
  ) {
    this.count = columns.ids.length;
    this.banks = banks;
    this.vectors = vectors;
    this.neighbours = neighbours;
    this.valence = columns.valence;
    this.arousal = columns.arousal;
    this.groups = columns.groups;
    this.#columns = columns;
    this.#options = options;
  }

  /** @throws SynestheteError BAD_INDEX */
  static async read(
    reader: IndexReader,
    ranking: Pick<Ranking, 'width'>,
    options: SnapshotOptions,
  ): Promise<Snapshot> {
    const { pictures, banks, neighbours } = reader.directory;
    const columns = await readColumns(reader);
    if (columns.ids.length !== pictures) throw damaged(reader.path, 'it lacks pictures');
    const vectors = new Float32Array(pictures * ranking.width);
    await reader.read('vectors', new Uint8Array(vectors.buffer));
    const { ids, idOrder } = columns;
    const place = neighbours && { folder: options.indexFolder, file: neighbours, ids, idOrder };
    return new Snapshot(banks, columns, vectors, place, options);
  }

  /** @returns undefined when there is no picture with that id */
  rowOf(id: string): number | undefined {
    return rowOfId(this.#columns, id);
  }

  idOf(row: number): string {
    return idOf(this.#columns, row);
  }

  isUnsafe(row: number): boolean {
    const { unsafeThreshold, allowed } = this.#options;
    return this.#columns.unsafe[row]! >= unsafeThreshold && !allowed.has(contentOf(this.#columns, row));
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
}
