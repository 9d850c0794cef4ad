import {
  createVectorStore,
  openNeighbours,
  type Neighbours,
  type NeighboursPlace,
  type VectorStore,
} from '../gallery/search/index.ts';

/** Pictures whose moods a person has corrected; their vectors are unchanged. */
export interface CorrectedPictures {
  /** Ascending. */
  readonly rows: Uint32Array;
  /** Valence and arousal of each as the model predicts them: row-major [rows.length, 2]. */
  readonly predictions: Float32Array;
}

/** The pictures of a gallery as they are compared with music. Row i of each array is picture i. */
export interface RankedPictures {
  readonly count: number;
  /** What the model's ranking compares: row-major [count, ranking.width]. */
  readonly vectors: Float32Array;
  /** Valence and arousal of each picture, corrected where a person did so: row-major [count, 2]. */
  readonly moods: Float32Array;
  /** Pictures whose vectors don't hold their corrected moods; none when the vectors are points of the plane. */
  readonly corrected?: CorrectedPictures | null;
  /** Where the graph of neighbours lies, for a gallery too large to compare picture by picture. */
  readonly neighbours?: NeighboursPlace | null;
}

/** The pictures as the analysis holds them. */
export interface LoadedPictures extends Omit<RankedPictures, 'neighbours'> {
  /** The scores of a ranking of embeddings, several times as fast. */
  readonly innerProducts?: VectorStore['innerProducts'];
  readonly neighbours?: Neighbours | null;
}

/**
 * Allocates arrays for pictures whose numbers arrive in parts.
 * @param width numbers a vector
 */
export async function allocatePictures(count: number, width: number) {
  const store = await createVectorStore(count, width);
  const moods = new Float32Array(2 * count);
  return {
    vectors: store.vectors,
    moods,
    /** Call this when all numbers are in place. Rejects with BAD_INDEX or BROKEN_INSTALL where the graph can't be opened. */
    async load(
      neighbours: NeighboursPlace | null,
      corrected: CorrectedPictures | null = null,
    ): Promise<LoadedPictures> {
      return {
        count,
        vectors: store.vectors,
        moods,
        corrected,
        innerProducts: (query, products, from, to) => {
          store.innerProducts(query, products, from, to);
        },
        neighbours: neighbours && (await openNeighbours(neighbours)),
      };
    },
  };
}

export type PictureAllocation = Awaited<ReturnType<typeof allocatePictures>>;

/** A picture with its score for the music. */
export interface RankedPicture {
  /** Its row among the RankedPictures. */
  readonly index: number;
  /** The model's score: the higher, the better it fits. Comparable within one match only. */
  readonly score: number;
  /**
   * The score on a scale that is the same for every model and every moment: 1 is the best of all allowed pictures, 0
   * is as good as a blind choice (the mean of the allowed ones), below 0 is worse.
   */
  readonly fit: number;
}
