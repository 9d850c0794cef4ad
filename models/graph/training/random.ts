/** Spreads a 32-bit number over all its bits (Wellons, hash-prospector, "lowbias32"). */
function scramble(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * A stream of random 32-bit numbers with random access: number i depends only on i, the seed, the step and the name.
 * @returns from an index to a whole number in [0, 2³²)
 */
export function randomBits(seed: number, step: number, name: string): (index: number) => number {
  let key = scramble(scramble(seed ^ 0x9e3779b9) ^ step);
  for (let i = 0; i < name.length; i++) key = scramble(key ^ (name.charCodeAt(i) + 0x85ebca6b));
  const second = scramble(key ^ 0xc2b2ae35);
  return (index) => scramble(scramble(index ^ key) + second);
}
