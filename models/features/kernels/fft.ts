function storeTurned(at: usize, re: v128, im: v128, wRe: v128, wIm: v128): void {
  v128.store(at, f64x2.sub(f64x2.mul(wRe, re), f64x2.mul(wIm, im)));
  v128.store(at, f64x2.add(f64x2.mul(wRe, im), f64x2.mul(wIm, re)), 16);
}

/**
 * Complex FFTs of `size` points of the signals in the two lanes, as `complexFft` of ../fft.ts.
 *
 * @returns Whichever of `input` and `scratch` holds the result.
 */
export function complexFft(input: usize, scratch: usize, size: i32, stages: usize): usize {
  let x = input;
  let y = scratch;
  let stride: usize = 32;
  let twiddle = stages;
  let n = size;
  for (; n >= 4; n >>= 2) {
    const quarter = <usize>(n >> 2);
    const apart = stride * quarter;
    for (let p: usize = 0; p < quarter; p++) {
      const w1Re = v128.load64_splat(twiddle);
      const w1Im = v128.load64_splat(twiddle, 8);
      const w2Re = v128.load64_splat(twiddle, 16);
      const w2Im = v128.load64_splat(twiddle, 24);
      const w3Re = v128.load64_splat(twiddle, 32);
      const w3Im = v128.load64_splat(twiddle, 40);
      twiddle += 48;
      let a = x + stride * p;
      let to = y + 4 * stride * p;
      const end = a + stride;
      for (; a < end; a += 32, to += 32) {
        const b = a + apart;
        const c = b + apart;
        const d = c + apart;
        const aRe = v128.load(a);
        const aIm = v128.load(a, 16);
        const bRe = v128.load(b);
        const bIm = v128.load(b, 16);
        const cRe = v128.load(c);
        const cIm = v128.load(c, 16);
        const dRe = v128.load(d);
        const dIm = v128.load(d, 16);
        const sumAcRe = f64x2.add(aRe, cRe);
        const sumAcIm = f64x2.add(aIm, cIm);
        const diffAcRe = f64x2.sub(aRe, cRe);
        const diffAcIm = f64x2.sub(aIm, cIm);
        const sumBdRe = f64x2.add(bRe, dRe);
        const sumBdIm = f64x2.add(bIm, dIm);
        const diffBdRe = f64x2.sub(bRe, dRe);
        const diffBdIm = f64x2.sub(bIm, dIm);
        v128.store(to, f64x2.add(sumAcRe, sumBdRe));
        v128.store(to, f64x2.add(sumAcIm, sumBdIm), 16);
        storeTurned(to + stride, f64x2.add(diffAcRe, diffBdIm), f64x2.sub(diffAcIm, diffBdRe), w1Re, w1Im);
        storeTurned(to + 2 * stride, f64x2.sub(sumAcRe, sumBdRe), f64x2.sub(sumAcIm, sumBdIm), w2Re, w2Im);
        storeTurned(
          to + 3 * stride,
          f64x2.sub(diffAcRe, diffBdIm),
          f64x2.add(diffAcIm, diffBdRe),
          w3Re,
          w3Im,
        );
      }
    }
    const swap = x;
    x = y;
    y = swap;
    stride <<= 2;
  }
  if (n === 2) {
    for (let at: usize = 0; at < stride; at += 16) {
      const a = v128.load(x + at);
      const b = v128.load(x + at + stride);
      v128.store(y + at, f64x2.add(a, b));
      v128.store(y + at + stride, f64x2.sub(a, b));
    }
    return y;
  }
  return x;
}
