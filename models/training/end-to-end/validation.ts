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

/** Figures of the predictions for a split; null for what the network does not predict. */
export interface Validation {
  readonly n: { readonly images: number; readonly clips: number; readonly pairs: number };
  readonly sigma: number;
  readonly similarity: SimilarityMetrics | null;
  readonly image: MoodMetrics | null;
  readonly music: MoodMetrics | null;
  readonly retrieval: Readonly<Partial<Record<Score, RetrievalMetrics>>>;
  /** The same on few pairs, on request. */
  readonly pairs?: JudgedPairFigures;
}

/** The network's predictions for a split, with the uncertainty of its errors there; NaN when it predicts no moods. */
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

/** Least deviation: a network that is right about a handful of files does not count as certain. */
export const LEAST_DEVIATION = 0.01;

/** Root mean square of the errors along each axis. */
function errorsOf(predicted: readonly PlanePoint[], truth: Points): PlanePoint {
  const along = (axis: keyof PlanePoint): number => {
    const squares = predicted.reduce((sum, mood, i) => sum + (mood[axis] - truth[axis][i]!) ** 2, 0);
    return Math.max(LEAST_DEVIATION, Math.sqrt(squares / predicted.length));
  };
  return { valence: along('valence'), arousal: along('arousal') };
}

/** Weights for networks, from values alone. PairScorer needs no shapes. */
function weightsOf(state: StateValues): Weights {
  return Object.fromEntries(
    Object.entries(state).map(([name, data]) => [name, { shape: [data.length], data }]),
  );
}

/**
 * The figures of `evaluate` on a split: by the predictor of similarity if there is one, else by (1).
 * @param pairs of the split, to judge by as well
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
 * The value that training minimises on the validation split: the sum of the errors of similarity and of moods (the mean
 * of four), each as a part of the constant's error; for a network that predicts neither, the part of the gap that the
 * embedding leaves open.
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
 * The score that ranks best on the validation split: by the mean distance of the first five, which varies less by
 * chance than that of the first one. Of equal scores the cheapest.
 */
export function bestScore({ retrieval }: Validation): Score {
  const scores = (['plane', 'embedding', 'predictor'] as const).filter((score) => retrieval[score]);
  return scores.reduce((best, score) =>
    retrieval[score]!.top5Distance < retrieval[best]!.top5Distance ? score : best,
  );
}
