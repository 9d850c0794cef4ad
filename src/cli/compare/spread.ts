/** A figure over the seeds of a system. */
export interface Spread {
  readonly mean: number;
  /** Deviation of the values themselves (divided by n − 1); null where there is one value. */
  readonly deviation: number | null;
  readonly values: readonly number[];
}

/** @returns null where a value is missing, as of systems that do not predict it */
export function spreadOf(values: readonly (number | null | undefined)[]): Spread | null {
  const there = values.filter((value): value is number => typeof value === 'number');
  if (there.length === 0 || there.length < values.length) return null;
  const mean = there.reduce((sum, value) => sum + value, 0) / there.length;
  const squares = there.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    deviation: there.length === 1 ? null : Math.sqrt(squares / (there.length - 1)),
    values: there,
  };
}
