import type { Ranking, Reading } from '../serving/index.ts';
import { EXACT_MOST } from './neighbours.ts';
import type { Selection } from './selection.ts';
import type { Snapshot } from './snapshot.ts';
import { TopMatches, type Match } from './top.ts';

export interface SearchOptions {
  /** By default everything that may be shown. */
  readonly selection?: Selection;
  /** Of pictures that are copies of each other only the best one. */
  readonly isDistinct?: boolean;
}

/** What is searched: a snapshot. */
export type SearchedPictures = Pick<
  Snapshot,
  'count' | 'store' | 'groups' | 'neighbours' | 'select' | 'rowOfKey'
>;

/** Candidates that are scored exactly for each one that is wanted. */
const SHORTLIST_FACTOR = 8;
const SHORTEST_SHORTLIST = 200;

/**
 * Finds the pictures of a snapshot that fit a clip best. Exact over everything where the snapshot has no graph of
 * neighbours or few pictures are selected; otherwise the graph proposes and the exact score decides.
 */
export class GallerySearch {
  readonly #snapshot: SearchedPictures;
  readonly #ranking: Ranking;
  readonly #scores: Float32Array;
  readonly #all: Selection;
  readonly #exactMost: number;

  /** @param exactMost so many selected pictures are searched without the graph */
  constructor(snapshot: SearchedPictures, ranking: Ranking, exactMost = EXACT_MOST) {
    this.#exactMost = exactMost;
    this.#snapshot = snapshot;
    this.#ranking = ranking;
    this.#scores = new Float32Array(snapshot.count);
    this.#all = snapshot.select();
  }

  /** @returns at most `count`, the best first */
  best(
    clip: Reading,
    count: number,
    { selection = this.#all, isDistinct = false }: SearchOptions = {},
  ): Match[] {
    const top = new TopMatches(count, isDistinct ? this.#snapshot.groups : undefined);
    const query = this.#ranking.queryVector(clip);
    const { neighbours } = this.#snapshot;
    if (neighbours === null || selection.count <= this.#exactMost) {
      this.#scan(query, selection, top);
      return top.matches();
    }
    const graphQuery = this.#ranking.score === 'predictor' ? clip.embedding : query;
    // What the selection takes away from the shortlist is made up for.
    const share = selection.count / this.#snapshot.count;
    for (let length = Math.max(SHORTEST_SHORTLIST, SHORTLIST_FACTOR * count) / share; ; length *= 4) {
      if (length > this.#snapshot.count / 4) {
        this.#scan(query, selection, top);
        return top.matches();
      }
      const rows = [...neighbours.missing];
      for (const id of neighbours.nearest(graphQuery, Math.ceil(length))) {
        const row = this.#snapshot.rowOfKey(id);
        if (row !== undefined) rows.push(row);
      }
      this.#rank(query, rows, selection, top);
      const matches = top.matches();
      if (matches.length >= count) return matches;
    }
  }

  /** The score of one picture, comparable with those of `best` for the same clip. */
  score(clip: Reading, row: number): number {
    const { vectors, width } = this.#snapshot.store;
    const vector = vectors.subarray(row * width, (row + 1) * width);
    return this.#ranking.scores(vector, this.#ranking.queryVector(clip))[0]!;
  }

  #scan(query: Float32Array, { isIn, stretches }: Selection, top: TopMatches): void {
    const scores = this.#scores;
    for (let i = 0; i < stretches.length; i += 2) {
      const start = stretches[i]!;
      const end = stretches[i + 1]!;
      this.#scoreRows(query, start, end);
      let { threshold } = top;
      for (let row = start; row < end; row++) {
        if (scores[row]! > threshold && isIn[row] === 1) {
          top.offer(row, scores[row]!);
          ({ threshold } = top);
        }
      }
    }
  }

  #scoreRows(query: Float32Array, start: number, end: number): void {
    const { store } = this.#snapshot;
    if (this.#ranking.score !== 'predictor') {
      store.innerProducts(query, this.#scores, start, end);
      return;
    }
    const { vectors, width } = store;
    const out = this.#scores.subarray(start, end);
    this.#ranking.scores(vectors.subarray(start * width, end * width), query, out);
  }

  #rank(query: Float32Array, rows: readonly number[], { isIn }: Selection, top: TopMatches): void {
    const { vectors, width } = this.#snapshot.store;
    const selected = rows.filter((row) => isIn[row] === 1);
    const gathered = new Float32Array(selected.length * width);
    selected.forEach((row, i) => {
      gathered.set(vectors.subarray(row * width, (row + 1) * width), i * width);
    });
    const scores = this.#ranking.scores(gathered, query);
    selected.forEach((row, i) => {
      top.offer(row, scores[i]!);
    });
  }
}
