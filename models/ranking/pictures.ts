import {
  createVectorStore,
  openNeighbours,
  type Neighbours,
  type NeighboursPlace,
  type VectorStore,
} from '../gallery/search/index.ts';

/** Pictures whose moods a hand has corrected, but not their vectors. */
export interface CorrectedPictures {
  /** Ascending. */
  readonly rows: Uint32Array;
  /** Valence and arousal of each as the model reads it: row-major [rows.length, 2]. */
  readonly predictions: Float32Array;
}

/** The pictures of a gallery in the form in which they are compared with music. Row i of each array is picture i. */
export interface RankedPictures {
  readonly count: number;
  /** What the model's ranking compares: row-major [count, ranking.width]. */
  readonly vectors: Float32Array;
  /** Valence and arousal of each picture, the hand's where there are such: row-major [count, 2]. */
  readonly moods: Float32Array;
  /** Those whose vectors don't tell their moods; of points of the plane there are none. */
  readonly corrected?: CorrectedPictures | null;
  /** Where the graph of a gallery lies that is too large to be compared picture by picture. */
  readonly neighbours?: NeighboursPlace | null;
}

/** The same as the analysis holds them. */
export interface LoadedPictures extends Omit<RankedPictures, 'neighbours'> {
  /** As the scores of a ranking of embeddings, and several times as fast. */
  readonly innerProducts?: VectorStore['innerProducts'];
  readonly neighbours?: Neighbours | null;
}

/**
 * Room for pictures whose numbers come in parts.
 * @param width numbers in a vector
 */
export async function allocatePictures(count: number, width: number) {
  const store = await createVectorStore(count, width);
  const moods = new Float32Array(2 * count);
  return {
    vectors: store.vectors,
    moods,
    /** When all have come. Rejects with BAD_INDEX or BROKEN_INSTALL where the graph can't be opened. */
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

/** A picture as music ranks it. */
export interface RankedPicture {
  /** Its row among the RankedPictures. */
  readonly index: number;
  /** The model's score: the higher, the better it fits. Comparable within one match only. */
  readonly score: number;
  /**
   * The score on a scale that is the same for every model and every moment: 1 is the best of all allowed pictures, 0
   * is as good as one chosen blindly (the mean of the allowed ones), below 0 is worse than that.
   */
  readonly fit: number;
}
