import { complexFft } from './fft';

// Two frames are transformed at a time, one in each lane: a complex number is 32 bytes, [re a, re b, im a, im b].

/**
 * @param padded f32; `window` f64 × samples; `stages` and `split` the plan's f64 tables; `scratch` 2 × 16 × samples
 *   bytes; `spectrum` f32, frames × (samples/2 + 1) × 2.
 */
export function stft(
  padded: usize,
  window: usize,
  stages: usize,
  split: usize,
  scratch: usize,
  spectrum: usize,
  samples: i32,
  hop: i32,
  frames: i32,
): void {
  const half = samples >> 1;
  const row = (<usize>(samples + 2)) << 2;
  for (let frame = 0; frame < frames; frame += 2) {
    const second = min(frame + 1, frames - 1);
    const a = padded + ((<usize>(frame * hop)) << 2);
    const b = padded + ((<usize>(second * hop)) << 2);
    for (let n = 0; n < half; n++) {
      const weights = v128.load(window + ((<usize>n) << 4));
      const pairA = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(a + ((<usize>n) << 3))), weights);
      const pairB = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(b + ((<usize>n) << 3))), weights);
      const at = scratch + ((<usize>n) << 5);
      v128.store(at, v128.shuffle<f64>(pairA, pairB, 0, 2));
      v128.store(at, v128.shuffle<f64>(pairA, pairB, 1, 3), 16);
    }
    const z = complexFft(scratch, scratch + ((<usize>half) << 5), half, stages);
    splitHalves(z, split, half, spectrum + <usize>frame * row, spectrum + <usize>second * row);
  }
}

function storeBin(re: v128, im: v128, bin: i32, a: usize, b: usize): void {
  const pair = v128.shuffle<f32>(f32x4.demote_f64x2_zero(re), f32x4.demote_f64x2_zero(im), 0, 4, 1, 5);
  const at = (<usize>bin) << 3;
  v128.store64_lane(a + at, pair, 0);
  v128.store64_lane(b + at, pair, 1);
}

function splitHalves(z: usize, split: usize, half: i32, a: usize, b: usize): void {
  const point5 = f64x2.splat(0.5);
  const zero = f64x2.splat(0);
  const re0 = v128.load(z);
  const im0 = v128.load(z, 16);
  storeBin(f64x2.add(re0, im0), zero, 0, a, b);
  storeBin(f64x2.sub(re0, im0), zero, half, a, b);
  for (let k = 1; k <= half >> 1; k++) {
    const low = z + ((<usize>k) << 5);
    const high = z + ((<usize>(half - k)) << 5);
    const lowRe = v128.load(low);
    const lowIm = v128.load(low, 16);
    const highRe = v128.load(high);
    const highIm = v128.load(high, 16);
    const evenRe = f64x2.mul(point5, f64x2.add(lowRe, highRe));
    const evenIm = f64x2.mul(point5, f64x2.sub(lowIm, highIm));
    const oddRe = f64x2.mul(point5, f64x2.add(lowIm, highIm));
    const oddIm = f64x2.mul(point5, f64x2.sub(highRe, lowRe));
    const wRe = v128.load64_splat(split + ((<usize>k) << 4));
    const wIm = v128.load64_splat(split + ((<usize>k) << 4), 8);
    const turnedRe = f64x2.sub(f64x2.mul(wRe, oddRe), f64x2.mul(wIm, oddIm));
    const turnedIm = f64x2.add(f64x2.mul(wRe, oddIm), f64x2.mul(wIm, oddRe));
    storeBin(f64x2.sub(evenRe, turnedRe), f64x2.sub(turnedIm, evenIm), half - k, a, b);
    storeBin(f64x2.add(evenRe, turnedRe), f64x2.add(evenIm, turnedIm), k, a, b);
  }
}

/** @param padded f32, cleared by the caller; the others as in {@link stft}. */
export function overlapAdd(
  spectrum: usize,
  window: usize,
  stages: usize,
  split: usize,
  scratch: usize,
  padded: usize,
  samples: i32,
  hop: i32,
  frames: i32,
): void {
  const half = samples >> 1;
  const row = (<usize>(samples + 2)) << 2;
  for (let frame = 0; frame < frames; frame += 2) {
    const second = min(frame + 1, frames - 1);
    joinHalves(spectrum + <usize>frame * row, spectrum + <usize>second * row, split, half, scratch);
    const swapped = complexFft(scratch, scratch + ((<usize>half) << 5), half, stages);
    addFrame(swapped, 0, half, window, padded + ((<usize>(frame * hop)) << 2));
    if (second > frame) addFrame(swapped, 8, half, window, padded + ((<usize>(second * hop)) << 2));
  }
}

