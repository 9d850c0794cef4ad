/** Which pictures of a snapshot may be shown now. */
export interface Selection {
  /** Of each row: 1 when it may be shown. */
  readonly isIn: Uint8Array;
  /** How many may be. */
  readonly count: number;
  /** Stretches of rows that hold all of them, with few others between: start and end (exclusive) in turn. */
  readonly stretches: Uint32Array;
}

/** A stretch goes on over so many rows that are not in: to score them costs less than to begin anew. */
const LONGEST_GAP = 64;

export function selectRows(count: number, mayShow: (row: number) => boolean): Selection {
  const isIn = new Uint8Array(count);
  const stretches: number[] = [];
  let selected = 0;
  let last = -Infinity;
  for (let row = 0; row < count; row++) {
    if (!mayShow(row)) continue;
    isIn[row] = 1;
    selected++;
    if (row - last > LONGEST_GAP) stretches.push(row, row + 1);
    else stretches[stretches.length - 1] = row + 1;
    last = row;
  }
  return { isIn, count: selected, stretches: Uint32Array.from(stretches) };
}
