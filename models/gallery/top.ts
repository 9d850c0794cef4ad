/** A picture that was found: its row in the snapshot, and its score, the higher the better. */
export interface Match {
  readonly row: number;
  readonly score: number;
}

/**
 * The best of a stream of scored rows, in order; of equal scores the earlier row comes first.
 *
 * With groups, of each group only its best row is kept.
 */
export class TopMatches {
  readonly #rows: number[] = [];
  readonly #scores: number[] = [];
  readonly #count: number;
  readonly #groups: Uint32Array | undefined;

  /** @param count how many are wanted */
  constructor(count: number, groups?: Uint32Array) {
    this.#count = count;
    this.#groups = groups;
  }

  /** What a score must exceed to be taken. */
  get threshold(): number {
    return this.#rows.length < this.#count ? -Infinity : this.#scores[this.#count - 1]!;
  }

  offer(row: number, score: number): void {
    const groups = this.#groups;
    if (groups !== undefined) {
      const group = groups[row];
      const relative = this.#rows.findIndex((other) => groups[other] === group);
      if (relative >= 0) {
        if (!comesBefore(score, row, this.#scores[relative]!, this.#rows[relative]!)) return;
        this.#rows.splice(relative, 1);
        this.#scores.splice(relative, 1);
      }
    }
    let at = this.#rows.length;
    while (at > 0 && comesBefore(score, row, this.#scores[at - 1]!, this.#rows[at - 1]!)) at--;
    if (at >= this.#count) return;
    this.#rows.splice(at, 0, row);
    this.#scores.splice(at, 0, score);
    if (this.#rows.length > this.#count) {
      this.#rows.pop();
      this.#scores.pop();
    }
  }

  matches(): Match[] {
    return this.#rows.map((row, i) => ({ row, score: this.#scores[i]! }));
  }
}

function comesBefore(score: number, row: number, otherScore: number, otherRow: number): boolean {
  return score > otherScore || (score === otherScore && row < otherRow);
}