function addFrame(swapped: usize, lane: usize, half: i32, window: usize, to: usize): void {
  const scale = f64x2.splat(1 / <f64>half);
  for (let n = 0; n < half; n++) {
    const from = swapped + ((<usize>n) << 5) + lane;
    // The swapped number's imaginary part is the even sample.
    const pair = v128.load64_lane(from, v128.load64_zero(from, 16), 1);
    const added = f64x2.mul(f64x2.mul(pair, scale), v128.load(window + ((<usize>n) << 4)));
    const at = to + ((<usize>n) << 3);
    const sum = f64x2.add(f64x2.promote_low_f32x4(v128.load64_zero(at)), added);
    v128.store64_lane(at, f32x4.demote_f64x2_zero(sum), 0);
  }
}

function loadRe(bin: i32, a: usize, b: usize): v128 {
  const at = (<usize>bin) << 3;
  return f64x2.promote_low_f32x4(v128.load32_lane(b + at, v128.load32_zero(a + at), 1));
}

function loadIm(bin: i32, a: usize, b: usize): v128 {
  const at = ((<usize>bin) << 3) + 4;
  return f64x2.promote_low_f32x4(v128.load32_lane(b + at, v128.load32_zero(a + at), 1));
}

function joinHalves(a: usize, b: usize, split: usize, half: i32, z: usize): void {
  const point5 = f64x2.splat(0.5);
  const first = loadRe(0, a, b);
  const last = loadRe(half, a, b);
  v128.store(z, f64x2.mul(point5, f64x2.add(first, last)), 16);
  v128.store(z, f64x2.mul(point5, f64x2.sub(first, last)));
  for (let k = 1; k <= half >> 1; k++) {
    const lowRe = loadRe(k, a, b);
    const lowIm = loadIm(k, a, b);
    const highRe = loadRe(half - k, a, b);
    const highIm = loadIm(half - k, a, b);
    const evenRe = f64x2.mul(point5, f64x2.add(lowRe, highRe));
    const evenIm = f64x2.mul(point5, f64x2.sub(lowIm, highIm));
    const diffRe = f64x2.mul(point5, f64x2.sub(lowRe, highRe));
    const diffIm = f64x2.mul(point5, f64x2.add(lowIm, highIm));
    const wRe = v128.load64_splat(split + ((<usize>k) << 4));
    const wIm = v128.load64_splat(split + ((<usize>k) << 4), 8);
    const oddRe = f64x2.add(f64x2.mul(wRe, diffRe), f64x2.mul(wIm, diffIm));
    const oddIm = f64x2.sub(f64x2.mul(wRe, diffIm), f64x2.mul(wIm, diffRe));
    const low = z + ((<usize>k) << 5);
    const high = z + ((<usize>(half - k)) << 5);
    v128.store(high, f64x2.add(evenRe, oddIm), 16);
    v128.store(high, f64x2.sub(oddRe, evenIm));
    v128.store(low, f64x2.sub(evenRe, oddIm), 16);
    v128.store(low, f64x2.add(evenIm, oddRe));
  }
}

/** @param spectrum f32 × 2 × count; `magnitude` f32 × count. */
export function magnitudes(spectrum: usize, magnitude: usize, count: i32): void {
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const both = v128.load(spectrum + ((<usize>i) << 3));
    const a = f64x2.promote_low_f32x4(both);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(both, both, 2, 3, 2, 3));
    const aa = f64x2.mul(a, a);
    const bb = f64x2.mul(b, b);
    const sum = f64x2.add(v128.shuffle<f64>(aa, bb, 0, 2), v128.shuffle<f64>(aa, bb, 1, 3));
    v128.store64_lane(magnitude + ((<usize>i) << 2), f32x4.demote_f64x2_zero(f64x2.sqrt(sum)), 0);
  }
  for (; i < count; i++) {
    const re = <f64>load<f32>(spectrum + ((<usize>i) << 3));
    const im = <f64>load<f32>(spectrum + ((<usize>i) << 3), 4);
    store<f32>(magnitude + ((<usize>i) << 2), <f32>sqrt(re * re + im * im));
  }
}
