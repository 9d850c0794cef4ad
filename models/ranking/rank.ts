import { EXACT_MOST } from '../gallery/search/index.ts';
import type { Mood, Ranking, Prediction } from '../model/index.ts';
import type { CorrectedPictures, LoadedPictures, RankedPicture } from './pictures.ts';

export interface RankRequest {
  /** The music as it is felt now: see `smoothMood`. */
  readonly prediction: Prediction;
  /** How far the operator pushes the mood of the pictures away from that of the music. */
  readonly offset: Mood;
  /** One byte for each picture: 1 where it may be shown. */
  readonly allowed: Uint8Array;
  /** How many of the best are wanted. */
  readonly count: number;
  /** Pictures whose place is wanted as well, however far behind: those on show. */
  readonly alsoIndices: readonly number[];
}

export interface Ranked {
  /** The best allowed ones, best first; the one with the lower index first where they are equal. */
  readonly best: readonly RankedPicture[];
  /** Those that were asked for by index, whether allowed or not. */
  readonly also: readonly RankedPicture[];
}

/**
 * A learnt predictor takes up to a few tenths of a millisecond for each picture, which thousands of them would make too
 * long for a clip: of a gallery with more allowed pictures than both together, it judges a shortlist and a sample of all.
 */
const SHORTLIST = 200;
const SAMPLE = 100;
/** Candidates that a graph proposes for each picture that is wanted. */
const PROPOSED_FOR_ONE = 8;

/**
 * Ranks the pictures of a gallery for one moment of the music: every one of them, exactly, by a ranking of the plane, by one of
 * embeddings while there is no graph of neighbours or no more than EXACT_MOST pictures are allowed, and by a learnt
 * predictor while no more than SHORTLIST + SAMPLE are. Of more, it ranks only a shortlist, SAMPLE pictures that are spread
 * evenly over the allowed rows, and those of `alsoIndices`; what blind choice would give is then the mean of the sample.
 * The shortlist is what the graph proposes, and for a predictor or a push also the SHORTLIST allowed pictures that are
 * nearest to the (pushed) music in the plane.
 *
 * An offset o moves the point of the music in the plane. Where the ranking compares points of the plane that is all. A
 * ranking of embeddings or a learnt predictor doesn't know the plane, so what the push does to the squared distance
 * in the plane, −|p − (m + o)|² = −|p − m|² + 2 o·p + constant, is added to its score: 2 o·p, each of the two scores
 * divided by its own standard deviation over the gallery so that neither drowns the other.
 *
 * A mood p' that a hand has put in the place of a reading p goes the same way: in the plane the picture's point is p'. Its
 * embedding says what else is in the picture, and stays; what the correction does to the squared distance in the plane,
 * −|p' − m|² + |p − m|², is added to the score of that picture, in the same two units. So where a ranking agrees with
 * the plane a corrected picture ranks as one that was read there, and all others keep their scores. The shortlist has
 * also those SHORTLIST corrected pictures that are nearest to the (pushed) music: a graph of embeddings doesn't know
 * where they are now.
 *
 * @param exactMost so many allowed pictures are ranked without the graph
 * @throws RangeError when the request was made for another gallery.
 */
export function rank(
  ranking: Ranking,
  pictures: LoadedPictures,
  request: RankRequest,
  exactMost = EXACT_MOST,
): Ranked {
  const { allowed } = request;
  if (allowed.length !== pictures.count) {
    throw new RangeError(`${allowed.length} pictures are asked for of a gallery of ${pictures.count}`);
  }
  const hasGraph = ranking.score === 'embedding' && pictures.neighbours;
  if (ranking.score !== 'predictor' && !hasGraph) return rankAll(ranking, pictures, request);
  const allowedRows = rowsOf(allowed);
  const most = ranking.score === 'predictor' ? SHORTLIST + SAMPLE : exactMost;
  if (allowedRows.length <= most && (ranking.score !== 'predictor' || pictures.count <= 2 * most)) {
    return rankAll(ranking, pictures, request);
  }
  if (allowedRows.length <= most) return rankSome(ranking, pictures, request, [], allowedRows);
  const shortlist = shortlisted(ranking, pictures, request, allowedRows.length);
  if (shortlist === undefined) return rankAll(ranking, pictures, request);
  const wanted = [...shortlist, ...nearestCorrected(pictures, request)];
  return rankSome(ranking, pictures, request, wanted, spread(allowedRows, SAMPLE));
}

