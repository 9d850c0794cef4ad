import { PASSAGES, PASSAGE_SECONDS } from './passages.ts';
import { RATE_HZ, tape } from './synth.ts';

export { PASSAGES, PASSAGE_SECONDS } from './passages.ts';
export { RATE_HZ } from './synth.ts';

/** Fade at both ends of every passage, so that none starts with a click. */
const FADE_SECONDS = 0.5;
/** The largest absolute sample. */
const PEAK = 0.89;

/** The whole piece, stereo and interleaved, at RATE_HZ. The same on every machine but for the last bits of sines. */
export function compose(): Float32Array {
  const whole = tape(PASSAGES.length * PASSAGE_SECONDS);
  const fade = FADE_SECONDS * RATE_HZ;
  PASSAGES.forEach(({ rms, render }, i) => {
    const { left, right } = render();
    let power = 0;
    for (let n = 0; n < left.length; n++) power += left[n]! ** 2 + right[n]! ** 2;
    const level = rms / Math.sqrt(power / (2 * left.length));
    const first = i * PASSAGE_SECONDS * RATE_HZ;
    for (let n = 0; n < left.length; n++) {
      const gain = level * Math.min(1, n / fade, (left.length - n) / fade);
      whole.left[first + n] = limited(gain * left[n]!);
      whole.right[first + n] = limited(gain * right[n]!);
    }
  });
  return Float32Array.from(
    { length: 2 * whole.left.length },
    (_, n) => (n % 2 === 0 ? whole.left : whole.right)[n >> 1]!,
  );
}

/** Soft limiter: bends loud samples so that none clips. */
function limited(x: number): number {
  return PEAK * Math.tanh(x / PEAK);
}
