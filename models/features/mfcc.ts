/** The first `coefficients` rows of the orthonormal DCT-II of `size` points: coefficients × size. */
export function createDct(coefficients: number, size: number): Float64Array {
  const basis = new Float64Array(coefficients * size);
  for (let k = 0; k < coefficients; k++) {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / size);
    for (let n = 0; n < size; n++) {
      basis[k * size + n] = scale * Math.cos((Math.PI * k * (2 * n + 1)) / (2 * size));
    }
  }
  return basis;
}

/**
 * `librosa.feature.mfcc(y, n_mfcc=40)` from mel bands that are already in decibels (clamped at 80 dB below the
 * clip's maximum): the orthonormal DCT-II over the bands, without liftering.
 *
 * @param dct From {@link createDct}, coefficients × bands; the coefficients a multiple of 4, the bands even.
 * @param melDecibels frames × bands.
 * @param mfcc coefficients × frames (row by row, as in the matrix of features).
 */
export function mfccFromDecibels(
  dct: Float64Array,
  melDecibels: Float32Array,
  frames: number,
  mfcc: Float32Array,
): void {
  const bands = melDecibels.length / frames;
  const coefficients = dct.length / bands;
  const half = bands / 2;
  const even = new Float64Array(half);
  const odd = new Float64Array(half);
  for (let frame = 0; frame < frames; frame++) {
    const first = frame * bands;
    // cos(πk(2n+1)/2N) is even or odd about the middle of the bands as k is: half the products do.
    for (let n = 0; n < half; n++) {
      const left = melDecibels[first + n]!;
      const right = melDecibels[first + bands - 1 - n]!;
      even[n] = left + right;
      odd[n] = left - right;
    }
    // Four sums at a time, because each addition to a single sum would wait for the one before.
    for (let k = 0; k < coefficients; k += 4) {
      const row = k * bands;
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let n = 0; n < half; n++) {
        const e = even[n]!;
        const o = odd[n]!;
        sum0 += dct[row + n]! * e;
        sum1 += dct[row + bands + n]! * o;
        sum2 += dct[row + 2 * bands + n]! * e;
        sum3 += dct[row + 3 * bands + n]! * o;
      }
      mfcc[k * frames + frame] = sum0;
      mfcc[(k + 1) * frames + frame] = sum1;
      mfcc[(k + 2) * frames + frame] = sum2;
      mfcc[(k + 3) * frames + frame] = sum3;
    }
  }
}
