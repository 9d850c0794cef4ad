import type { Mood, Ranking } from '../model/index.ts';
import { PLANE_RANKING } from '../model/index.ts';
import type { HandMood } from '../moods/index.ts';
import type { CorrectedPictures } from '../ranking/index.ts';
import { assertFinite } from './check-columns.ts';
import { contentOf, fileOf, idOf, readColumns, rowOfId, type Columns } from './columns.ts';
import { FileRows } from './file-rows.ts';
import { NO_HAND_LISTS, type HandList, type HandListName, type HandLists } from './hand-lists.ts';
import type { IndexReader } from './index-file.ts';
import { renditionPath } from './layout.ts';
import { NO_HAND, type ResolvedMoods } from './resolved-moods.ts';
import type { NeighboursPlace } from './search/index.ts';

/** A mood that a person has set in place of the predicted one. */
export interface CorrectedMood {
  /** The model's prediction for the picture. */
  readonly prediction: Mood;
  readonly hand: HandMood;
}

/** A picture of a gallery. Its mood is the one that a person set, else the predicted one. */
export interface Picture extends Mood {
  /** 16 hexadecimal digits. The same file keeps its id; with other content it is another picture. */
  readonly id: string;
  readonly row: number;
  /** Relative to the gallery, with '/' between folders. */
  readonly file: string;
  /** SHA-256 of the file, in hex. */
  readonly content: string;
  /** Its folder, relative to the gallery; null for pictures in the gallery's own. */
  readonly bank: string | null;
  /** Pixels, in display orientation. */
  readonly width: number;
  readonly height: number;
  /** Present when a person has corrected its mood. */
  readonly corrected?: CorrectedMood | undefined;
  /** Probability in [0, 1]. */
  readonly unsafe: number;
  /** Its probability is high, and no person has allowed it. */
  readonly isUnsafe: boolean;
  /** A person has hidden it: it is never shown. */
  readonly isHidden: boolean;
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
}

/** The contents of an index: the model's predictions. */
interface IndexParts {
  readonly banks: readonly string[];
  readonly columns: Columns;
  readonly vectors: Float32Array;
  readonly score: Ranking['score'];
  readonly neighbours: NeighboursPlace | null;
  /** The rows by file, made on first use. */
  readonly rows: () => FileRows;
  readonly options: SnapshotOptions;
}

/** The pictures of a gallery at one moment; immutable. */
export class Snapshot {
  readonly count: number;
  /** All folders with pictures in them or below them, relative to the gallery, in order. */
  readonly banks: readonly string[];
  /** The vectors of all pictures by the model's ranking, row-major [count, ranking.width]. */
  readonly vectors: Float32Array;
  /** [count], in [0, 1]: set by a person, else predicted. */
  readonly valence: Float32Array;
  readonly arousal: Float32Array;
  /** [count]: pictures with the same number are copies of each other. */
  readonly groups: Uint32Array;
  /** The graph of neighbours; null in galleries that don't need it. */
  readonly neighbours: NeighboursPlace | null;
  /** Corrected pictures whose vectors don't show the correction, for the ranking; null when there are none. */
  readonly corrected: CorrectedPictures | null;
  /** Rows of the table of moods that don't count, one line each. */
  readonly moodFaults: readonly string[];
  readonly #parts: IndexParts;
  readonly #hand: ResolvedMoods;
  /** What a person has allowed and hidden. */
  readonly lists: HandLists;
  /** Rows that a person has hidden. */
  readonly #hiddenRows: ReadonlySet<number>;

  private constructor(parts: IndexParts, hand: ResolvedMoods, lists: HandLists) {
    const { columns, banks, neighbours, vectors, score } = parts;
    this.count = columns.ids.length;
    this.banks = banks;
    this.neighbours = neighbours;
    this.groups = columns.groups;
    this.moodFaults = hand.faults;
    this.valence = correctedAxis(columns, hand, 'valence');
    this.arousal = correctedAxis(columns, hand, 'arousal');
    this.vectors = score === 'plane' ? this.#points(columns, hand, vectors) : vectors;
    this.corrected = score === 'plane' ? null : readingsOf(columns, hand);
    this.#parts = parts;
    this.#hand = hand;
    this.lists = lists;
    this.#hiddenRows = new Set(rowsOn(lists.hidden, columns));
  }

  /** @throws SynestheteError BAD_INDEX */
  static async read(
    reader: IndexReader,
    ranking: Pick<Ranking, 'width' | 'score'>,
    options: SnapshotOptions,
  ): Promise<Snapshot> {
    const { pictures, banks, neighbours } = reader.directory;
    const columns = await readColumns(reader);
    const vectors = new Float32Array(pictures * ranking.width);
    await reader.read('vectors', new Uint8Array(vectors.buffer));
    assertFinite(reader.path, { vectors });
    const { ids, idOrder } = columns;
    const place = neighbours && { folder: options.indexFolder, file: neighbours, ids, idOrder };
    let made: FileRows | undefined;
    const rows = (): FileRows => (made ??= new FileRows(Array.from(ids, (_, row) => fileOf(columns, row))));
    const parts = { banks, columns, vectors, score: ranking.score, neighbours: place, rows, options };
    return new Snapshot(parts, NO_HAND, NO_HAND_LISTS);
  }

