const REACH: i32 = 194;

/**
 * All f32. `signal` points at the first sample, REACH zeros before and behind; `phases` is scratch of
 * 4 × (samples + 2·REACH + 32) bytes.
 */
export function halveRate(taps: usize, signal: usize, samples: i32, halved: usize, phases: usize): void {
  const count = (samples + 1) >> 1;
  const reach = REACH >> 1;
  // Even and odd samples apart, so that neighbouring outputs read neighbouring samples.
  const length = count + REACH + 16;
  const even = phases;
  const odd = phases + ((<usize>length) << 2);
  const end = samples + REACH;
  for (let i = 0; i < length; i++) {
    const n = 2 * (i - reach);
    store<f32>(even + ((<usize>i) << 2), n < end ? load<f32>(signal + ((<isize>n) << 2)) : 0);
    store<f32>(odd + ((<usize>i) << 2), n + 1 < end ? load<f32>(signal + ((<isize>(n + 1)) << 2)) : 0);
  }
  for (let n = 0; n < count; n += 16) {
    const e = even + ((<usize>(n + reach)) << 2);
    const o = odd + ((<usize>(n + reach)) << 2);
    const middle = v128.load32_splat(taps);
    let sum0 = f32x4.mul(middle, v128.load(e));
    let sum1 = f32x4.mul(middle, v128.load(e, 16));
    let sum2 = f32x4.mul(middle, v128.load(e, 32));
    let sum3 = f32x4.mul(middle, v128.load(e, 48));
    for (let k: usize = 1; k <= <usize>reach; k++) {
      // Tap 2k − 1: samples 2n − 2k + 1 and 2n + 2k − 1, of the odd phase n − k and n + k − 1.
      const oddTap = v128.load32_splat(taps + (k << 3) - 4);
      let left = o - (k << 2);
      let right = o + (k << 2) - 4;
      sum0 = f32x4.add(sum0, f32x4.mul(oddTap, f32x4.add(v128.load(left), v128.load(right))));
      sum1 = f32x4.add(sum1, f32x4.mul(oddTap, f32x4.add(v128.load(left, 16), v128.load(right, 16))));
      sum2 = f32x4.add(sum2, f32x4.mul(oddTap, f32x4.add(v128.load(left, 32), v128.load(right, 32))));
      sum3 = f32x4.add(sum3, f32x4.mul(oddTap, f32x4.add(v128.load(left, 48), v128.load(right, 48))));
      // Tap 2k: samples 2n − 2k and 2n + 2k, of the even phase n − k and n + k.
      const evenTap = v128.load32_splat(taps + (k << 3));
      left = e - (k << 2);
      right = e + (k << 2);
      sum0 = f32x4.add(sum0, f32x4.mul(evenTap, f32x4.add(v128.load(left), v128.load(right))));
      sum1 = f32x4.add(sum1, f32x4.mul(evenTap, f32x4.add(v128.load(left, 16), v128.load(right, 16))));
      sum2 = f32x4.add(sum2, f32x4.mul(evenTap, f32x4.add(v128.load(left, 32), v128.load(right, 32))));
      sum3 = f32x4.add(sum3, f32x4.mul(evenTap, f32x4.add(v128.load(left, 48), v128.load(right, 48))));
    }
    const to = halved + ((<usize>n) << 2);
    storeUpTo(to, sum0, count - n);
    storeUpTo(to + 16, sum1, count - n - 4);
    storeUpTo(to + 32, sum2, count - n - 8);
    storeUpTo(to + 48, sum3, count - n - 12);
  }
}

function storeUpTo(to: usize, values: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, values);
  } else {
    if (count > 0) v128.store32_lane(to, values, 0);
    if (count > 1) v128.store32_lane(to, values, 1, 4);
    if (count > 2) v128.store32_lane(to, values, 2, 8);
  }
}
