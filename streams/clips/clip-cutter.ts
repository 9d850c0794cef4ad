import { CLIP_SAMPLES } from '../../models/features/index.ts';

/** 2 s of unbroken sound, ready for analysis. */
export interface Clip {
  /** Position of the first sample on the source's clock. */
  readonly startSample: number;
  /** 44,100 mono samples at 22,050 Hz; the clip's own copy. */
  readonly samples: Float32Array;
  /** When the last sample arrived, by `performance.now()`, in ms: latency counts from here. */
  readonly arrivedAtMs: number;
}

/** Cuts blocks of sound that join on into clips of 2 s, one every hop. */
export class ClipCutter {
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
