import { EXACT_MOST } from '../gallery/search/index.ts';
import type { Ranking } from '../model/index.ts';
import type { CorrectedPictures, LoadedPictures, RankedPicture } from './pictures.ts';
import type { Ranked, RankRequest } from './request.ts';
import { scoresOf } from './scores.ts';
import { SHORTLIST, largest, nearestCorrected, shortlisted } from './shortlist.ts';

/**
 * Pictures scored to estimate what blind choice would give. A learnt predictor takes up to a few tenths of a millisecond
 * a picture, too long within one clip for thousands of them: of a gallery with more allowed pictures than SHORTLIST +
 * SAMPLE, it scores a shortlist and a sample.
 */
const SAMPLE = 100;

/**
 * Ranks the pictures of a gallery for one moment of the music.
 *
 * It scores every picture exactly when the ranking compares points of the plane; when it compares embeddings and there is
 * no graph of neighbours or at most EXACT_MOST pictures are allowed; and when it is a learnt predictor and at most
 * SHORTLIST + SAMPLE are allowed. Otherwise it scores a shortlist, SAMPLE pictures spread evenly over the allowed rows,
 * and those of `alsoIndices`; the mean of the sample then stands for blind choice. The shortlist holds what the graph
 * proposes and, for a predictor or a push, the SHORTLIST allowed pictures nearest to the (pushed) music in the plane.
 *
 * An offset o moves the point of the music in the plane. A ranking of the plane needs nothing else. A ranking of
 * embeddings and a learnt predictor don't know the plane, so the effect of the push on the squared distance in the plane,
 * −|p − (m + o)|² = −|p − m|² + 2 o·p + constant, is added to the score: 2 o·p, with each of the two scores divided by
 * its own standard deviation over the gallery so that neither drowns the other.
 *
 * A mood p' that a person has set in place of a predicted mood p works the same way. In the plane the picture's point is
 * p'. Its embedding also describes what else the picture shows, and stays; the effect of the correction on the squared
 * distance in the plane, −|p' − m|² + |p − m|², is added to that picture's score in the same units. So where a ranking
 * agrees with the plane, a corrected picture ranks as if p' had been predicted, and all others keep their scores. The
 * shortlist also holds the SHORTLIST corrected pictures nearest to the (pushed) music, because a graph of embeddings
 * doesn't know their new places.
 *
 * @param exactMost largest number of allowed pictures that is ranked without the graph
 * @throws RangeError when the request was made for another gallery
 */
export function rank(
  ranking: Ranking,
  pictures: LoadedPictures,
  request: RankRequest,
  exactMost = EXACT_MOST,
): Ranked {
  const { allowed } = request;
  if (allowed.length !== pictures.count) {
    throw new RangeError(
      `the request is for a gallery of ${allowed.length} pictures, this one has ${pictures.count}`,
    );
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

function rowsOf(allowed: Uint8Array): number[] {
  const rows: number[] = [];
  for (let i = 0; i < allowed.length; i++) if (allowed[i] !== 0) rows.push(i);
  return rows;
}

/**
 * Ranks some pictures of the gallery as if there were no others.
 * @param sample rows whose mean score stands for blind choice
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
  // Being on show does not make a picture a candidate.
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

/** The corrected pictures among some rows of a gallery. @param placeOf maps a row to its place among them */
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

/** @param blind one byte a picture: 1 for those whose mean score stands for blind choice */
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
