/**
 * Tables of a real FFT of `samples` points (a power of two, at least 8), done as a complex one of half the size.
 * The WebAssembly kernel reads the same tables.
 */
export interface FftPlan {
  readonly samples: number;
  /** Radix-4 stages of n = samples/2, samples/8, …: for each p < n/4 the six numbers w, w², w³ (real, imaginary). */
  readonly stageTwiddles: Float64Array;
  /** e^(−2πik / samples) for k = 0 … samples/4, real and imaginary: joins the even and the odd samples' halves. */
  readonly splitTwiddles: Float64Array;
}

export function createFftPlan(samples: number): FftPlan {
  if (samples < 8 || (samples & (samples - 1)) !== 0) {
    throw new RangeError(`an FFT can't have ${samples} points: give a power of two, at least 8`);
  }
  const stages: number[] = [];
  for (let n = samples / 2; n >= 4; n /= 4) {
    for (let p = 0; p < n / 4; p++) {
      for (let power = 1; power <= 3; power++) {
        const angle = (-2 * Math.PI * p * power) / n;
        stages.push(Math.cos(angle), Math.sin(angle));
      }
    }
  }
  const split = new Float64Array(samples / 2 + 2);
  for (let k = 0; k <= samples / 4; k++) {
    const angle = (-2 * Math.PI * k) / samples;
    split[2 * k] = Math.cos(angle);
    split[2 * k + 1] = Math.sin(angle);
  }
  return { samples, stageTwiddles: Float64Array.from(stages), splitTwiddles: split };
}

/**
 * Complex FFT of interleaved numbers (Stockham's, radix 4 with a last stage of radix 2 where the size is an odd power
 * of two). Overwrites both arrays; returns the one that holds the result, in natural order.
 */
export function complexFft(plan: FftPlan, input: Float64Array, scratch: Float64Array): Float64Array {
  const size = plan.samples / 2;
  const twiddles = plan.stageTwiddles;
  let x = input;
  let y = scratch;
  let stride = 1;
  let at = 0;
  let n = size;
  for (; n >= 4; n /= 4) {
    const quarter = n / 4;
    for (let p = 0; p < quarter; p++) {
      const w1re = twiddles[at]!;
      const w1im = twiddles[at + 1]!;
      const w2re = twiddles[at + 2]!;
      const w2im = twiddles[at + 3]!;
      const w3re = twiddles[at + 4]!;
      const w3im = twiddles[at + 5]!;
      at += 6;
      for (let q = 0; q < stride; q++) {
        const a = 2 * (q + stride * p);
        const b = a + 2 * stride * quarter;
        const c = b + 2 * stride * quarter;
        const d = c + 2 * stride * quarter;
        const sumAcRe = x[a]! + x[c]!;
        const sumAcIm = x[a + 1]! + x[c + 1]!;
        const diffAcRe = x[a]! - x[c]!;
        const diffAcIm = x[a + 1]! - x[c + 1]!;
        const sumBdRe = x[b]! + x[d]!;
        const sumBdIm = x[b + 1]! + x[d + 1]!;
        const diffBdRe = x[b]! - x[d]!;
        const diffBdIm = x[b + 1]! - x[d + 1]!;
        const first = 2 * (q + 4 * stride * p);
        const second = first + 2 * stride;
        const third = second + 2 * stride;
        const fourth = third + 2 * stride;
        y[first] = sumAcRe + sumBdRe;
        y[first + 1] = sumAcIm + sumBdIm;
        const secondRe = diffAcRe + diffBdIm;
        const secondIm = diffAcIm - diffBdRe;
        y[second] = w1re * secondRe - w1im * secondIm;
        y[second + 1] = w1re * secondIm + w1im * secondRe;
        const thirdRe = sumAcRe - sumBdRe;
        const thirdIm = sumAcIm - sumBdIm;
        y[third] = w2re * thirdRe - w2im * thirdIm;
        y[third + 1] = w2re * thirdIm + w2im * thirdRe;
        const fourthRe = diffAcRe - diffBdIm;
        const fourthIm = diffAcIm + diffBdRe;
        y[fourth] = w3re * fourthRe - w3im * fourthIm;
        y[fourth + 1] = w3re * fourthIm + w3im * fourthRe;
      }
    }
    const swap = x;
    x = y;
    y = swap;
    stride *= 4;
  }
  if (n === 2) {
    for (let q = 0; q < 2 * stride; q++) {
      const a = x[q]!;
      const b = x[q + 2 * stride]!;
      y[q] = a + b;
      y[q + 2 * stride] = a - b;
    }
    return y;
  }
  return x;
}

/**
 * From the FFT z of (even samples) + i (odd samples) to the spectrum of the real signal: bins 0 … samples/2,
 * interleaved. Equal to what `numpy.fft.rfft` gives.
 */
export function splitHalves(plan: FftPlan, z: Float64Array, spectrum: Float64Array): void {
  const half = plan.samples / 2;
  const split = plan.splitTwiddles;
  spectrum[0] = z[0]! + z[1]!;
  spectrum[1] = 0;
  spectrum[2 * half] = z[0]! - z[1]!;
  spectrum[2 * half + 1] = 0;
  for (let k = 1; k <= half / 2; k++) {
    const low = 2 * k;
    const high = 2 * (half - k);
    const evenRe = 0.5 * (z[low]! + z[high]!);
    const evenIm = 0.5 * (z[low + 1]! - z[high + 1]!);
    const oddRe = 0.5 * (z[low + 1]! + z[high + 1]!);
    const oddIm = 0.5 * (z[high]! - z[low]!);
    const turnedRe = split[low]! * oddRe - split[low + 1]! * oddIm;
    const turnedIm = split[low]! * oddIm + split[low + 1]! * oddRe;
    spectrum[high] = evenRe - turnedRe;
    spectrum[high + 1] = turnedIm - evenIm;
    spectrum[low] = evenRe + turnedRe;
    spectrum[low + 1] = evenIm + turnedIm;
  }
}

/**
 * The inverse: from bins 0 … samples/2 to (odd samples) + i (even samples) of the *swapped* half-size spectrum, so that
 * a forward {@link complexFft} inverts it (real and imaginary parts exchanged, not yet divided by samples/2). The
 * imaginary parts of the first and last bin are ignored, as `numpy.fft.irfft` does.
 */
export function joinHalves(plan: FftPlan, spectrum: Float64Array, z: Float64Array): void {
  const half = plan.samples / 2;
  const split = plan.splitTwiddles;
  z[1] = 0.5 * (spectrum[0]! + spectrum[2 * half]!);
  z[0] = 0.5 * (spectrum[0]! - spectrum[2 * half]!);
  for (let k = 1; k <= half / 2; k++) {
    const low = 2 * k;
    const high = 2 * (half - k);
    const evenRe = 0.5 * (spectrum[low]! + spectrum[high]!);
    const evenIm = 0.5 * (spectrum[low + 1]! - spectrum[high + 1]!);
    const diffRe = 0.5 * (spectrum[low]! - spectrum[high]!);
    const diffIm = 0.5 * (spectrum[low + 1]! + spectrum[high + 1]!);
    const oddRe = split[low]! * diffRe + split[low + 1]! * diffIm;
    const oddIm = split[low]! * diffIm - split[low + 1]! * diffRe;
    z[high + 1] = evenRe + oddIm;
    z[high] = oddRe - evenIm;
    z[low + 1] = evenRe - oddIm;
    z[low] = evenIm + oddRe;
  }
}
