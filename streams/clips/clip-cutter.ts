import { BEFORE_SAMPLES, CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import type { Mood } from '../../models/model/index.ts';
import type { Block, HandMoods } from '../sources/index.ts';

/** 2 s of unbroken sound, ready for analysis. */
export interface Clip {
  /** Position of the first sample on the source's clock. */
  readonly startSample: number;
  /** 44,100 mono samples at 22,050 Hz; the clip's own copy. */
  readonly samples: Float32Array;
  /** The unbroken sound right before it, at most 1 s, its own copy too; less where the sound begins, or nothing. */
  readonly before: Float32Array;
  /**
   * How many samples of sound there are, where they are fewer than a clip's: those since the sound began, which the clip
   * and what is before it repeat again and again.
   */
  readonly soundSamples?: number;
  /** When the last sample arrived, by `performance.now()`, in ms: latency counts from here. */
  readonly arrivedAtMs: number;
  /** What a person says of the moment in its middle, where anybody does: see `withMoods`. */
  readonly hand?: Partial<Mood>;
}

/** What is cut; `startSample` is on the clock of the clips. */
type Sound = Pick<Block, 'startSample' | 'samples' | 'arrivedAtMs' | 'hand'>;

/** Sound that is kept: that of a clip and what comes before it. */
const KEPT_SAMPLES = BEFORE_SAMPLES + CLIP_SAMPLES;

/** From so much sound on, clips may be early ones. */
const EARLY_SAMPLES = SAMPLE_RATE_HZ;

/** Cuts blocks of sound that join on into clips of 2 s, one every hop. */
export class ClipCutter {
  readonly #hopSamples: number;
  readonly #emit: (clip: Clip) => void;
  readonly #firstDue: number;
  /** The newest sound; sample number `n` since the start lies at `n % KEPT_SAMPLES`. */
  readonly #kept = new Float32Array(KEPT_SAMPLES);
  /** Samples since the start or the last gap. */
  #count = 0;
  /** How many there are when the next clip is complete. */
  #due: number;
  /** Position of the next sample that would join on; undefined at the start and after a gap. */
  #nextSample: number | undefined;

  /**
   * @param leadSamples of the sound's start that are only heard as what comes before the first clip
   * @param isEarly whether clips come from the first second on, before there is sound for a whole one
   */
  constructor(
    hopSamples: number,
    emit: (clip: Clip) => void,
    { leadSamples = 0, isEarly = false }: { readonly leadSamples?: number; readonly isEarly?: boolean } = {},
  ) {
    this.#hopSamples = hopSamples;
    this.#emit = emit;
    this.#firstDue = isEarly ? EARLY_SAMPLES : CLIP_SAMPLES;
    this.#due = leadSamples + this.#firstDue;
  }

  restart(): void {
    this.#count = 0;
    this.#due = this.#firstDue;
    this.#nextSample = undefined;
  }

  push({ startSample, samples, arrivedAtMs, hand }: Sound): void {
    if (this.#nextSample !== undefined && startSample !== this.#nextSample) this.restart();
    this.#nextSample = startSample + samples.length;

    let read = 0;
    while (read < samples.length) {
      const place = this.#count % KEPT_SAMPLES;
      const count = Math.min(KEPT_SAMPLES - place, this.#due - this.#count, samples.length - read);
      this.#kept.set(samples.subarray(read, read + count), place);
      this.#count += count;
      read += count;
      if (this.#count < this.#due) continue;

      const isWhole = this.#count >= CLIP_SAMPLES;
      const next = this.#count + this.#hopSamples;
      this.#due = isWhole ? next : Math.min(next, CLIP_SAMPLES);
      const mood = hand && handMood(hand, read);
      this.#emit({
        ...(mood !== undefined && { hand: mood }),
        startSample: startSample + read - CLIP_SAMPLES,
        ...(isWhole ? this.#newest() : this.#repeated()),
        arrivedAtMs,
      });
    }
  }

  #newest(): Pick<Clip, 'samples' | 'before'> {
    const first = this.#count - CLIP_SAMPLES;
    return {
      samples: this.#copy(first, this.#count),
      before: this.#copy(Math.max(0, first - BEFORE_SAMPLES), first),
    };
  }

  /** All there is since the start, again and again, up to the newest sample. */
  #repeated(): Pick<Clip, 'samples' | 'before' | 'soundSamples'> {
    const count = this.#count;
    const sound = new Float32Array(KEPT_SAMPLES);
    for (let end = KEPT_SAMPLES; end > 0; end -= count) {
      const from = Math.max(0, count - end);
      sound.set(this.#kept.subarray(from, count), end - (count - from));
    }
    return {
      samples: sound.slice(BEFORE_SAMPLES),
      before: sound.slice(0, BEFORE_SAMPLES),
      soundSamples: count,
    };
  }

  /** Sound from sample number `from` up to `to`, both counted as `#count`. */
  #copy(from: number, to: number): Float32Array {
    const copy = new Float32Array(to - from);
    const place = from % KEPT_SAMPLES;
    const upToEnd = this.#kept.subarray(place, place + copy.length);
    copy.set(upToEnd);
    copy.set(this.#kept.subarray(0, copy.length - upToEnd.length), upToEnd.length);
    return copy;
  }
}

/** @param endSample of the clip, counted from the start of the block with which it ended */
function handMood({ moods, atSeconds }: HandMoods, endSample: number): Partial<Mood> | undefined {
  const middle = atSeconds + (endSample - CLIP_SAMPLES / 2) / SAMPLE_RATE_HZ;
  // A clip that began before the file did, as where a file is played again and again, is the file's first.
  return moods.at(Math.max(0, middle));
}