/** @returns undefined when the graph proposes too few that are allowed, however many it is asked for */
function shortlisted(
  ranking: Ranking,
  pictures: LoadedPictures,
  request: RankRequest,
  allowedCount: number,
): number[] | undefined {
  const { neighbours } = pictures;
  const { prediction, offset, allowed, count } = request;
  const isPushed = offset.valence !== 0 || offset.arousal !== 0;
  const inPlane = ranking.score === 'predictor' || isPushed ? nearest(pictures, request, SHORTLIST) : [];
  if (!neighbours) return inPlane;
  // The predictor's answers are no distances: its graph is one of embeddings.
  const query = ranking.score === 'predictor' ? prediction.embedding : ranking.queryVector(prediction);
  const wanted = Math.max(SHORTLIST, PROPOSED_FOR_ONE * count);
  // What may not be shown takes its part of what is proposed.
  for (let length = (wanted * pictures.count) / allowedCount; length <= pictures.count / 4; length *= 4) {
    const proposed = [...neighbours.missing, ...neighbours.nearest(query, Math.ceil(length))].filter(
      (row) => allowed[row] !== 0,
    );
    if (proposed.length >= count) return [...proposed, ...inPlane];
  }
  return ranking.score === 'predictor' ? inPlane : undefined;
}

function rowsOf(allowed: Uint8Array): number[] {
  const rows: number[] = [];
  for (let i = 0; i < allowed.length; i++) if (allowed[i] !== 0) rows.push(i);
  return rows;
}

/**
 * Ranks a part of the gallery as if it were all.
 * @param sample rows by which blind choice is judged
 */
function rankSome(
  ranking: Ranking,
  pictures: LoadedPictures,
  request: RankRequest,
  shortlist: readonly number[],
  sample: readonly number[],
): Ranked {
  const also = request.alsoIndices.filter((row) => row < pictures.count);
  const rows = [...new Set([...shortlist, ...sample, ...also])].sort((a, b) => a - b);
  const placeOf = new Map(rows.map((row, place) => [row, place]));
  const isBlind = new Set(sample);
  // What is on some screen doesn't come into the choice by that.
  const isChoice = new Set([...shortlist, ...sample]);
  const { width } = ranking;
  const part = {
    count: rows.length,
    vectors: new Float32Array(rows.length * width),
    moods: new Float32Array(rows.length * 2),
    corrected: pictures.corrected ? correctedAmong(pictures.corrected, placeOf) : null,
  };
  rows.forEach((row, place) => {
    part.vectors.set(pictures.vectors.subarray(row * width, (row + 1) * width), place * width);
    part.moods.set(pictures.moods.subarray(2 * row, 2 * row + 2), 2 * place);
  });
  const ranked = rankAll(
    ranking,
    part,
    {
      ...request,
      allowed: Uint8Array.from(rows, (row) => (isChoice.has(row) ? request.allowed[row]! : 0)),
      alsoIndices: also.map((row) => placeOf.get(row)!),
    },
    Uint8Array.from(rows, (row) => (isBlind.has(row) ? 1 : 0)),
  );
  const inGallery = (picture: RankedPicture): RankedPicture => ({ ...picture, index: rows[picture.index]! });
  return { best: ranked.best.map(inGallery), also: ranked.also.map(inGallery) };
}

function spread(rows: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => rows[Math.floor(((i + 0.5) * rows.length) / count)]!);
}

/** Rows of the allowed pictures that are nearest to the pushed music in the plane. */
function nearest(
  { moods }: LoadedPictures,
  { prediction, offset, allowed }: RankRequest,
  most: number,
): number[] {
  const nearness = squaredDistances(moods, pushed(prediction, offset)).map((square) => -square);
  return largest(nearness, allowed, most);
}

