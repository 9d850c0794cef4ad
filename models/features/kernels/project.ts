/** All f32: `bank` bins × 12, `magnitude` frames × bins, `chroma` frames × 12. */
export function projectChroma(bank: usize, magnitude: usize, chroma: usize, bins: i32, frames: i32): void {
  for (let frame = 0; frame < frames; frame++) {
    let sum0 = f32x4.splat(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let weights = bank;
    let at = magnitude + ((<usize>(frame * bins)) << 2);
    const end = at + ((<usize>bins) << 2);
    for (; at < end; at += 4, weights += 48) {
      const value = v128.load32_splat(at);
      sum0 = f32x4.add(sum0, f32x4.mul(v128.load(weights), value));
      sum1 = f32x4.add(sum1, f32x4.mul(v128.load(weights, 16), value));
      sum2 = f32x4.add(sum2, f32x4.mul(v128.load(weights, 32), value));
    }
    const to = chroma + <usize>frame * 48;
    v128.store(to, sum0);
    v128.store(to, sum1, 16);
    v128.store(to, sum2, 32);
  }
}

/**
 * `firstBin` and `offset` i32, `weights` f32 complex (each filter an even number of them), `spectrum` f32 with
 * `row` numbers a frame, `magnitude` f32, frames × filters.
 */
export function projectOctave(
  firstBin: usize,
  offset: usize,
  weights: usize,
  spectrum: usize,
  magnitude: usize,
  row: i32,
  filters: i32,
  frames: i32,
): void {
  for (let filter = 0; filter < filters; filter++) {
    const from = <usize>load<i32>(offset + ((<usize>filter) << 2));
    const to = <usize>load<i32>(offset + ((<usize>filter) << 2), 4);
    const first = <usize>load<i32>(firstBin + ((<usize>filter) << 2));
    const start = weights + (from << 3);
    const end = weights + (to << 3);
    for (let frame = 0; frame < frames; frame++) {
      let bins = spectrum + ((<usize>(frame * row)) << 2) + (first << 3);
      let direct = f32x4.splat(0);
      let crossed = direct;
      for (let at = start; at < end; at += 16, bins += 16) {
        const w = v128.load(at);
        const x = v128.load(bins);
        direct = f32x4.add(direct, f32x4.mul(w, x));
        crossed = f32x4.add(crossed, f32x4.mul(w, v128.shuffle<f32>(x, x, 1, 0, 3, 2)));
      }
      const re =
        f32x4.extract_lane(direct, 0) -
        f32x4.extract_lane(direct, 1) +
        (f32x4.extract_lane(direct, 2) - f32x4.extract_lane(direct, 3));
      const im =
        f32x4.extract_lane(crossed, 0) +
        f32x4.extract_lane(crossed, 1) +
        (f32x4.extract_lane(crossed, 2) + f32x4.extract_lane(crossed, 3));
      store<f32>(
        magnitude + ((<usize>(frame * filters + filter)) << 2),
        <f32>sqrt(<f64>re * <f64>re + <f64>im * <f64>im),
      );
    }
  }
}

/** `firstBin` and `offset` i32, `weights` f32, `magnitude` f32 frames × bins, `mel` f32 frames × bands. */
export function melSpectrogram(
  firstBin: usize,
  offset: usize,
  weights: usize,
  magnitude: usize,
  mel: usize,
  bins: i32,
  bands: i32,
  frames: i32,
): void {
  for (let frame = 0; frame < frames; frame++) {
    const row = magnitude + ((<usize>(frame * bins)) << 2);
    for (let band = 0; band < bands; band++) {
      let at = weights + ((<usize>load<i32>(offset + ((<usize>band) << 2))) << 2);
      const end = weights + ((<usize>load<i32>(offset + ((<usize>band) << 2), 4)) << 2);
      let from = row + ((<usize>load<i32>(firstBin + ((<usize>band) << 2))) << 2);
      let sum: f64 = 0;
      for (; at < end; at += 4, from += 4) {
        const value = load<f32>(from);
        sum += <f64>load<f32>(at) * <f64>(value * value);
      }
      store<f32>(mel + ((<usize>(frame * bands + band)) << 2), <f32>sum);
    }
  }
}
