import { BEFORE_SAMPLES, CLIP_SAMPLES, CLIP_SECONDS, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { SynestheteError } from '../../models/errors.ts';
import type { Stretch } from '../../models/stretch.ts';
import { fileSource, type Block } from '../sources/index.ts';
import { ClipCutter } from './clip-cutter.ts';
import type { Clip } from './clip-cutter.ts';

/** A clip of a file; its `startSample` counts from the file's start. */
export interface FileClip extends Clip {
  /** Index of the stretch that it is of. */
  readonly stretch: number;
}

/** Clips that may wait to be taken before decoding pauses. */
const MOST_WAITING = 2;

/**
 * The consecutive clips of 2 s of each stretch of a file; what is left at the end of a stretch and is shorter than a
 * clip is dropped. The file is decoded once, in order, no faster than the clips are taken, and only as far as the last
 * stretch goes: clips of stretches that overlap come in the order of their ends. What comes before a clip is the file's own
 * sound, also before its stretch. Leaving the loop early ends the decoder.
 *
 * @param damaged called with one line that quotes the decoder's complaint: clips may lack sound or start elsewhere than
 * they should.
 * @throws SynestheteError those of `fileSource`; OUT_OF_RANGE for a stretch in which there is no clip, because it, or
 * what the file has of it, is shorter than 2 s.
 */
export async function* clipsOfFile(
  path: string,
  stretches: readonly Stretch[] = [{ startSeconds: 0, endSeconds: undefined }],
  damaged: (line: string) => void = () => undefined,
): AsyncGenerator<FileClip, void, undefined> {
  const waiting: FileClip[] = [];
  const taken = new Signal();
  const changed = new Signal();
  const parts = stretches.map(
    (stretch, index) => new StretchCutter(path, stretch, (clip) => waiting.push({ ...clip, stretch: index })),
  );
  const source = fileSource(path, {
    ...durationOf(parts),
    // A person who asks for figures wants to hear of samples that are none.
    badSamples: 'reject',
    // The features are those of librosa, whatever the channels hold.
    cancelling: 'mean',
    ready: () => (waiting.length < MOST_WAITING ? Promise.resolve() : taken.next()),
  });
  let decodedSamples = 0;
  let end: { readonly error?: unknown } | undefined;
  const subscription = source.events.subscribe({
    next: (event) => {
      if (event.kind === 'status' && event.state === 'damaged') damaged(event.message);
      if (event.kind !== 'block') return;
      for (const part of parts) part.push(event);
      decodedSamples = event.startSample + event.samples.length;
      if (waiting.length > 0) changed.send();
    },
    error: (error: unknown) => {
      end = { error };
      changed.send();
    },
    complete: () => {
      end = {};
      changed.send();
    },
  });
  try {
    for (;;) {
      const clip = waiting.shift();
      if (clip !== undefined) {
        taken.send();
        yield clip;
      } else if (end === undefined) {
        await changed.next();
      } else {
        if ('error' in end) throw end.error;
        for (const part of parts) part.refuseEmpty(decodedSamples / SAMPLE_RATE_HZ);
        return;
      }
    }
  } finally {
    subscription.unsubscribe();
    taken.send(); // so that the source comes to its end
  }
}

/**
 * Cuts a stretch of a file into consecutive clips of 2 s; what is left at its end and is shorter than a clip is dropped.
 * Shared by training and evaluation.
 */
export class StretchCutter {
  readonly startSample: number;
  readonly endSample: number;
  /** Where the sound begins that is heard before its first clip: up to 1 s earlier. */
  readonly leadSample: number;
  readonly #path: string;
  readonly #stretch: Stretch;
  readonly #cutter: ClipCutter;
  #clips = 0;

  /** @throws SynestheteError OUT_OF_RANGE for a stretch that is shorter than a clip */
  constructor(path: string, stretch: Stretch, emit: (clip: Clip) => void) {
    const { startSeconds, endSeconds } = stretch;
    this.#path = path;
    this.#stretch = stretch;
    this.startSample = Math.round(startSeconds * SAMPLE_RATE_HZ);
    this.leadSample = Math.max(0, this.startSample - BEFORE_SAMPLES);
    // By its length, so that 2 s are a clip wherever they start.
    this.endSample =
      endSeconds === undefined
        ? Infinity
        : this.startSample + Math.round((endSeconds - startSeconds) * SAMPLE_RATE_HZ);
    const count = (clip: Clip): void => {
      this.#clips++;
      emit(clip);
    };
    this.#cutter = new ClipCutter(CLIP_SAMPLES, count, { leadSamples: this.startSample - this.leadSample });
    if (this.endSample - this.startSample < CLIP_SAMPLES) {
      const length = (this.endSample - this.startSample) / SAMPLE_RATE_HZ;
      throw new SynestheteError(
        'OUT_OF_RANGE',
        `${path}${this.#place()} is ${length.toFixed(2)} s long, and a clip is ${CLIP_SECONDS} s; name a longer stretch`,
      );
    }
  }

  push({ startSample, samples, arrivedAtMs }: Pick<Block, 'startSample' | 'samples' | 'arrivedAtMs'>): void {
    const from = Math.max(0, this.leadSample - startSample);
    const to = Math.min(samples.length, this.endSample - startSample);
    if (from >= to) return;
    this.#cutter.push({ startSample: startSample + from, samples: samples.subarray(from, to), arrivedAtMs });
  }

  /**
   * @param seconds what the file turned out to have, up to the end of the last stretch.
   * @throws SynestheteError OUT_OF_RANGE when there was no clip in it
   */
  refuseEmpty(seconds: number): void {
    if (this.#clips > 0) return;
    const { startSeconds } = this.#stretch;
    const has =
      seconds > startSeconds
        ? `has ${(seconds - startSeconds).toFixed(2)} s${startSeconds === 0 ? '' : ` from ${startSeconds} s on`}`
        : `ends after ${seconds.toFixed(2)} s, before ${startSeconds} s`;
    throw new SynestheteError(
      'OUT_OF_RANGE',
      `${this.#path} ${has}: too short for a clip of ${CLIP_SECONDS} s; give a longer one`,
    );
  }

  #place(): string {
    const { startSeconds, endSeconds } = this.#stretch;
    return endSeconds === undefined ? '' : ` from ${startSeconds} s to ${endSeconds} s`;
  }
}

function durationOf(parts: readonly StretchCutter[]): { readonly durationSeconds?: number } {
  const endSample = Math.max(...parts.map((part) => part.endSample));
  return endSample === Infinity ? {} : { durationSeconds: endSample / SAMPLE_RATE_HZ };
}

/** Something that happens again and again, and that one may wait for. */
class Signal {
  #waiters: (() => void)[] = [];

  send(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** Resolves when it happens the next time. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }
}
