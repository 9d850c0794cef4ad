/**
 * Periodic Hann window, w[n] = ½ − ½ cos(2πn / samples), in float64. Equal to `scipy.signal.get_window('hann',
 * samples)`, which librosa uses for its frames and for the envelopes of its CQT filters.
 */
export function hannWindow(samples: number): Float64Array {
  const window = new Float64Array(samples);
  for (let n = 0; n < samples; n++) window[n] = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples);
  return window;
}

/**
 * Kaiser window at a position from −1 to 1, 0 outside: I₀(β √(1 − position²)) / I₀(β), which is
 * `scipy.signal.windows.kaiser` with the window's ends at ±1.
 */
export function kaiserAt(position: number, beta: number): number {
  const inside = 1 - position ** 2;
  return inside <= 0 ? 0 : besselI0(beta * Math.sqrt(inside)) / besselI0(beta);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
