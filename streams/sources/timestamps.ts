import { setImmediate, setTimeout } from 'node:timers/promises';

/**
 * Sound that is later than this is laid out later; less is the coarseness of a container. 45 ms is where viewers begin
 * to notice that sound and picture differ (ITU-R BT.1359).
 */
const TOLERANCE_SECONDS = 0.045;
/** Timestamps that go back further than this start over, as where recordings were joined; less is sound that overlaps. */
const RESTART_SECONDS = 1;
/** Where the container doesn't say when it ends, a longer gap is damage. */
const LONGEST_GAP_SECONDS = 86_400;

/** Timestamps are written before the sound that they belong to: they are there within a few turns of the event loop. */
const MOST_TURNS = 8;
const MOST_WAITS_MS = 100;
/** A resampler rounds, so that it may give a little more than the frames that went in. */
const ROUNDING_FRAMES = 64;

/** Silence that belongs before a frame of the decoded sound. */
interface Break {
  readonly atFrame: number;
  readonly frames: number;
}

/**
 * Where the sound of a file lies on the file's own clock, which begins with its first picture or sound. Read from what
 * ffmpeg logs at level `info` of a chain that ends with `STAMPED`: the start of the file and the timestamp of each
 * frame before it is resampled.
 */
export class Timestamps {
  /** Gives each frame's timestamp in samples of its own rate; then resample. */
  static readonly STAMPED = 'asettb=1/sr,ashowinfo';

  readonly #rateHz: number;
  readonly #breaks: Break[] = [];
  #startSeconds: number | undefined;
  #lengthSeconds: number | undefined;
  #tracks = 0;
  /** What is subtracted from timestamps; undefined before the first. */
  #originSeconds: number | undefined;
  /** Decoded sound, and the silence laid between it. */
  #heardSeconds = 0;
  #silentFrames = 0;

  /** @param rateHz of the sound that is laid out */
  constructor(rateHz: number) {
    this.#rateHz = rateHz;
  }

  /** @returns whether the line was one about the file's clock */
  read(line: string): boolean {
    const frame =
      /^\[Parsed_ashowinfo[^\]]*\] \[info\] n: *\d+ pts: *(-?\d+|NOPTS) .*? rate: *(\d+) nb_samples: *(\d+)/.exec(
        line,
      );
    if (frame !== null) {
      const rate = Number(frame[2]);
      this.#push(frame[1] === 'NOPTS' ? undefined : Number(frame[1]) / rate, Number(frame[3]) / rate);
      return true;
    }
    const about = /^\[info\] {3}Duration: ([\d:.]+|N\/A)(?:, start: (-?[\d.]+))?/.exec(line);
    if (about !== null) {
      this.#lengthSeconds = secondsOf(about[1]!);
      if (about[2] !== undefined) this.#startSeconds = Number(about[2]);
      return true;
    }
    // A cover is a video stream without a time.
    if (/^\[info\] +Stream #0:\d+.*?: (?:Video|Audio): (?!.*\(attached pic\))/.test(line)) this.#tracks += 1;
    return false;
  }

  #push(stampSeconds: number | undefined, lengthSeconds: number): void {
    if (stampSeconds !== undefined) this.#place(stampSeconds);
    this.#heardSeconds += lengthSeconds;
  }

  #place(stampSeconds: number): void {
    // Nothing else says when a sole track begins: a recording of a broadcast counts from the start of the broadcast.
    this.#originSeconds ??=
      this.#tracks > 1 && this.#startSeconds !== undefined ? this.#startSeconds : stampSeconds;
    const atFrame = Math.round(this.#heardSeconds * this.#rateHz);
    const positionSeconds = this.#heardSeconds + this.#silentFrames / this.#rateHz;
    const placeSeconds = stampSeconds - this.#originSeconds;
    const lateSeconds = placeSeconds - positionSeconds;
    const lastSeconds = (this.#lengthSeconds ?? LONGEST_GAP_SECONDS) + RESTART_SECONDS;
    if (lateSeconds < -RESTART_SECONDS || (lateSeconds > TOLERANCE_SECONDS && placeSeconds > lastSeconds)) {
      // The sound joins on.
      this.#originSeconds = stampSeconds - positionSeconds;
    } else if (lateSeconds > TOLERANCE_SECONDS) {
      const frames = Math.round(placeSeconds * this.#rateHz) - atFrame - this.#silentFrames;
      this.#breaks.push({ atFrame, frames });
      this.#silentFrames += frames;
    }
  }

  /**
   * Lays sound out: silence where there is none.
   *
   * @param pieces decoded sound, `width` numbers a frame, whole frames
   */
  async *layOut(
    pieces: AsyncIterable<Float32Array>,
    width = 1,
  ): AsyncGenerator<Float32Array, void, undefined> {
    let given = 0;
    for await (const piece of pieces) {
      const end = given + piece.length / width;
      await this.#known(end);
      let rest = piece;
      for (let next = this.#breaks[0]; next !== undefined && next.atFrame < end; next = this.#breaks[0]) {
        this.#breaks.shift();
        const before = Math.max(0, next.atFrame - given) * width;
        if (before > 0) yield rest.subarray(0, before);
        rest = rest.subarray(before);
        given += before / width;
        yield* silence(next.frames, width);
      }
      if (rest.length > 0) yield rest;
      given = end;
    }
  }

  async #known(frame: number): Promise<void> {
    const isKnown = () => this.#heardSeconds * this.#rateHz >= frame - ROUNDING_FRAMES;
    for (let turns = 0; turns < MOST_TURNS && !isKnown(); turns++) await setImmediate();
    for (let waited = 0; waited < MOST_WAITS_MS && !isKnown(); waited++) await setTimeout(1);
  }
}

const SILENT_FRAMES = 8192;

function* silence(frames: number, width: number): Generator<Float32Array> {
  for (let left = frames; left > 0; left -= SILENT_FRAMES) {
    yield new Float32Array(Math.min(left, SILENT_FRAMES) * width);
  }
}

/** Of `HH:MM:SS.ss`. */
function secondsOf(text: string): number | undefined {
  const [hours, minutes, seconds] = text.split(':').map(Number);
  return seconds === undefined ? undefined : 3600 * hours! + 60 * minutes! + seconds;
}
