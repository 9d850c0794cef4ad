import MeydaModule from 'meyda';
import { Observable, type OperatorFunction } from 'rxjs';
import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import type { SourceEvent } from '../sources/index.ts';
import { OnsetDetector } from './onsets.ts';

// Meyda's types describe an ES module with a default export, but Node gets its CommonJS build, which is that export.
const Meyda = MeydaModule as unknown as typeof MeydaModule.default;

/** Frames of 46 ms, one every 23 ms: 43 a second. Meyda's FFT wants a power of two. */
const LEVEL_FRAME_SAMPLES = 1024;
export const LEVEL_HOP_SAMPLES = 512;

/** Meyda takes the rms behind its Hann window: what the window takes away is given back. */
const HANN_RMS = Math.sqrt(3 / 8);
/** The bands of Meyda's specific loudness. */
const BARK_BANDS = 24;
/** A band is masked below this part of the loudest band's specific loudness: about -45 dB. */
const MASKED_PART = 0.3;

/** What a meter shows of one moment. */
export interface Level {
  /** Position of the first sample that this level is the first to cover, on the source's clock. */
  readonly atSample: number;
  readonly arrivedAtMs: number;
  /** Root mean square of the frame, weighted by a Hann window; a full-scale sine has 0.707, as without one. */
  readonly rms: number;
  /** Largest magnitude among the new samples; 1 and above is clipping. */
  readonly peak: number;
  /** Total loudness over 24 Bark bands, as Meyda has it (sum of magnitudes to the power of 0.23); 0 in silence. */
  readonly loudness: number;
  /** Spectral centroid, in Hz; 0 in silence. */
  readonly centroidHz: number;
  /** Increase of the specific loudness since the last frame, summed over the bands where it grew audibly. */
  readonly flux: number;
  /** Whether a note or a beat begins here. */
  readonly onset: boolean;
}

/**
 * Meters, 43 times a second, from rms, loudness and spectral centroid by Meyda, and onsets from the flux. They join
 * on over blocks of any size and start anew after a gap.
 *
 * The flux is our own, over Meyda's specific loudness: Meyda 5's `spectralFlux` compares two waveforms instead of
 * two spectra and reads before their beginning, which gives NaN (meyda issue 236, pull request 852).
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
  /** The last 1,024 samples; the second half is being filled. Zeros stand before the beginning. */
  readonly #frame = new Float32Array(LEVEL_FRAME_SAMPLES);
  #filled = 0;
  #nextSample: number | undefined;
  #lastSpecific: Float32Array = new Float32Array(BARK_BANDS);
  readonly #onsets = new OnsetDetector();

  reset(): void {
    this.#frame.fill(0);
    this.#filled = 0;
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
      this.#frame.set(samples.subarray(read, read + count), LEVEL_HOP_SAMPLES + this.#filled);
      this.#filled += count;
      read += count;
      if (this.#filled < LEVEL_HOP_SAMPLES) return;
      yield this.#measure(startSample + read - LEVEL_HOP_SAMPLES, arrivedAtMs);
      this.#frame.copyWithin(0, LEVEL_HOP_SAMPLES);
      this.#filled = 0;
    }
  }

  #measure(atSample: number, arrivedAtMs: number): Level {
    let peak = 0;
    for (let i = LEVEL_HOP_SAMPLES; i < LEVEL_FRAME_SAMPLES; i++)
      peak = Math.max(peak, Math.abs(this.#frame[i]!));

    const { rms, specific, loudness, centroidBin } = extract(this.#frame);
    const flux = specificFlux(specific, this.#lastSpecific);
    this.#lastSpecific = specific;
    return {
      atSample,
      arrivedAtMs,
      rms,
      peak,
      loudness,
      centroidHz: (centroidBin * SAMPLE_RATE_HZ) / LEVEL_FRAME_SAMPLES,
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

/** Meyda keeps its settings globally: they are set before each use, so that no other user can change them for us. */
function extract(frame: Float32Array) {
  Meyda.bufferSize = LEVEL_FRAME_SAMPLES;
  Meyda.sampleRate = SAMPLE_RATE_HZ;
  Meyda.windowingFunction = 'hanning';
  const measured = Meyda.extract(['rms', 'loudness', 'spectralCentroid'], frame);
  if (measured?.rms === undefined || measured.loudness === undefined) {
    throw new TypeError('Meyda measured neither rms nor loudness');
  }
  const { rms, loudness, spectralCentroid } = measured;
  // In silence the centroid is 0/0.
  const centroidBin = Number.isFinite(spectralCentroid) ? spectralCentroid! : 0;
  return { rms: rms / HANN_RMS, specific: loudness.specific, loudness: loudness.total, centroidBin };
}
