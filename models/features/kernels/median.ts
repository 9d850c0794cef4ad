// Medians of 31 for four signals at a time, one in each lane; a sample is one v128, 16 bytes.
//
// The windows of sixteen neighbouring outputs share the sixteen samples of a block. These are sorted once; then the
// outputs are halved again and again, and what a half has in common besides (8, 4, 2, 1 samples) is merged in. Of the
// sorted samples only those are kept that can still be the median whatever follows: the middle third each time. The
// samples that are merged in are blocks of 8, 4 and 2 that were sorted on the way to sorting the sixteen.

/** Samples before the first output: 15, and one more so that blocks of sixteen begin at multiples of sixteen. */
const LEAD: i32 = 16;

function order(base: usize, i: usize, j: usize): void {
  const a = v128.load(base + (i << 4));
  const b = v128.load(base + (j << 4));
  v128.store(base + (i << 4), f32x4.pmin(a, b));
  v128.store(base + (j << 4), f32x4.pmax(a, b));
}

/** Sorts pairs of `from` (length a multiple of 16) into `pairs`, those into `quads`, those into `octets`. */
function sortBlocks(from: usize, pairs: usize, quads: usize, octets: usize, length: i32): void {
  const end = (<usize>length) << 4;
  for (let at: usize = 0; at < end; at += 128) {
    for (let half: usize = 0; half < 128; half += 64) {
      const p = at + half;
      const x0 = v128.load(from + p);
      const x1 = v128.load(from + p, 16);
      const x2 = v128.load(from + p, 32);
      const x3 = v128.load(from + p, 48);
      const a = f32x4.pmin(x0, x1);
      const b = f32x4.pmax(x0, x1);
      const c = f32x4.pmin(x2, x3);
      const d = f32x4.pmax(x2, x3);
      v128.store(pairs + p, a);
      v128.store(pairs + p, b, 16);
      v128.store(pairs + p, c, 32);
      v128.store(pairs + p, d, 48);
      const lowest = f32x4.pmin(a, c);
      const m0 = f32x4.pmax(a, c);
      const m1 = f32x4.pmin(b, d);
      const highest = f32x4.pmax(b, d);
      v128.store(quads + p, lowest);
      v128.store(quads + p, f32x4.pmin(m0, m1), 16);
      v128.store(quads + p, f32x4.pmax(m0, m1), 32);
      v128.store(quads + p, highest, 48);
    }
    // Batcher's merge of two sorted fours.
    const q = quads + at;
    const q0 = v128.load(q);
    const q1 = v128.load(q, 16);
    const q2 = v128.load(q, 32);
    const q3 = v128.load(q, 48);
    const q4 = v128.load(q, 64);
    const q5 = v128.load(q, 80);
    const q6 = v128.load(q, 96);
    const q7 = v128.load(q, 112);
    const r1 = f32x4.pmin(q1, q5);
    const r5 = f32x4.pmax(q1, q5);
    const r2 = f32x4.pmin(q2, q6);
    const r6 = f32x4.pmax(q2, q6);
    const r3 = f32x4.pmin(q3, q7);
    const r4 = f32x4.pmax(q0, q4);
    const s2 = f32x4.pmin(r2, r4);
    const s4 = f32x4.pmax(r2, r4);
    const s3 = f32x4.pmin(r3, r5);
    const s5 = f32x4.pmax(r3, r5);
    const o = octets + at;
    v128.store(o, f32x4.pmin(q0, q4));
    v128.store(o, f32x4.pmin(r1, s2), 16);
    v128.store(o, f32x4.pmax(r1, s2), 32);
    v128.store(o, f32x4.pmin(s3, s4), 48);
    v128.store(o, f32x4.pmax(s3, s4), 64);
    v128.store(o, f32x4.pmin(s5, r6), 80);
    v128.store(o, f32x4.pmax(s5, r6), 96);
    v128.store(o, f32x4.pmax(q3, q7), 112);
  }
}

/** Batcher's merge of the sorted eights at `from` into sorted sixteen at `to`. */
function mergeEights(from: usize, to: usize): void {
  for (let i: usize = 0; i < 128; i += 16) {
    const a = v128.load(from + i);
    const b = v128.load(from + i, 128);
    v128.store(to + i, f32x4.pmin(a, b));
    v128.store(to + i, f32x4.pmax(a, b), 128);
  }
  order(to, 4, 8);
  order(to, 5, 9);
  order(to, 6, 10);
  order(to, 7, 11);
  order(to, 2, 4);
  order(to, 3, 5);
  order(to, 6, 8);
  order(to, 7, 9);
  order(to, 10, 12);
  order(to, 11, 13);
  order(to, 1, 2);
  order(to, 3, 4);
  order(to, 5, 6);
  order(to, 7, 8);
  order(to, 9, 10);
  order(to, 11, 12);
  order(to, 13, 14);
}

