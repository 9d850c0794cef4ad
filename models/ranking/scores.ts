import type { Mood, Ranking } from '../model/index.ts';
import type { CorrectedPictures, LoadedPictures } from './pictures.ts';
import type { RankRequest } from './request.ts';

/** The score of every picture; the higher, the better it fits. */
export function scoresOf(
  ranking: Ranking,
  pictures: LoadedPictures,
  { prediction, offset }: RankRequest,
): Float32Array {
  if (ranking.score === 'plane') {
    return ranking.scores(
      pictures.vectors,
      ranking.queryVector({ ...prediction, ...pushed(prediction, offset) }),
    );
  }
  const query = ranking.queryVector(prediction);
  const scores =
    ranking.score === 'embedding'
      ? productsOf(ranking, pictures, query)
      : ranking.scores(pictures.vectors, query);
  if (pictures.corrected) addCorrections(scores, pictures, pictures.corrected, prediction);
  if (offset.valence !== 0 || offset.arousal !== 0) addPush(scores, pictures, prediction, offset);
  return scores;
}

function productsOf(
  ranking: Ranking,
  { vectors, count, innerProducts }: LoadedPictures,
  query: Float32Array,
): Float32Array {
  if (innerProducts === undefined) return ranking.scores(vectors, query);
  const products = new Float32Array(count);
  innerProducts(query, products, 0, count);
  return products;
}

/** The point of the music moved by the offset. It may leave the unit square; then the pictures at the edge fit best. */
export function pushed(music: Mood, offset: Mood): Mood {
  return { valence: music.valence + offset.valence, arousal: music.arousal + offset.arousal };
}

function addPush(scores: Float32Array, { moods, count }: LoadedPictures, music: Mood, offset: Mood): void {
  const scoreScale = scale(scores);
  const planeScale = scale(squaredDistances(moods, music));
  for (let i = 0; i < count; i++) {
    const along = offset.valence * moods[2 * i]! + offset.arousal * moods[2 * i + 1]!;
    scores[i] = scores[i]! * scoreScale + 2 * along * planeScale;
  }
}

/** Changes the scores of corrected pictures only, in units of those scores. */
function addCorrections(
  scores: Float32Array,
  { moods }: LoadedPictures,
  { rows, predictions }: CorrectedPictures,
  music: Mood,
): void {
  // The scale compares the model's scores with the model's own moods.
  const predicted = moods.slice();
  rows.forEach((row, i) => {
    predicted.set(predictions.subarray(2 * i, 2 * i + 2), 2 * row);
  });
  const squares = squaredDistances(predicted, music);
  const perSquare = scale(squares) / scale(scores);
  for (const row of rows) {
    const corrected = (moods[2 * row]! - music.valence) ** 2 + (moods[2 * row + 1]! - music.arousal) ** 2;
    scores[row]! += perSquare * (squares[row]! - corrected);
  }
}

/** Squared distance of each picture's mood from the music. @param moods row-major [count, 2] */
export function squaredDistances(moods: Float32Array, { valence, arousal }: Mood): Float32Array {
  const squared = new Float32Array(moods.length / 2);
  for (let i = 0; i < squared.length; i++) {
    squared[i] = (moods[2 * i]! - valence) ** 2 + (moods[2 * i + 1]! - arousal) ** 2;
  }
  return squared;
}

/** 1 / standard deviation; 1 where all values are the same. */
function scale(values: Float32Array): number {
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const fromOldMean = values[i]! - mean;
    mean += fromOldMean / (i + 1);
    squares += fromOldMean * (values[i]! - mean);
  }
  const deviation = Math.sqrt(squares / values.length);
  return deviation > 0 ? 1 / deviation : 1;
}
