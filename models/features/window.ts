/**
 * Periodic Hann window, w[n] = ½ − ½ cos(2πn / samples), in float64. Equal to `scipy.signal.get_window('hann',
 * samples)`, which librosa uses for its frames and for the envelopes of its CQT filters.
 */
export function hannWindow(samples: number): Float64Array {
  const window = new Float64Array(samples);
  for (let n = 0; n < samples; n++) window[n] = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples);
  return window;
}
