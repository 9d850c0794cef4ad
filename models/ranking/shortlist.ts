import type { Ranking } from '../model/index.ts';
import type { CorrectedPictures, LoadedPictures } from './pictures.ts';
import type { RankRequest } from './request.ts';
import { pushed, squaredDistances } from './scores.ts';

/** Pictures that a shortlist by the plane takes. */
export const SHORTLIST = 200;
/** Candidates that a graph proposes for each picture that is wanted. */
const PROPOSED_FOR_ONE = 8;

/**
 * Rows of the pictures that a large gallery is reduced to before they are scored.
 * @returns undefined when the graph proposes too few allowed pictures, even when asked for a quarter of the gallery
 */
export function shortlisted(
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
  // Proposals include pictures that may not be shown: ask for more in proportion.
  for (let length = (wanted * pictures.count) / allowedCount; length <= pictures.count / 4; length *= 4) {
    const proposed = [...neighbours.missing, ...neighbours.nearest(query, Math.ceil(length))].filter(
      (row) => allowed[row] !== 0,
    );
    if (proposed.length >= count) return [...proposed, ...inPlane];
  }
  return ranking.score === 'predictor' ? inPlane : undefined;
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

/** Rows of the allowed pictures with a corrected mood that are nearest to the pushed music in the plane. */
export function nearestCorrected(pictures: LoadedPictures, request: RankRequest): number[] {
  const { rows } = pictures.corrected ?? NONE_CORRECTED;
  if (rows.length === 0) return [];
  const allowed = new Uint8Array(pictures.count);
  for (const row of rows) allowed[row] = request.allowed[row]!;
  return nearest(pictures, { ...request, allowed }, SHORTLIST);
}

const NONE_CORRECTED: CorrectedPictures = { rows: new Uint32Array(), predictions: new Float32Array() };

/** Indices of the `count` largest allowed values, largest first. */
export function largest(values: Float32Array, allowed: Uint8Array, count: number): number[] {
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