/** The middle eight, sorted, of sixteen sorted at `sixteen` and eight sorted at `eight`. */
function middleEight(sixteen: usize, eight: usize, to: usize): void {
  // What is above the lowest eight of all is bitonic, and so is what is below the highest eight.
  let u0 = f32x4.pmax(v128.load(sixteen), v128.load(eight, 112));
  let u1 = f32x4.pmax(v128.load(sixteen, 16), v128.load(eight, 96));
  let u2 = f32x4.pmax(v128.load(sixteen, 32), v128.load(eight, 80));
  let u3 = f32x4.pmax(v128.load(sixteen, 48), v128.load(eight, 64));
  let u4 = f32x4.pmax(v128.load(sixteen, 64), v128.load(eight, 48));
  let u5 = f32x4.pmax(v128.load(sixteen, 80), v128.load(eight, 32));
  let u6 = f32x4.pmax(v128.load(sixteen, 96), v128.load(eight, 16));
  let u7 = f32x4.pmax(v128.load(sixteen, 112), v128.load(eight));
  for (let round = 0; round < 2; round++) {
    const a0 = f32x4.pmin(u0, u4);
    const a4 = f32x4.pmax(u0, u4);
    const a1 = f32x4.pmin(u1, u5);
    const a5 = f32x4.pmax(u1, u5);
    const a2 = f32x4.pmin(u2, u6);
    const a6 = f32x4.pmax(u2, u6);
    const a3 = f32x4.pmin(u3, u7);
    const a7 = f32x4.pmax(u3, u7);
    const b0 = f32x4.pmin(a0, a2);
    const b2 = f32x4.pmax(a0, a2);
    const b1 = f32x4.pmin(a1, a3);
    const b3 = f32x4.pmax(a1, a3);
    const b4 = f32x4.pmin(a4, a6);
    const b6 = f32x4.pmax(a4, a6);
    const b5 = f32x4.pmin(a5, a7);
    const b7 = f32x4.pmax(a5, a7);
    u0 = f32x4.pmin(b0, b1);
    u1 = f32x4.pmax(b0, b1);
    u2 = f32x4.pmin(b2, b3);
    u3 = f32x4.pmax(b2, b3);
    u4 = f32x4.pmin(b4, b5);
    u5 = f32x4.pmax(b4, b5);
    u6 = f32x4.pmin(b6, b7);
    u7 = f32x4.pmax(b6, b7);
    if (round === 0) {
      u0 = f32x4.pmin(u0, v128.load(sixteen, 240));
      u1 = f32x4.pmin(u1, v128.load(sixteen, 224));
      u2 = f32x4.pmin(u2, v128.load(sixteen, 208));
      u3 = f32x4.pmin(u3, v128.load(sixteen, 192));
      u4 = f32x4.pmin(u4, v128.load(sixteen, 176));
      u5 = f32x4.pmin(u5, v128.load(sixteen, 160));
      u6 = f32x4.pmin(u6, v128.load(sixteen, 144));
      u7 = f32x4.pmin(u7, v128.load(sixteen, 128));
    }
  }
  v128.store(to, u0);
  v128.store(to, u1, 16);
  v128.store(to, u2, 32);
  v128.store(to, u3, 48);
  v128.store(to, u4, 64);
  v128.store(to, u5, 80);
  v128.store(to, u6, 96);
  v128.store(to, u7, 112);
}

/**
 * Two outputs, whose four common candidates are c0 ≤ … ≤ c3 and whose windows both hold the sorted two at `pair`
 * besides; the first adds the sample at `left`, the second the one at `right`.
 */
function lastTwo(
  c0: v128,
  c1: v128,
  c2: v128,
  c3: v128,
  pair: usize,
  left: usize,
  right: usize,
  to: usize,
): void {
  const above0 = f32x4.pmax(c0, v128.load(pair, 16));
  const above1 = f32x4.pmax(c1, v128.load(pair));
  const below0 = f32x4.pmin(f32x4.pmin(above0, above1), c3);
  const below1 = f32x4.pmin(f32x4.pmax(above0, above1), c2);
  const low = f32x4.pmin(below0, below1);
  const high = f32x4.pmax(below0, below1);
  v128.store(to, f32x4.pmax(low, f32x4.pmin(v128.load(left), high)));
  v128.store(to, f32x4.pmax(low, f32x4.pmin(v128.load(right), high)), 16);
}

