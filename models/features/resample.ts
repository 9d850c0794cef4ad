import { kaiserAt } from './window.ts';

/** Taps on each side of the middle one. */
export const HALVE_REACH = 194;

/**
 * The low-pass filter with which libsoxr's "HQ" recipe (librosa's `res_type='soxr_hq'`) halves a sample rate: a
 * Kaiser-windowed sinc of 389 taps, flat to 0.913 of the new Nyquist frequency. Measured from libsoxr 0.1.3's own
 * impulse response, which these numbers give to 4e-8. Its exact shape is audible to the CQT: what rings beyond the
 * clip's edges is cut off there.
 *
 * @returns Taps 0 … 194 of the symmetric filter, the middle one first, times √2: `librosa.resample(scale=True)`
 *   keeps the energy.
 */
export function createHalveTaps(): Float32Array {
  const cutoff = 0.47843591;
  const beta = 13.04007213;
  const halfLength = HALVE_REACH + 0.5;
  const taps = new Float64Array(HALVE_REACH + 1);
  let sum = 0;
  for (let k = 0; k <= HALVE_REACH; k++) {
    const x = Math.PI * k;
    const sinc = k === 0 ? cutoff : Math.sin(cutoff * x) / x;
    taps[k] = sinc * kaiserAt(k / halfLength, beta);
    sum += k === 0 ? taps[k]! : 2 * taps[k]!;
  }
  return Float32Array.from(taps, (tap) => (tap / sum) * Math.SQRT2);
}

/**
 * `librosa.resample(y, orig_sr=2, target_sr=1, res_type='soxr_hq', scale=True)`: ⌈samples / 2⌉ samples without delay.
 *
 * @param signal With at least {@link HALVE_REACH} zeros before `signal[first]` and after `signal[first + samples - 1]`.
 * @param halved Written from `halved[halvedFirst]` on.
 */
export function halveRate(
  taps: Float32Array,
  signal: Float32Array,
  first: number,
  samples: number,
  halved: Float32Array,
  halvedFirst: number,
): void {
  const { fround } = Math;
  const count = Math.ceil(samples / 2);
  for (let n = 0; n < count; n++) {
    const middle = first + 2 * n;
    let sum = fround(taps[0]! * signal[middle]!);
    for (let k = 1; k <= HALVE_REACH; k++) {
      sum = fround(sum + fround(taps[k]! * fround(signal[middle - k]! + signal[middle + k]!)));
    }
    halved[halvedFirst + n] = sum;
  }
}
