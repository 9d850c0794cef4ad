import { PLANE_RANKING, embeddingRanking, pictureVectors, predictorRanking } from '../../model/index.ts';
import type { Ranking, Prediction } from '../../model/index.ts';
import { PairScorer } from '../../networks/index.ts';
import type { SystemSettings, Weights } from '../../networks/index.ts';
import { distancesFrom, planePoints, similarity } from '../../plane.ts';
import type { PlanePoint } from '../../plane.ts';
import { retrievalMetrics, similarityMetrics } from '../metrics.ts';
import type { RetrievalMetrics, SimilarityMetrics } from '../metrics.ts';
import type { SplitData, TrainingData } from './data.ts';
import { PairErrors, moodMetrics, pairMoods } from './judged-pairs.ts';
import type { JudgedPairs, MoodMetrics, JudgedPairFigures } from './judged-pairs.ts';
import type { Predictions, StateValues } from './predictions.ts';

export type Score = Ranking['score'];

/** How good the readings of a split are; what the network does not predict is null. */
export interface Validation {
  readonly n: { readonly images: number; readonly clips: number; readonly pairs: number };
  readonly sigma: number;
  readonly similarity: SimilarityMetrics | null;
  readonly image: MoodMetrics | null;
  readonly music: MoodMetrics | null;
  readonly retrieval: Readonly<Partial<Record<Score, RetrievalMetrics>>>;
  /** The same on few pairs, where it was asked for. */
  readonly pairs?: JudgedPairFigures;
}

/** What the network says of a split, as uncertain as its errors on that split say; NaN where it predicts no moods. */
function readingsOf({ embeddings, moods }: Predictions, truth: Points): Prediction[] {
  const predicted = moods.map(([valence, arousal]) => ({ valence: valence!, arousal: arousal! }));
  const sd = errorsOf(predicted, truth);
  return embeddings.map((embedding, i) => ({
    embedding,
    valence: predicted[i]?.valence ?? NaN,
    arousal: predicted[i]?.arousal ?? NaN,
    valenceSd: sd.valence,
    arousalSd: sd.arousal,
  }));
}

/** A network that is right about a handful of files does not count as certain. */
export const LEAST_DEVIATION = 0.01;

/** Root mean square of the errors along each axis. */
function errorsOf(predicted: readonly PlanePoint[], truth: Points): PlanePoint {
  const along = (axis: keyof PlanePoint): number => {
    const squares = predicted.reduce((sum, mood, i) => sum + (mood[axis] - truth[axis][i]!) ** 2, 0);
    return Math.max(LEAST_DEVIATION, Math.sqrt(squares / predicted.length));
  };
  return { valence: along('valence'), arousal: along('arousal') };
}

/** Weights as networks take them, from values alone. PairScorer reads no shapes. */
function weightsOf(state: StateValues): Weights {
  return Object.fromEntries(
    Object.entries(state).map(([name, data]) => [name, { shape: [data.length], data }]),
  );
}

/**
 * What `evaluate` prints, for the split that chooses: by the predictor of similarity where there is one, else by (1).
 * @param pairs of the split, by which it is judged as well
 */
export function validate(
  split: SplitData,
  { sigma, constant }: Pick<TrainingData, 'sigma' | 'constant'>,
  system: SystemSettings,
  state: StateValues,
  read: { readonly pictures: Predictions; readonly clips: Predictions },
  pairs?: JudgedPairs,
): Validation {
  const { pictureMoods, clipMoods } = split;
  const [pictures, clips] = [readingsOf(read.pictures, pictureMoods), readingsOf(read.clips, clipMoods)];
  const hasMoods = read.pictures.moods.length > 0;
  const rankings: Ranking[] = [];
  if (system.system === 'cdcml') rankings.push(embeddingRanking(system.embedding));
  const predicted = system.predictsSimilarity
    ? predictorRanking(new PairScorer(weightsOf(state), system))
    : null;
  if (predicted) rankings.push(predicted);
  if (hasMoods) rankings.push(PLANE_RANKING);

  const rowsOf = (ranking: Ranking) => {
    const vectors = pictureVectors(pictures, ranking.width, (picture) => ranking.pictureVector(picture));
    const scores = new Float32Array(pictures.length);
    return (clip: number, out: Float64Array): void => {
      out.set(ranking.scores(vectors, ranking.queryVector(clips[clip]!), scores));
    };
  };
  const [picturePoints, clipPoints] = [planePoints(pictures), planePoints(clips)];
  const byMoods = (clip: number, out: Float64Array): void => {
    distancesFrom(clipPoints, clip, picturePoints, out);
    for (let i = 0; i < out.length; i++) out[i] = similarity(out[i]!, sigma);
  };
  const similarityRow = predicted ? rowsOf(predicted) : hasMoods ? byMoods : null;
  const pairErrors = pairs && similarityRow ? new PairErrors(pairs) : null;
  const noted = (clip: number, out: Float64Array): void => {
    similarityRow!(clip, out);
    pairErrors?.add(clip, out);
  };
  return {
    n: { images: pictures.length, clips: clips.length, pairs: pictures.length * clips.length },
    sigma,
    similarity: similarityRow
      ? similarityMetrics(pictureMoods, clipMoods, sigma, constant.similarity, noted)
      : null,
    image: hasMoods ? moodMetrics(picturePoints, pictureMoods, constant.image) : null,
    music: hasMoods ? moodMetrics(clipPoints, clipMoods, constant.music) : null,
    retrieval: Object.fromEntries(
      rankings.map((ranking) => [ranking.score, retrievalMetrics(pictureMoods, clipMoods, rowsOf(ranking))]),
    ),
    ...(pairs && {
      pairs: {
        n: pairs.list.length,
        isListed: pairs.isListed,
        similarity: pairErrors?.similarity ?? null,
        ...(hasMoods
          ? pairMoods(pairs, split, { pictures: picturePoints, clips: clipPoints })
          : { image: null, music: null }),
      },
    }),
  };
}

type Points = SplitData['pictureMoods'];

/**
 * What training tries to make small on the validation split: the error of each predicted thing as a part of the
 * constant's (similarity, and the mean of the four of valence and arousal), summed; the part of the gap that the
 * embedding leaves open where nothing is predicted.
 */
export function criterion({ similarity: s, image, music, retrieval }: Validation, hasTerms: Terms): number {
  const parts: number[] = [];
  if (s && hasTerms.sim) parts.push(s.mse / s.constantMse);
  if (image && music && hasTerms.va) {
    const four = [image.valence, image.arousal, music.valence, music.arousal];
    parts.push(four.reduce((sum, { mse, constantMse }) => sum + mse / constantMse / 4, 0));
  }
  if (parts.length === 0) parts.push(1 - (retrieval.embedding?.gapClosed ?? NaN));
  return parts.reduce((sum, part) => sum + part, 0);
}

interface Terms {
  readonly sim: boolean;
  readonly va: boolean;
}

/**
 * The score that ranks best on the validation split: by the mean distance of the first five, which chance moves less than
 * that of the first one. Of equal ones the cheapest.
 */
export function bestScore({ retrieval }: Validation): Score {
  const scores = (['plane', 'embedding', 'predictor'] as const).filter((score) => retrieval[score]);
  return scores.reduce((best, score) =>
    retrieval[score]!.top5Distance < retrieval[best]!.top5Distance ? score : best,
  );
}