/**
 * Four outputs, whose eight common candidates are at `eight` and whose windows all hold the sorted four at `quad`
 * besides. `leftmost` is where the first output's window begins, in bytes from the start of `from` and `pairs`.
 */
function fourOutputs(eight: usize, quad: usize, from: usize, pairs: usize, leftmost: usize, to: usize): void {
  const u0 = f32x4.pmax(v128.load(eight), v128.load(quad, 48));
  const u1 = f32x4.pmax(v128.load(eight, 16), v128.load(quad, 32));
  const u2 = f32x4.pmax(v128.load(eight, 32), v128.load(quad, 16));
  const u3 = f32x4.pmax(v128.load(eight, 48), v128.load(quad));
  const a0 = f32x4.pmin(u0, u2);
  const a2 = f32x4.pmax(u0, u2);
  const a1 = f32x4.pmin(u1, u3);
  const a3 = f32x4.pmax(u1, u3);
  const v0 = f32x4.pmin(f32x4.pmin(a0, a1), v128.load(eight, 112));
  const v1 = f32x4.pmin(f32x4.pmax(a0, a1), v128.load(eight, 96));
  const v2 = f32x4.pmin(f32x4.pmin(a2, a3), v128.load(eight, 80));
  const v3 = f32x4.pmin(f32x4.pmax(a2, a3), v128.load(eight, 64));
  const b0 = f32x4.pmin(v0, v2);
  const b2 = f32x4.pmax(v0, v2);
  const b1 = f32x4.pmin(v1, v3);
  const b3 = f32x4.pmax(v1, v3);
  const c0 = f32x4.pmin(b0, b1);
  const c1 = f32x4.pmax(b0, b1);
  const c2 = f32x4.pmin(b2, b3);
  const c3 = f32x4.pmax(b2, b3);
  // All four windows hold the 28 samples from leftmost + 3 on. The first two add the two before these, the last two
  // the two behind; then each adds the one that is its own.
  const behind = leftmost + 31 * 16;
  lastTwo(c0, c1, c2, c3, pairs + leftmost + 16, from + leftmost, from + behind, to);
  lastTwo(c0, c1, c2, c3, pairs + behind, from + leftmost + 32, from + behind + 32, to + 32);
}

/**
 * Medians of a run: `from` holds LEAD samples before that of the first output and enough behind; `outputs` is a
 * multiple of 16. `sorted` is scratch for three copies of `from` and 24 samples.
 */
function runMedians(from: usize, sorted: usize, to: usize, outputs: i32): void {
  const length = outputs + 2 * LEAD;
  const bytes = (<usize>length) << 4;
  const pairs = sorted;
  const quads = pairs + bytes;
  const octets = quads + bytes;
  const sixteen = octets + bytes;
  const eight = sixteen + 256;
  sortBlocks(from, pairs, quads, octets, length);
  for (let output = 0; output < outputs; output += 16) {
    // Windows of the sixteen outputs begin at block − 15 … block, in bytes of samples.
    const block = (<usize>(output + LEAD)) << 4;
    mergeEights(octets + block, sixteen);
    const out = to + ((<usize>output) << 4);
    middleEight(sixteen, octets + block - 128, eight);
    fourOutputs(eight, quads + block - 192, from, pairs, block - 240, out);
    fourOutputs(eight, quads + block + 256, from, pairs, block - 176, out + 64);
    middleEight(sixteen, octets + block + 256, eight);
    fourOutputs(eight, quads + block - 64, from, pairs, block - 112, out + 128);
    fourOutputs(eight, quads + block + 384, from, pairs, block - 48, out + 192);
  }
}

function reflect(index: i32, length: i32): i32 {
  let i = index;
  while (i < 0 || i >= length) i = i < 0 ? -1 - i : 2 * length - 1 - i;
  return i;
}

