/**
 * Clips made from formulas, 44,100 samples at 22,050 Hz, on the grid of 16-bit audio (⌊32768 x⌋ / 32768 of the
 * float32 number), so that a last digit of a sine that differs between platforms changes nothing.
 */
const RATE_HZ = 22_050;
const SAMPLES = 44_100;

function quantize(value: number): number {
  return Math.floor(Math.fround(value) * 32_768) / 32_768;
}

function hzOfNote(note: number): number {
  return 440 * 2 ** ((note - 69) / 12);
}

/** Numerical Recipes' linear congruential generator: numbers in −1 … 1, the same everywhere. */
export function createNoise(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  };
}

export function silence(): Float32Array {
  return new Float32Array(SAMPLES);
}

/** An exponential sweep from 55 Hz to 8 kHz at 0.6 of full scale. */
export function sineSweep(): Float32Array {
  const rate = Math.log(8000 / 55);
  return Float32Array.from({ length: SAMPLES }, (_, n) => {
    const t = n / RATE_HZ;
    return quantize(0.6 * Math.sin(((2 * Math.PI * 55 * 2) / rate) * (Math.exp((t / 2) * rate) - 1)));
  });
}

/** C, Am, F, G for half a second each: six harmonics, an attack of 10 ms, then a decay. */
export function chords(): Float32Array {
  const clip = new Float32Array(SAMPLES);
  const triads = [
    [60, 64, 67],
    [57, 60, 64],
    [53, 57, 60],
    [55, 59, 62],
  ];
  for (const [i, notes] of triads.entries()) {
    for (let n = 0; n < SAMPLES / 4; n++) {
      const t = n / RATE_HZ;
      let sum = 0;
      for (const note of notes) {
        for (let h = 1; h <= 6; h++) sum += Math.sin(2 * Math.PI * hzOfNote(note) * h * t) / h;
      }
      clip[(i * SAMPLES) / 4 + n] = quantize(0.12 * (sum * Math.min(1, t / 0.01) * Math.exp(-2.5 * t)));
    }
  }
  return clip;
}

/** A seventh chord 31 cents sharp, three harmonics, with a little noise. */
export function detunedChord(): Float32Array {
  const noise = createNoise(1);
  return Float32Array.from({ length: SAMPLES }, (_, n) => {
    const t = n / RATE_HZ;
    let sum = 0;
    for (const note of [50.31, 57.31, 60.31, 66.31]) {
      for (let h = 1; h <= 3; h++) sum += Math.sin(2 * Math.PI * hzOfNote(note) * h * t) / h ** 2;
    }
    return quantize(0.15 * sum + 0.002 * noise());
  });
}

/** Bursts of noise every quarter of a second, each fading within 40 ms; digital silence after 1.7 s. */
export function clicks(): Float32Array {
  const noise = createNoise(2);
  return Float32Array.from({ length: SAMPLES }, (_, n) => {
    const sinceClick = (n % 5512) / RATE_HZ;
    return n < 1.7 * RATE_HZ && sinceClick < 0.04
      ? quantize(0.8 * noise() * Math.exp(-sinceClick / 0.008))
      : 0;
  });
}

/** Bass, chord and hi-hat at 120 beats a minute with a DC offset, driven into clipping. */
export function mixture(): Float32Array {
  const noise = createNoise(3);
  return Float32Array.from({ length: SAMPLES }, (_, n) => {
    const t = n / RATE_HZ;
    const sinceBeat = t % 0.5;
    const sinceHat = (t + 0.25) % 0.5;
    let chord = 0;
    for (const note of [62, 65, 69, 72]) chord += Math.sin(2 * Math.PI * hzOfNote(note) * t);
    const bass = Math.sin(2 * Math.PI * hzOfNote(38) * t) + 0.5 * Math.sin(4 * Math.PI * hzOfNote(38) * t);
    const level =
      0.05 +
      0.5 * bass * Math.exp(-3 * sinceBeat) +
      0.12 * chord +
      0.6 * noise() * Math.exp(-40 * sinceHat) +
      0.3 * Math.sin(2 * Math.PI * 50 * t) * Math.exp(-20 * sinceBeat);
    return quantize(Math.max(-0.9, Math.min(0.9, level)));
  });
}

/** The mixture 84 dB down. */
export function quietMixture(): Float32Array {
  return mixture().map((sample) => sample / 2 ** 14);
}
