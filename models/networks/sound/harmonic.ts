import { FLOAT32_TINY, MEDIAN_LENGTH } from '../../features/index.ts';
import {
  add,
  concat,
  div,
  less,
  maximum,
  minimum,
  mul,
  reverse,
  slice,
  square,
  transpose,
  where,
} from '../../graph/index.ts';
import type { Tensor } from '../../graph/index.ts';
import type { Spectrum } from './spectrum.ts';

/** The i-th of these tensors holds the i-th smallest value of each window, at the window's first place. */
type Sorted = readonly Tensor[];

function inOrder(a: Tensor, b: Tensor): [Tensor, Tensor] {
  return [minimum(a, b), maximum(a, b)];
}

/** Batcher's odd-even merge of two sorted lists of any lengths (Knuth, "Sorting and Searching", 5.3.4). */
function merge(a: Sorted, b: Sorted): Sorted {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  if (a.length === 1 && b.length === 1) return inOrder(a[0]!, b[0]!);
  const even = (list: Sorted): Sorted => list.filter((_, i) => i % 2 === 0);
  const odd = (list: Sorted): Sorted => list.filter((_, i) => i % 2 === 1);
  const first = merge(even(a), even(b));
  const second = merge(odd(a), odd(b));
  const merged: Tensor[] = [first[0]!];
  for (let i = 0; i < Math.max(first.length - 1, second.length); i++) {
    const [low, high] = [second[i], first[i + 1]];
    if (low && high) merged.push(...inOrder(low, high));
    else merged.push((low ?? high)!);
  }
  return merged;
}

/** Windows that begin `lengths` apart, side by side, as one. */
function join(a: Sorted, b: Sorted): Sorted {
  const places = b[0]!.shape[1]! - a.length;
  const cut = (list: Sorted, start: number): Sorted =>
    list.map((x) => slice(x, [{ axis: 1, start, end: start + places }]));
  return merge(cut(a, 0), cut(b, a.length));
}

/**
 * `scipy.ndimage.median_filter(size=31, mode='reflect')` along axis 1. It merges neighbouring sorted windows into
 * windows of 2, 4, 8, 15 and 16 values, for all places at once; the median of two sorted lists is the smallest of
 * max(aᵢ, b₁₆₋ᵢ).
 */
function slidingMedian(x: Tensor): Tensor {
  const reach = (MEDIAN_LENGTH - 1) / 2;
  const length = x.shape[1]!;
  const edge = (start: number): Tensor => reverse(slice(x, [{ axis: 1, start, end: start + reach }]), [1]);
  const single: Sorted = [concat([edge(0), x, edge(length - reach)], 1)];
  const two = join(single, single);
  const three = join(two, single);
  const four = join(two, two);
  const seven = join(four, three);
  const eight = join(four, four);
  const fifteen = join(eight, seven);
  const sixteen = join(fifteen, single);
  const cut = (list: Sorted, start: number): Sorted =>
    list.map((one) => slice(one, [{ axis: 1, start, end: start + length }]));
  const [before, behind] = [cut(sixteen, 0), cut(fifteen, sixteen.length)];
  const candidates = before.map((one, i) => (i === reach ? one : maximum(one, behind[reach - 1 - i]!)));
  return candidates.reduce((smallest, one) => minimum(smallest, one));
}

/**
 * The harmonic output of `librosa.decompose.hpss(D)`
 * @param magnitude of `spectrum`, [batch, frames, bins]
 */
export function harmonicPart({ re, im }: Spectrum, magnitude: Tensor): Spectrum {
  const swap = [0, 2, 1];
  const harmonic = slidingMedian(magnitude);
  const percussive = transpose(slidingMedian(transpose(magnitude, swap)), swap);
  const larger = maximum(harmonic, percussive);
  const isTiny = less(larger, FLOAT32_TINY);
  const divisor = where(isTiny, 1, larger);
  const wanted = square(div(harmonic, divisor));
  const both = add(wanted, square(div(percussive, divisor)));
  const mask = where(isTiny, 0.5, div(wanted, where(isTiny, 1, both)));
  return { re: mul(re, mask), im: mul(im, mask) };
}