/** All f32, frames × bins. `scratch` as large as {@link medianScratchBytes} says. */
export function medianAcrossFrames(
  values: usize,
  medians: usize,
  frames: i32,
  bins: i32,
  scratch: usize,
): void {
  const outputs = (frames + 15) & ~15;
  const length = outputs + 2 * LEAD;
  const from = scratch;
  const to = from + ((<usize>length) << 4);
  const sorted = to + ((<usize>outputs) << 4);
  const row = (<usize>bins) << 2;
  for (let bin = 0; bin < bins; bin += 4) {
    const valid = min(4, bins - bin);
    for (let i = 0; i < length; i++) {
      const source = values + <usize>reflect(i - LEAD, frames) * row + ((<usize>bin) << 2);
      v128.store(from + ((<usize>i) << 4), valid === 4 ? v128.load(source) : loadFirst(source, valid));
    }
    runMedians(from, sorted, to, outputs);
    for (let i = 0; i < frames; i++) {
      const target = medians + <usize>i * row + ((<usize>bin) << 2);
      const value = v128.load(to + ((<usize>i) << 4));
      if (valid === 4) v128.store(target, value);
      else storeFirst(target, value, valid);
    }
  }
}

/** All f32, frames × bins. */
export function medianAcrossBins(
  values: usize,
  medians: usize,
  frames: i32,
  bins: i32,
  scratch: usize,
): void {
  const outputs = (bins + 15) & ~15;
  const length = outputs + 2 * LEAD;
  const from = scratch;
  const to = from + ((<usize>length) << 4);
  const sorted = to + ((<usize>outputs) << 4);
  const row = (<usize>bins) << 2;
  for (let frame = 0; frame < frames; frame += 4) {
    const last = frames - 1;
    const a = values + <usize>frame * row;
    const b = values + <usize>min(frame + 1, last) * row;
    const c = values + <usize>min(frame + 2, last) * row;
    const d = values + <usize>min(frame + 3, last) * row;
    let i = 0;
    for (; i < LEAD; i++) gather(from, i, reflect(i - LEAD, bins), a, b, c, d);
    let bin = 0;
    for (; bin + 4 <= bins; bin += 4, i += 4) {
      const at = (<usize>bin) << 2;
      transposeInto(
        from + ((<usize>i) << 4),
        16,
        v128.load(a + at),
        v128.load(b + at),
        v128.load(c + at),
        v128.load(d + at),
      );
    }
    for (; i < length; i++) gather(from, i, reflect(i - LEAD, bins), a, b, c, d);
    runMedians(from, sorted, to, outputs);
    const valid = min(4, frames - frame);
    const out = medians + <usize>frame * row;
    bin = 0;
    if (valid === 4) {
      for (; bin + 4 <= bins; bin += 4) {
        const at = to + ((<usize>bin) << 4);
        transposeInto(
          out + ((<usize>bin) << 2),
          row,
          v128.load(at),
          v128.load(at, 16),
          v128.load(at, 32),
          v128.load(at, 48),
        );
      }
    }
    for (; bin < bins; bin++) {
      for (let k = 0; k < valid; k++) {
        store<f32>(
          out + <usize>k * row + ((<usize>bin) << 2),
          load<f32>(to + ((<usize>bin) << 4) + ((<usize>k) << 2)),
        );
      }
    }
  }
}

function gather(from: usize, i: i32, bin: i32, a: usize, b: usize, c: usize, d: usize): void {
  const at = (<usize>bin) << 2;
  const to = from + ((<usize>i) << 4);
  store<f32>(to, load<f32>(a + at));
  store<f32>(to, load<f32>(b + at), 4);
  store<f32>(to, load<f32>(c + at), 8);
  store<f32>(to, load<f32>(d + at), 12);
}

function transposeInto(to: usize, apart: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(ab0, cd0, 0, 2));
  v128.store(to + apart, v128.shuffle<f64>(ab0, cd0, 1, 3));
  v128.store(to + 2 * apart, v128.shuffle<f64>(ab1, cd1, 0, 2));
  v128.store(to + 3 * apart, v128.shuffle<f64>(ab1, cd1, 1, 3));
}

function loadFirst(source: usize, count: i32): v128 {
  let value = v128.load32_zero(source);
  if (count > 1) value = v128.load32_lane(source, value, 1, 4);
  if (count > 2) value = v128.load32_lane(source, value, 2, 8);
  return value;
}

function storeFirst(target: usize, value: v128, count: i32): void {
  v128.store32_lane(target, value, 0);
  if (count > 1) v128.store32_lane(target, value, 1, 4);
  if (count > 2) v128.store32_lane(target, value, 2, 8);
}

/** Scratch that medians along `length` samples need. */
export function medianScratchBytes(length: i32): i32 {
  const outputs = (length + 15) & ~15;
  return (outputs + 4 * (outputs + 2 * LEAD) + 24) << 4;
}
