import { MOST_GROUPS, type Group, type ShowState } from '../protocol/index.ts';

/**
 * Which picture each group of displays shows. Group n shows the n-th of the candidates besides the picture on show. They
 * are chosen anew only when the main picture changes: so that all screens change together, as seldom as it does.
 */
export class GroupPictures {
  readonly #mayShow: (id: string) => boolean;
  #chosen: string[] = [];
  #key: string | undefined;

  constructor(mayShow: (id: string) => boolean) {
    this.#mayShow = mayShow;
  }

  update({ show, candidates }: ShowState): void {
    const main = show.image?.id;
    const key = `${main ?? ''} ${show.since}`;
    const kept = key === this.#key ? this.#chosen : [];
    this.#key = key;
    const others = candidates.map(({ id }) => id).filter((id) => id !== main && this.#mayShow(id));
    const spare = [...new Set(others)].filter((id) => !kept.includes(id));
    const slots = kept.map((id) => (this.#mayShow(id) ? id : undefined));
    const chosen: string[] = [];
    for (let n = 0; n < MOST_GROUPS; n++) {
      // Where none is left, the last group gives up its own.
      const next = slots[n] ?? spare.shift() ?? takeLast(slots, n);
      if (next === undefined) break;
      chosen.push(next);
    }
    this.#chosen = chosen;
  }

  /** The picture of a group; the main one's where there are not so many that fit. */
  pictureOf(group: Group, { show }: ShowState): string | undefined {
    const main = show.image?.id;
    if (group === 'main' || main === undefined) return main;
    return this.#chosen[group - 1] ?? main;
  }
}

/** The last picture behind slot n, which it leaves. */
function takeLast(slots: (string | undefined)[], n: number): string | undefined {
  const at = slots.findLastIndex((id, slot) => id !== undefined && slot > n);
  return at < 0 ? undefined : slots.splice(at, 1)[0];
}