  /**
   * The same pictures with other moods set by a person.
   *
   * A point of the plane becomes the corrected one. Its deviations stay the model's, so that a corrected picture moves
   * without an advantage: if it counted as certain, its expected distance would be the least of all pictures near it.
   * Embeddings and the vectors of a predictor hold more than a mood and have no axes for it: they stay, and `corrected`
   * lets the ranking change their scores (see `rank`).
   */
  withMoods(hand: ResolvedMoods): Snapshot {
    return new Snapshot(this.#parts, hand, this.lists);
  }

  /** The same pictures with others allowed and hidden by a person. */
  withLists(lists: HandLists): Snapshot {
    return new Snapshot(this.#parts, this.#hand, lists);
  }

  /** The rows by file. */
  get rows(): FileRows {
    return this.#parts.rows();
  }

  #points({ valenceSd, arousalSd }: Columns, { byRow }: ResolvedMoods, vectors: Float32Array): Float32Array {
    if (byRow.size === 0) return vectors;
    const points = vectors.slice();
    for (const row of byRow.keys()) {
      const point = PLANE_RANKING.pictureVector({
        valence: this.valence[row]!,
        arousal: this.arousal[row]!,
        valenceSd: valenceSd[row]!,
        arousalSd: arousalSd[row]!,
        embedding: NO_EMBEDDING,
      });
      points.set(point, row * PLANE_RANKING.width);
    }
    return points;
  }

  /** @returns undefined when there is no picture with that id */
  rowOf(id: string): number | undefined {
    return rowOfId(this.#parts.columns, id);
  }

  idOf(row: number): string {
    return idOf(this.#parts.columns, row);
  }

  isUnsafe(row: number): boolean {
    return this.#isMarked(row) && !this.lists.allowed.has(this.contentOf(row));
  }

  isHidden(row: number): boolean {
    return this.#hiddenRows.has(row);
  }

  /** Rows that a person has put on a list, in order. */
  rowsOnList(list: HandListName): readonly number[] {
    return list === 'hidden' ? [...this.#hiddenRows] : [...rowsOn(this.lists[list], this.#parts.columns)];
  }

  /** Rows that are unsafe, hidden or not, in order. */
  get unsafeRows(): readonly number[] {
    return Array.from({ length: this.count }, (_, row) => row).filter((row) => this.isUnsafe(row));
  }

  /** As the classifier says, in [0, 1]. */
  unsafeProbability(row: number): number {
    return this.#parts.columns.unsafe[row]!;
  }

  /** SHA-256 of the file, in hex. */
  contentOf(row: number): string {
    return contentOf(this.#parts.columns, row);
  }

  #isMarked(row: number): boolean {
    return this.#parts.columns.unsafe[row]! >= this.#parts.options.unsafeThreshold;
  }

  /** Pixels of the original. */
  pixelsOf(row: number): number {
    const { dimensions } = this.#parts.columns;
    return dimensions[2 * row]! * dimensions[2 * row + 1]!;
  }

  bankOf(row: number): string | null {
    return this.banks[this.#parts.columns.banks[row]!] ?? null;
  }

  /** @returns undefined when the mood is the model's */
  correctionOf(row: number): CorrectedMood | undefined {
    const hand = this.#hand.byRow.get(row);
    if (hand === undefined) return undefined;
    const { valence, arousal } = this.#parts.columns;
    return { prediction: { valence: valence[row]!, arousal: arousal[row]! }, hand };
  }

  picture(row: number): Picture {
    if (!(row >= 0 && row < this.count))
      throw new RangeError(`there is no picture ${row}: the gallery has ${this.count}`);
    const { dimensions, unsafe, groups } = this.#parts.columns;
    const content = contentOf(this.#parts.columns, row);
    return {
      id: this.idOf(row),
      row,
      file: fileOf(this.#parts.columns, row),
      content,
      bank: this.bankOf(row),
      width: dimensions[2 * row]!,
      height: dimensions[2 * row + 1]!,
      valence: this.valence[row]!,
      arousal: this.arousal[row]!,
      corrected: this.correctionOf(row),
      unsafe: unsafe[row]!,
      isUnsafe: this.isUnsafe(row),
      isHidden: this.isHidden(row),
      group: groups[row]!,
      rendition: renditionPath(this.#parts.options.indexFolder, 'renditions', content),
      thumbnail: renditionPath(this.#parts.options.indexFolder, 'thumbnails', content),
    };
  }

  /** @returns undefined when there is no picture with that id */
  pictureOf(id: string): Picture | undefined {
    const row = this.rowOf(id);
    return row === undefined ? undefined : this.picture(row);
  }
}

const NO_EMBEDDING = new Float32Array();

function* rowsOn(list: HandList, columns: Columns): Generator<number> {
  if (list.size === 0) return;
  for (const row of columns.ids.keys()) if (list.has(contentOf(columns, row))) yield row;
}

function correctedAxis(columns: Columns, { byRow }: ResolvedMoods, axis: keyof Mood): Float32Array {
  if (byRow.size === 0) return columns[axis];
  const values = columns[axis].slice();
  for (const [row, hand] of byRow) values[row] = hand[axis] ?? values[row]!;
  return values;
}

function readingsOf({ valence, arousal }: Columns, { byRow }: ResolvedMoods): CorrectedPictures | null {
  if (byRow.size === 0) return null;
  const rows = Uint32Array.from(byRow.keys()).sort();
  const predictions = new Float32Array(2 * rows.length);
  rows.forEach((row, i) => {
    predictions.set([valence[row]!, arousal[row]!], 2 * i);
  });
  return { rows, predictions };
}
