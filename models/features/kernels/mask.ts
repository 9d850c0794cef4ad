/** All f32: `spectrum` and `masked` × 2 × count (may be the same), the others × count. */
export function maskHarmonic(
  spectrum: usize,
  magnitude: usize,
  harmonic: usize,
  percussive: usize,
  masked: usize,
  count: i32,
): void {
  const tiny = f32x4.splat(<f32>1.17549435e-38);
  const half = f32x4.splat(0.5);
  const zero = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = (<usize>i) << 2;
    const h = v128.load(harmonic + at);
    const p = v128.load(percussive + at);
    const larger = f32x4.pmax(h, p);
    const hShare = f32x4.div(h, larger);
    const pShare = f32x4.div(p, larger);
    const hPower = f32x4.mul(hShare, hShare);
    const pPower = f32x4.mul(pShare, pShare);
    const ratio = f32x4.div(hPower, f32x4.add(hPower, pPower));
    const mask = v128.bitselect(ratio, half, f32x4.ge(larger, tiny));
    const level = v128.load(magnitude + at);
    const kept = f32x4.mul(level, mask);
    const silent = f32x4.eq(level, zero);
    const from = spectrum + ((<usize>i) << 3);
    const to = masked + ((<usize>i) << 3);
    const low = f32x4.mul(
      v128.shuffle<f32>(kept, kept, 0, 0, 1, 1),
      f32x4.div(v128.load(from), v128.shuffle<f32>(level, level, 0, 0, 1, 1)),
    );
    const high = f32x4.mul(
      v128.shuffle<f32>(kept, kept, 2, 2, 3, 3),
      f32x4.div(v128.load(from, 16), v128.shuffle<f32>(level, level, 2, 2, 3, 3)),
    );
    v128.store(to, v128.andnot(low, v128.shuffle<f32>(silent, silent, 0, 0, 1, 1)));
    v128.store(to, v128.andnot(high, v128.shuffle<f32>(silent, silent, 2, 2, 3, 3)), 16);
  }
  for (; i < count; i++) {
    const at = (<usize>i) << 2;
    const h = load<f32>(harmonic + at);
    const p = load<f32>(percussive + at);
    const larger = h > p ? h : p;
    let mask: f32 = 0.5;
    if (larger >= <f32>1.17549435e-38) {
      const hPower = (h / larger) * (h / larger);
      const pPower = (p / larger) * (p / larger);
      mask = hPower / (hPower + pPower);
    }
    const level = load<f32>(magnitude + at);
    const kept = level * mask;
    const re = load<f32>(spectrum + ((<usize>i) << 3));
    const im = load<f32>(spectrum + ((<usize>i) << 3), 4);
    store<f32>(masked + ((<usize>i) << 3), level == 0 ? 0 : kept * (re / level));
    store<f32>(masked + ((<usize>i) << 3), level == 0 ? 0 : kept * (im / level), 4);
  }
}
