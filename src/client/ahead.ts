import type { ShowMessage } from '../server/protocol/index.ts';

/** A show doesn't repeat its last pictures: this many are not expected again. */
const REMEMBERED = 12;
/** How many of the candidates are likely to come next. */
const LIKELY = 4;

/** Guesses from the states which pictures come next: the best candidates that the display has not shown lately. */
export class Ahead {
  /** What was on show, the last one last. */
  #shown: string[] = [];

  /** What was on show last. */
  get #last(): string | undefined {
    return this.#shown[this.#shown.length - 1];
  }

  hear({ show: { image } }: Pick<ShowMessage, 'show'>): void {
    if (image === null || image.id === this.#last) return;
    this.#shown = [...this.#shown.filter((id) => id !== image.id), image.id].slice(-REMEMBERED);
  }

  /** @returns ids, the likeliest first */
  likely({ candidates }: Pick<ShowMessage, 'candidates'>): string[] {
    const fresh = candidates.filter(({ id }) => !this.#shown.includes(id));
    // In a small gallery all of them were on show lately.
    const some = fresh.length > 0 ? fresh : candidates.filter(({ id }) => id !== this.#last);
    return some.slice(0, LIKELY).map(({ id }) => id);
  }
}
