/** A limited resource that several tasks share. A task that needs more than the whole gets all of it. */
export class Budget {
  readonly #total: number;
  #free: number;
  readonly #waiting: { readonly amount: number; readonly proceed: () => void }[] = [];

  constructor(total: number) {
    this.#total = total;
    this.#free = total;
  }

  /** Runs a task when its share is free, in the order of the calls. */
  async use<T>(amount: number, task: () => Promise<T>): Promise<T> {
    const share = Math.min(amount, this.#total);
    await this.#take(share);
    try {
      return await task();
    } finally {
      this.#give(share);
    }
  }

  async #take(amount: number): Promise<void> {
    if (this.#waiting.length === 0 && amount <= this.#free) {
      this.#free -= amount;
      return;
    }
    await new Promise<void>((proceed) => {
      this.#waiting.push({ amount, proceed });
    });
  }

  #give(amount: number): void {
    this.#free += amount;
    for (let next = this.#waiting[0]; next && next.amount <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.amount;
      next.proceed();
    }
  }
}

/**
 * Does something with each item, several at a time, and gives the results in the items' order.
 * @param lanes the most items in progress, including results that were not taken yet
 */
export async function* mapAhead<Item, Result>(
  items: Iterable<Item>,
  lanes: number,
  task: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const underWay: Promise<Result>[] = [];
  try {
    for (const item of items) {
      const result = task(item);
      // It is awaited later; this handler keeps an earlier failure from counting as unhandled.
      result.catch(() => undefined);
      underWay.push(result);
      if (underWay.length >= lanes) yield await underWay.shift()!;
    }
    while (underWay.length > 0) yield await underWay.shift()!;
  } finally {
    await Promise.allSettled(underWay);
  }
}
