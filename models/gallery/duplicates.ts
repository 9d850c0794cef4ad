import { coloursAgree, COPY_BITS, SIGNATURE_BYTES } from './signature.ts';

const BANDS = 4;
const BAND_BITS = 16;

/**
 * Groups pictures that are copies of each other, exact (same content) or near (similar signature). Two hashes of 64
 * bits that differ in at most 7 bits differ in at most one bit within at least one of their four parts of 16 bits, so
 * each picture is compared only with those of 68 short lists.
 * @param contents equal for exact copies
 * @param signatures [contents.length, SIGNATURE_BYTES]
 * @returns for each picture the first one of its group; a picture without copies has its own position
 */
export function groupCopies(contents: readonly string[], signatures: Uint8Array): Uint32Array {
  const count = contents.length;
  const groups = Uint32Array.from({ length: count }, (_, i) => i);
  const first = new Map<string, number>();
  contents.forEach((content, i) => {
    const other = first.get(content);
    if (other === undefined) first.set(content, i);
    else join(groups, other, i);
  });
  const signature = (i: number): Uint8Array =>
    signatures.subarray(i * SIGNATURE_BYTES, (i + 1) * SIGNATURE_BYTES);
  const halves = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const view = new DataView(signatures.buffer, signatures.byteOffset + i * SIGNATURE_BYTES);
    halves[2 * i] = view.getUint32(0, true);
    halves[2 * i + 1] = view.getUint32(4, true);
  }
  const differingBits = (a: number, b: number): number =>
    bitsOf(halves[2 * a]! ^ halves[2 * b]!) + bitsOf(halves[2 * a + 1]! ^ halves[2 * b + 1]!);

  for (let band = 0; band < BANDS; band++) {
    const keyOf = (i: number): number =>
      (halves[2 * i + (band >> 1)]! >>> (band & 1 ? BAND_BITS : 0)) & 0xffff;
    const { starts, members } = listsByKey(count, keyOf);
    for (let i = 0; i < count; i++) {
      const key = keyOf(i);
      for (let flip = -1; flip < BAND_BITS; flip++) {
        const near = flip < 0 ? key : key ^ (1 << flip);
        for (let at = starts[near]!; at < starts[near + 1]!; at++) {
          const other = members[at]!;
          if (other <= i || differingBits(i, other) > COPY_BITS) continue;
          if (rootOf(groups, i) === rootOf(groups, other)) continue;
          if (coloursAgree(signature(i), signature(other))) join(groups, i, other);
        }
      }
    }
  }
  for (let i = 0; i < count; i++) groups[i] = rootOf(groups, i);
  return groups;
}

function listsByKey(count: number, keyOf: (i: number) => number) {
  const starts = new Uint32Array(2 ** BAND_BITS + 1);
  for (let i = 0; i < count; i++) starts[keyOf(i) + 1]!++;
  for (let key = 0; key < 2 ** BAND_BITS; key++) starts[key + 1]! += starts[key]!;
  const next = starts.slice();
  const members = new Uint32Array(count);
  for (let i = 0; i < count; i++) members[next[keyOf(i)]!++] = i;
  return { starts, members };
}

/** Union-find: each element names an earlier one of its set, the first names itself. */
function rootOf(parents: Uint32Array, i: number): number {
  while (parents[i] !== i) {
    parents[i] = parents[parents[i]!]!;
    i = parents[i]!;
  }
  return i;
}

function join(parents: Uint32Array, a: number, b: number): void {
  const [rootA, rootB] = [rootOf(parents, a), rootOf(parents, b)];
  parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
}

function bitsOf(value: number): number {
  value -= (value >>> 1) & 0x55555555;
  value = (value & 0x33333333) + ((value >>> 2) & 0x33333333);
  return (((value + (value >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
