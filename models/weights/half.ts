/**
 * IEEE 754 binary16 ("half precision"): 1 sign bit, 5 exponent bits, 10 mantissa bits; ±65504 at most, steps of 2⁻²⁴
 * near zero. Node 20 has no Float16Array.
 */

/** Magnitudes from this one on round to infinity. */
export const HALF_OVERFLOW = 65520;

const halves = new Float32Array(1 << 16);
let halvesAreReady = false;

/** @param bits 16 bits each. @returns the same numbers as float32, which holds every half exactly. */
export function halfToFloat(bits: Uint16Array): Float32Array {
  if (!halvesAreReady) {
    for (let half = 0; half < halves.length; half++) halves[half] = valueOfHalf(half);
    halvesAreReady = true;
  }
  const floats = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) floats[i] = halves[bits[i]!]!;
  return floats;
}

function valueOfHalf(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/**
 * Rounds to the nearest half, ties to the even one; below 2⁻²⁴ / 2 gives zero of the same sign, from 65520 on
 * infinity; NaN stays NaN.
 */
export function floatToHalf(floats: Float32Array): Uint16Array {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const bits = new Uint16Array(floats.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    bits[i] = ((word >>> 16) & 0x8000) | halfOfMagnitude(word & 0x7fffffff);
  }
  return bits;
}

/** @param word the 31 bits of a float32 without its sign. */
function halfOfMagnitude(word: number): number {
  if (word > 0x7f800000) return 0x7e00; // NaN
  if (word >= 0x477ff000) return 0x7c00; // 65520 and above
  if (word >= 0x38800000) {
    // 2⁻¹⁴ and above: move the exponent's bias from 127 to 15, drop 13 mantissa bits. A carry out of the mantissa
    // steps the exponent, as it must.
    const rebiased = word - 0x38000000;
    return (rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13;
  }
  const exponent = word >>> 23;
  if (exponent < 102) return 0; // below 2⁻²⁵
  const mantissa = (word & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const quotient = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  return rest > tie || (rest === tie && (quotient & 1) === 1) ? quotient + 1 : quotient;
}
