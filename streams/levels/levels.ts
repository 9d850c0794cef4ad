import { Observable, type OperatorFunction } from 'rxjs';
import {
  SAMPLE_RATE_HZ,
  createFramePlan,
  hannWindow,
  magnitudes,
  stft,
} from '../../models/features/index.ts';
import type { SourceEvent } from '../sources/index.ts';
import { BARK_BANDS, bandEnds, centroidOf, specificLoudness } from './loudness.ts';
import { OnsetDetector } from './onsets.ts';

/** Frames of 46 ms, one every 23 ms: 43 a second. */
const LEVEL_FRAME_SAMPLES = 1024;
export const LEVEL_HOP_SAMPLES = 512;

const FRAME = createFramePlan(LEVEL_HOP_SAMPLES, 1, hannWindow(LEVEL_FRAME_SAMPLES));
/** From 0 Hz on, without the last one at half the sample rate. */
const BINS = LEVEL_FRAME_SAMPLES / 2;
const BAND_ENDS = bandEnds(BINS);
/** The root mean square of the window. */
const WINDOW_RMS = Math.sqrt(3 / 8);
/**
 * DC is no sound: an input that is off by half a per cent stands at −46 dB for ever, above any noise gate. A high-pass of the first order
 * takes it away, 3 dB down at 5 Hz and 0.3 dB at 20.
 */
const DC_POLE = 1 - (2 * Math.PI * 5) / SAMPLE_RATE_HZ;
/** A band is masked below this part of the loudest band's specific loudness: about -45 dB. */
const MASKED_PART = 0.3;

/** What a meter shows of one moment. */
export interface Level {
  /** Position of the first sample that this level is the first to cover, on the source's clock. */
  readonly atSample: number;
  readonly arrivedAtMs: number;
  /** Root mean square of the frame without DC, weighted by a Hann window; a full-scale sine has 0.707, as without one. */
  readonly rms: number;
  /** Largest magnitude among the new samples, with DC; 1 and above is clipping. */
  readonly peak: number;
  /** Total loudness: the specific loudness summed over 24 Bark bands, see `specificLoudness`; 0 in silence. */
  readonly loudness: number;
  /** Spectral centroid, in Hz; 0 in silence. */
  readonly centroidHz: number;
  /** Increase of the specific loudness since the last frame, summed over the bands where it grew audibly. */
  readonly flux: number;
  /** Whether a note or a beat begins here. */
  readonly onset: boolean;
}

/**
 * Meters, 43 times a second: rms, loudness and spectral centroid, and onsets from the flux. They continue across
 * blocks of any size and start again after a gap.
 */
export function levels(): OperatorFunction<SourceEvent, Level> {
  return (events) =>
    new Observable((subscriber) => {
      const meter = new Meter();
      return events.subscribe({
        next: (event) => {
          if (event.kind === 'gap') meter.reset();
          if (event.kind !== 'block') return;
          for (const level of meter.push(event.startSample, event.samples, event.arrivedAtMs)) {
            subscriber.next(level);
          }
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
      });
    });
}

class Meter {
  /** The last 1,024 samples, without DC; the second half is being filled. Zeros stand before the beginning. */
  readonly #frame = new Float32Array(LEVEL_FRAME_SAMPLES);
  readonly #spectrum = new Float32Array(LEVEL_FRAME_SAMPLES + 2);
  readonly #magnitude = new Float32Array(BINS + 1);
  #filled = 0;
  /** Of the samples of the second half, with DC. */
  #peak = 0;
  /** The last sample with DC and without it; undefined where sound begins. */
  #last: { with: number; without: number } | undefined;
  #nextSample: number | undefined;
  #lastSpecific: Float32Array = new Float32Array(BARK_BANDS);
  readonly #onsets = new OnsetDetector();

  reset(): void {
    this.#frame.fill(0);
    this.#filled = 0;
    this.#peak = 0;
    this.#last = undefined;
    this.#nextSample = undefined;
    this.#lastSpecific.fill(0);
    this.#onsets.reset();
  }

  *push(startSample: number, samples: Float32Array, arrivedAtMs: number): Generator<Level> {
    if (this.#nextSample !== undefined && startSample !== this.#nextSample) this.reset();
    this.#nextSample = startSample + samples.length;

    let read = 0;
    while (read < samples.length) {
      const count = Math.min(LEVEL_HOP_SAMPLES - this.#filled, samples.length - read);
      this.#take(samples.subarray(read, read + count), LEVEL_HOP_SAMPLES + this.#filled);
      this.#filled += count;
      read += count;
      if (this.#filled < LEVEL_HOP_SAMPLES) return;
      yield this.#measure(startSample + read - LEVEL_HOP_SAMPLES, arrivedAtMs);
      this.#frame.copyWithin(0, LEVEL_HOP_SAMPLES);
      this.#filled = 0;
      this.#peak = 0;
    }
  }

  /** Puts samples into the frame, without DC. */
  #take(samples: Float32Array, at: number): void {
    // As if the first value had stood there before: an offset is no stroke.
    const last = (this.#last ??= { with: samples[0] ?? 0, without: 0 });
    for (let i = 0; i < samples.length; i++) {
      const value = samples[i]!;
      this.#peak = Math.max(this.#peak, Math.abs(value));
      last.without = value - last.with + DC_POLE * last.without;
      last.with = value;
      this.#frame[at + i] = last.without;
    }
  }

  #measure(atSample: number, arrivedAtMs: number): Level {
    stft(FRAME, this.#frame, this.#spectrum);
    magnitudes(this.#spectrum, this.#magnitude);
    const rms = rmsOf(this.#frame);
    const specific = specificLoudness(this.#magnitude, BAND_ENDS);
    const loudness = specific.reduce((sum, value) => sum + value, 0);
    const flux = specificFlux(specific, this.#lastSpecific);
    this.#lastSpecific = specific;
    return {
      atSample,
      arrivedAtMs,
      rms,
      peak: this.#peak,
      loudness,
      centroidHz: (centroidOf(this.#magnitude, BINS) * SAMPLE_RATE_HZ) / LEVEL_FRAME_SAMPLES,
      flux,
      onset: this.#onsets.push(flux, loudness, rms),
    };
  }
}

/**
 * What bands gained since the last frame. Bands far below the loudest one are masked by it: without that, the
 * spectral leakage of one moving tone counts as much as a drum, since loudness compresses so strongly.
 */
function specificFlux(specific: Float32Array, last: Float32Array): number {
  let loudest = 0;
  for (let band = 0; band < BARK_BANDS; band++) loudest = Math.max(loudest, specific[band]!, last[band]!);
  const masked = MASKED_PART * loudest;
  let flux = 0;
  for (let band = 0; band < BARK_BANDS; band++) {
    flux += Math.max(0, Math.max(specific[band]!, masked) - Math.max(last[band]!, masked));
  }
  return flux;
}

/** Root mean square of a windowed frame, corrected for the window. */
function rmsOf(frame: Float32Array): number {
  let squares = 0;
  for (let n = 0; n < frame.length; n++) squares += (frame[n]! * FRAME.window[n]!) ** 2;
  return Math.sqrt(squares / frame.length) / WINDOW_RMS;
}