/** Rows of the allowed pictures with a mood by hand that are nearest to the pushed music in the plane. */
function nearestCorrected(pictures: LoadedPictures, request: RankRequest): number[] {
  const { rows } = pictures.corrected ?? NONE_CORRECTED;
  if (rows.length === 0) return [];
  const allowed = new Uint8Array(pictures.count);
  for (const row of rows) allowed[row] = request.allowed[row]!;
  return nearest(pictures, { ...request, allowed }, SHORTLIST);
}

const NONE_CORRECTED: CorrectedPictures = { rows: new Uint32Array(), predictions: new Float32Array() };

/** The corrected ones among some rows of a gallery. @param placeOf the place of a row among them */
function correctedAmong(
  { rows, predictions }: CorrectedPictures,
  placeOf: ReadonlyMap<number, number>,
): CorrectedPictures {
  const found = [...rows.keys()].filter((i) => placeOf.has(rows[i]!));
  return {
    rows: Uint32Array.from(found, (i) => placeOf.get(rows[i]!)!),
    predictions: Float32Array.from(found.flatMap((i) => [predictions[2 * i]!, predictions[2 * i + 1]!])),
  };
}

/** @param blind one byte for each picture: 1 for those whose mean is that of blind choice. */
function rankAll(
  ranking: Ranking,
  pictures: LoadedPictures,
  request: RankRequest,
  blind: Uint8Array = request.allowed,
): Ranked {
  const { allowed, alsoIndices } = request;
  const scores = scoresOf(ranking, pictures, request);
  let mean = 0;
  let seen = 0;
  for (let i = 0; i < pictures.count; i++) {
    if (blind[i] === 0) continue;
    seen += 1;
    mean += (scores[i]! - mean) / seen;
  }
  const bestIndices = largest(scores, allowed, request.count);
  const top = bestIndices.length === 0 ? mean : scores[bestIndices[0]!]!;
  const spread = top - mean;
  const ranked = (index: number): RankedPicture => {
    const score = scores[index]!;
    return { index, score, fit: spread > 0 ? (score - mean) / spread : 1 };
  };
  return {
    best: bestIndices.map(ranked),
    also: alsoIndices.filter((index) => index < pictures.count).map(ranked),
  };
}

function scoresOf(
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

/** The point of the music moved by the offset. It may leave the unit square: the pictures at its edge then fit best. */
function pushed(music: Mood, offset: Mood): Mood {
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

/** To the scores of corrected pictures only, in their own units. */
function addCorrections(
  scores: Float32Array,
  { moods }: LoadedPictures,
  { rows, predictions }: CorrectedPictures,
  music: Mood,
): void {
  // Both of what the model read: what is compared is how far its scores and its moods go.
  const read = moods.slice();
  rows.forEach((row, i) => {
    read.set(predictions.subarray(2 * i, 2 * i + 2), 2 * row);
  });
  const squares = squaredDistances(read, music);
  const perSquare = scale(squares) / scale(scores);
  for (const row of rows) {
    const corrected = (moods[2 * row]! - music.valence) ** 2 + (moods[2 * row + 1]! - music.arousal) ** 2;
    scores[row]! += perSquare * (squares[row]! - corrected);
  }
}

/** Of each point of the plane from the music. @param moods row-major [count, 2] */
function squaredDistances(moods: Float32Array, { valence, arousal }: Mood): Float32Array {
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

/** Indices of the `count` largest allowed values, largest first: one pass, with an ordered list of the best so far. */
function largest(values: Float32Array, allowed: Uint8Array, count: number): number[] {
  const best: number[] = [];
  let threshold = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (allowed[i] === 0 || !(value > threshold || best.length < count)) continue;
    let place = best.length;
    while (place > 0 && values[best[place - 1]!]! < value) place -= 1;
    best.splice(place, 0, i);
    if (best.length > count) best.pop();
    if (best.length === count) threshold = values[best.at(-1)!]!;
  }
  return best;
}
