import type { PairScorer } from '../networks/index.ts';
import { nearnesses, POINT_WIDTH } from './expected-distance.ts';
import type { Ranking, Prediction } from './model.ts';

function innerProducts(width: number) {
  return (
    vectors: Float32Array,
    query: Float32Array,
    out: Float32Array = new Float32Array(vectors.length / width),
  ): Float32Array => {
    for (let i = 0; i < out.length; i++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += vectors[i * width + k]! * query[k]!;
      out[i] = sum;
    }
    return out;
  };
}

/** −|p − c|² of two vectors, up to a term of the clip alone, as an inner product of vectors with one more number. */
function nearness(width: number) {
  return {
    width: width + 1,
    picture(p: ArrayLike<number>): Float32Array {
      const vector = new Float32Array(width + 1);
      let square = 0;
      for (let i = 0; i < width; i++) {
        vector[i] = 2 * p[i]!;
        square += p[i]! ** 2;
      }
      vector[width] = -square;
      return vector;
    },
    query(c: ArrayLike<number>): Float32Array {
      const vector = new Float32Array(width + 1).fill(1);
      for (let i = 0; i < width; i++) vector[i] = c[i]!;
      return vector;
    },
    scores: innerProducts(width + 1),
  };
}

function pointOf({ valence, arousal, valenceSd, arousalSd }: Prediction): Float32Array {
  return Float32Array.of(valence, arousal, valenceSd ** 2, arousalSd ** 2);
}

/** The smaller the expected distance of the two points of the plane, the better; scores are −distance. */
export const PLANE_RANKING: Ranking = {
  score: 'plane',
  width: POINT_WIDTH,
  pictureVector: pointOf,
  queryVector: pointOf,
  scores(vectors, query, out = new Float32Array(vectors.length / POINT_WIDTH)) {
    nearnesses(vectors, query, out);
    return out;
  },
};

/** The nearer the embeddings, the better. @param size numbers in an embedding */
export function embeddingRanking(size: number): Ranking {
  const space = nearness(size);
  return {
    score: 'embedding',
    width: space.width,
    pictureVector: ({ embedding }) => space.picture(embedding),
    queryVector: ({ embedding }) => space.query(embedding),
    scores: space.scores,
  };
}

/** The higher the predicted similarity, the better; vectors are the halves of the predictor's first layer. */
export function predictorRanking(scorer: PairScorer): Ranking {
  return {
    score: 'predictor',
    width: scorer.width,
    pictureVector: ({ embedding }) => scorer.pictureVector(embedding),
    queryVector: ({ embedding }) => scorer.clipVector(embedding),
    scores: (vectors, query, out = new Float32Array(vectors.length / scorer.width)) =>
      scorer.scores(vectors, query, out),
  };
}

/** Picture vectors of a ranking, row-major [count, width]. */
export function pictureVectors<T>(
  items: readonly T[],
  width: number,
  vectorOf: (item: T) => Float32Array,
): Float32Array {
  const vectors = new Float32Array(items.length * width);
  items.forEach((item, i) => {
    vectors.set(vectorOf(item), i * width);
  });
  return vectors;
}
