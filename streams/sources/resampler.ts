import { kaiserAt, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { SynestheteError } from '../../models/errors.ts';
import { PCM_LIMITS } from './pcm.ts';

/** From here up, of the lower of both rates' half, nothing is left (−120 dB); below 93.4 % everything is (±0.01 dB). */
const STOP = 1;
const PASS = 0.934;
const STOPBAND_DB = 120;

/** More positions between two input samples than this are interpolated; the error of that stays under −120 dB. */
const MOST_PHASES = 2048;

/**
 * Brings live mono sound to 22,050 Hz. A windowed-sinc filter, as a bank of phases: Kaiser window of 120 dB (Kaiser's
 * formulas, Oppenheim and Schafer, Discrete-Time Signal Processing, §7.5.3), flat to 10.3 kHz, nothing above 11,025 Hz
 * that would fold down. Output sample m lies exactly at time m / 22,050 s; the values do not depend on how the input is
 * cut into pieces.
 *
 * Why not ffmpeg, as for files: through a pipe to ffmpeg and soxr the newest sample arrived 40 ms late in the median
 * and 55 at most (ffmpeg 4.1 and 5.1, 48 kHz, every buffer turned down), for it takes packets of 4,096 bytes and soxr
 * blocks of several hundred samples. This filter looks ahead for half its length, 5.4 ms at 48 kHz, and costs 1 to 2 %
 * of a core. Resamplers for Node were tried: libsamplerate in WebAssembly loses samples from piece to piece at 48 kHz and took
 * 22 % of a core. PulseAudio's own (speex-float-1) is 4 dB down at 9 kHz and 12 dB at 10.
 */
export class Resampler {
  readonly rateHz: number;
  /** Output sample m lies at input position m · step / phases. */
  readonly #step: number;
  readonly #phases: number;
  readonly #taps: number;
  /** Row p: the filter for an output sample that lies p / rows of a sample behind an input sample. */
  readonly #bank: readonly Float32Array[];
  /** Input from position #firstKept on that is needed yet. */
  #kept: Float32Array;
  #keptLength = 0;
  #firstKept: number;
  #received = 0;
  #given = 0;

  /** @throws SynestheteError OUT_OF_RANGE for a rate that no sound has. */
  constructor(rateHz: number) {
    const { least, most } = PCM_LIMITS.rateHz;
    if (!Number.isInteger(rateHz) || rateHz < least || rateHz > most) {
      throw new SynestheteError(
        'OUT_OF_RANGE',
        `a sample rate of ${rateHz} Hz is not possible: it must lie between ${least} and ${most} Hz`,
      );
    }
    this.rateHz = rateHz;
    const common = greatestCommonDivisor(rateHz, SAMPLE_RATE_HZ);
    this.#step = rateHz / common;
    this.#phases = SAMPLE_RATE_HZ / common;
    const { halfTaps, bank } = planFor(rateHz, Math.min(this.#phases, MOST_PHASES));
    this.#taps = 2 * halfTaps;
    this.#bank = bank;
    this.#firstKept = 1 - halfTaps;
    this.#kept = new Float32Array(4 * this.#taps);
    this.#keptLength = halfTaps - 1; // silence before the beginning
  }

  /** Seconds of input that an output sample has to wait for. */
  get lookaheadSeconds(): number {
    return this.#taps / 2 / this.rateHz;
  }

  /** @returns the samples that the input so far determines; the caller's own. */
  push(input: Float32Array): Float32Array {
    if (this.rateHz === SAMPLE_RATE_HZ) return input;
    this.#append(input);
    this.#received += input.length;
    // The last input sample that output m needs is floor(m · step / phases) + taps / 2.
    const lastReachable = this.#received - 1 - this.#taps / 2;
    return this.#produce(Math.ceil(((lastReachable + 1) * this.#phases) / this.#step));
  }

  /** @returns what is left once the input has ended: as many samples in all as the input lasted, rounded. */
  flush(): Float32Array {
    if (this.rateHz === SAMPLE_RATE_HZ) return new Float32Array(0);
    this.#append(new Float32Array(this.#taps));
    return this.#produce(Math.round((this.#received * this.#phases) / this.#step));
  }

  #append(input: Float32Array): void {
    if (this.#keptLength + input.length > this.#kept.length) {
      const larger = new Float32Array(2 * (this.#keptLength + input.length));
      larger.set(this.#kept.subarray(0, this.#keptLength));
      this.#kept = larger;
    }
    this.#kept.set(input, this.#keptLength);
    this.#keptLength += input.length;
  }

  /** Gives out the samples up to position `until`. */
  #produce(until: number): Float32Array {
    const output = new Float32Array(Math.max(0, until - this.#given));
    const rows = this.#bank.length - 1;
    const half = this.#taps / 2;
    for (let i = 0; i < output.length; i++) {
      const position = (this.#given + i) * this.#step;
      const whole = Math.floor(position / this.#phases);
      const fine = ((position - whole * this.#phases) * rows) / this.#phases;
      const row = Math.floor(fine);
      const from = whole - half + 1 - this.#firstKept;
      const value = this.#filtered(this.#bank[row]!, from);
      const between = fine - row;
      output[i] =
        between === 0 ? value : value + between * (this.#filtered(this.#bank[row + 1]!, from) - value);
    }
    this.#given += output.length;
    this.#forget();
    return output;
  }

  #filtered(coefficients: Float32Array, from: number): number {
    const kept = this.#kept;
    let sum = 0;
    for (let k = 0; k < coefficients.length; k++) sum += coefficients[k]! * kept[from + k]!;
    return sum;
  }

  /** Drops the input that no later output needs. */
  #forget(): void {
    const firstNeeded = Math.floor((this.#given * this.#step) / this.#phases) - this.#taps / 2 + 1;
    const dropped = Math.min(firstNeeded - this.#firstKept, this.#keptLength);
    if (dropped <= 0) return;
    this.#kept.copyWithin(0, dropped, this.#keptLength);
    this.#keptLength -= dropped;
    this.#firstKept += dropped;
  }
}

interface Plan {
  readonly halfTaps: number;
  readonly bank: readonly Float32Array[];
}

/** Plans that were made, by rate: a device that comes back, or the next source, finds its own. */
const plans = new Map<number, Plan>();

function planFor(rateHz: number, rows: number): Plan {
  const known = plans.get(rateHz);
  if (known !== undefined) return known;
  const filter = designFilter(rateHz);
  const plan = { halfTaps: filter.halfTaps, bank: bankOf(filter, rows) };
  plans.set(rateHz, plan);
  return plan;
}

interface Filter {
  /** Input samples on each side of the output sample. */
  readonly halfTaps: number;
  /** Corner frequency in cycles per input sample. */
  readonly corner: number;
  readonly beta: number;
}

function designFilter(rateHz: number): Filter {
  const nyquist = Math.min(rateHz, SAMPLE_RATE_HZ) / 2 / rateHz;
  const transition = 2 * Math.PI * (STOP - PASS) * nyquist;
  const taps = (STOPBAND_DB - 8) / (2.285 * transition);
  return {
    halfTaps: Math.ceil(taps / 2),
    corner: ((STOP + PASS) / 2) * nyquist,
    beta: 0.1102 * (STOPBAND_DB - 8.7),
  };
}

/** Rows 0 … count of the filter's phases; the last is the first of the next input sample, for interpolation. */
function bankOf({ halfTaps, corner, beta }: Filter, count: number): Float32Array[] {
  const bank: Float32Array[] = [];
  for (let row = 0; row <= count; row++) {
    const coefficients = new Float64Array(2 * halfTaps);
    let sum = 0;
    for (let k = 0; k < coefficients.length; k++) {
      const x = k - halfTaps + 1 - row / count;
      coefficients[k] = 2 * corner * sinc(2 * corner * x) * kaiserAt(x / halfTaps, beta);
      sum += coefficients[k]!;
    }
    // Every phase passes a constant unchanged: else the phases would modulate it.
    bank.push(Float32Array.from(coefficients, (value) => value / sum));
  }
  return bank;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
