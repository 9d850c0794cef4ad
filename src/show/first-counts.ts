/** Which pictures came first, and how often: whether a gallery is used, or a few pictures win everywhere. */
export interface FirstsSummary {
  /** Clips of music for which a picture ranked first. */
  readonly clips: number;
  /** Different pictures that were first for some clip. */
  readonly pictures: number;
  /** The picture that was first most often, and its share of the clips; null before any. */
  readonly most: { readonly id: string; readonly part: number } | null;
}

/** Beyond this number, further pictures count among the clips only: a bound on memory that a night does not reach. */
const MOST_PICTURES = 50_000;

/** Counts the first picture of each clip. */
export class FirstCounts {
  readonly #counts = new Map<string, number>();
  #clips = 0;
  #most: { readonly id: string; readonly count: number } | null = null;

  add(id: string): void {
    this.#clips += 1;
    const before = this.#counts.get(id);
    if (before === undefined && this.#counts.size >= MOST_PICTURES) return;
    const count = (before ?? 0) + 1;
    this.#counts.set(id, count);
    if (count > (this.#most?.count ?? 0)) this.#most = { id, count };
  }

  /** Another model ranks pictures by other predictions. */
  clear(): void {
    this.#counts.clear();
    this.#clips = 0;
    this.#most = null;
  }

  summary(): FirstsSummary {
    const most = this.#most;
    return {
      clips: this.#clips,
      pictures: this.#counts.size,
      most: most && { id: most.id, part: most.count / this.#clips },
    };
  }
}
