import { Observable, type OperatorFunction } from 'rxjs';
import { CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { SynestheteError } from '../../models/errors.ts';
import type { SourceEvent } from '../sources/index.ts';

/** 2 s of unbroken sound, ready for analysis. */
export interface Clip {
  /** Position of the first sample on the source's clock. */
  readonly startSample: number;
  /** 44,100 mono samples at 22,050 Hz; the clip's own copy. */
  readonly samples: Float32Array;
  /** When the last sample arrived, by `performance.now()`, in ms: latency counts from here. */
  readonly arrivedAtMs: number;
}

export interface ClipOptions {
  /** Distance between the starts of two clips, in samples; at least 1. Default 0.5 s. */
  readonly hopSamples?: number;
}

export const DEFAULT_HOP_SAMPLES = SAMPLE_RATE_HZ / 2;

/**
 * Cuts sound into clips of 2 s, one every hop. The clips are the same, bit for bit, whatever the sizes of the
 * blocks. Where sound is missing (a gap event, or a block that doesn't start where the last one ended) what was
 * collected is dropped and the next clip starts with the first sample after it: a clip never spans a gap. What is
 * left at the end and is shorter than a clip is dropped.
 *
 * @throws SynestheteError USAGE if the hop is not a whole number of samples of at least 1.
 */
export function clips(options: ClipOptions = {}): OperatorFunction<SourceEvent, Clip> {
  const hopSamples = options.hopSamples ?? DEFAULT_HOP_SAMPLES;
  if (!Number.isSafeInteger(hopSamples) || hopSamples < 1) {
    throw new SynestheteError(
      'USAGE',
      `a hop must be a whole number of samples, at least 1, not ${hopSamples}`,
    );
  }
  return (events) =>
    new Observable((subscriber) => {
      const cutter = new ClipCutter(hopSamples, (clip) => {
        subscriber.next(clip);
      });
      return events.subscribe({
        next: (event) => {
          if (event.kind === 'block') cutter.push(event.startSample, event.samples, event.arrivedAtMs);
          else if (event.kind === 'gap') cutter.restart();
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

class ClipCutter {
  readonly #hopSamples: number;
  readonly #emit: (clip: Clip) => void;
  /** The unfinished clip: its first `#filled` samples are known. */
  #pending = new Float32Array(CLIP_SAMPLES);
  #filled = 0;
  /** Samples still to be passed over before the next clip starts, where the hop is longer than a clip. */
  #skip = 0;
  /** Position of the next sample that would join on; undefined at the start and after a gap. */
  #nextSample: number | undefined;

  constructor(hopSamples: number, emit: (clip: Clip) => void) {
    this.#hopSamples = hopSamples;
    this.#emit = emit;
  }

  restart(): void {
    this.#filled = 0;
    this.#skip = 0;
    this.#nextSample = undefined;
  }

  push(startSample: number, samples: Float32Array, arrivedAtMs: number): void {
    if (this.#nextSample !== undefined && startSample !== this.#nextSample) this.restart();
    this.#nextSample = startSample + samples.length;

    let read = Math.min(this.#skip, samples.length);
    this.#skip -= read;
    while (read < samples.length) {
      const count = Math.min(CLIP_SAMPLES - this.#filled, samples.length - read);
      this.#pending.set(samples.subarray(read, read + count), this.#filled);
      this.#filled += count;
      read += count;
      if (this.#filled < CLIP_SAMPLES) return;

      const clipSamples = this.#pending;
      this.#startNextClip(clipSamples);
      const passedOver = Math.min(this.#skip, samples.length - read);
      const clipStart = startSample + read - CLIP_SAMPLES;
      this.#skip -= passedOver;
      read += passedOver;
      this.#emit({ startSample: clipStart, samples: clipSamples, arrivedAtMs });
    }
  }

  #startNextClip(finished: Float32Array): void {
    this.#pending = new Float32Array(CLIP_SAMPLES);
    if (this.#hopSamples < CLIP_SAMPLES) {
      this.#pending.set(finished.subarray(this.#hopSamples));
      this.#filled = CLIP_SAMPLES - this.#hopSamples;
    } else {
      this.#filled = 0;
      this.#skip = this.#hopSamples - CLIP_SAMPLES;
    }
  }
}
