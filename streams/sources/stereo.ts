/** Left and right part of each loudspeaker, in the order of the bits of a WAV's channel mask; ITU-R BS.775 for 5.1. */
const HALF = Math.SQRT1_2;
const SPEAKERS: readonly (readonly [left: number, right: number])[] = [
  [1, 0], // front left
  [0, 1], // front right
  [HALF, HALF], // front centre
  [0, 0], // low frequencies: BS.775 leaves them out
  [HALF, 0], // back left
  [0, HALF], // back right
  [1, 0], // front left of centre
  [0, 1], // front right of centre
  [HALF / 2, HALF / 2], // back centre
  [HALF, 0], // side left
  [0, HALF], // side right
];

const FRAME_BYTES = 4;

/**
 * Turns interleaved float32 of any number of channels into stereo, full scale ±1. Mono is on both sides. Channels that
 * no loudspeaker is named for (an interface with 18 of them, a multitrack recording) are on both sides alike: their mean,
 * which is what the analysis hears. Nothing gets louder than the channels were.
 */
export class StereoReader {
  readonly #gains: readonly (readonly [left: number, right: number])[];
  readonly #frameBytes: number;
  #rest = new Uint8Array(0);

  /** @param mask which loudspeakers the channels are meant for, in their order; 0: not known */
  constructor(channels: number, mask: number) {
    this.#gains = gainsOf(channels, mask);
    this.#frameBytes = channels * FRAME_BYTES;
  }

  /** @returns whole frames of left and right; numbers that are no samples are silence. */
  push(bytes: Uint8Array): Float32Array {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const frames = Math.floor(all.length / this.#frameBytes);
    this.#rest = all.slice(frames * this.#frameBytes);
    const channels = this.#gains.length;
    const values = new Float32Array(all.buffer, 0, frames * channels);
    const stereo = new Float32Array(2 * frames);
    for (let frame = 0; frame < frames; frame++) {
      let left = 0;
      let right = 0;
      for (let channel = 0; channel < channels; channel++) {
        const value = values[frame * channels + channel]!;
        left += this.#gains[channel]![0] * value;
        right += this.#gains[channel]![1] * value;
      }
      stereo[2 * frame] = withinScale(left);
      stereo[2 * frame + 1] = withinScale(right);
    }
    return stereo;
  }
}

function withinScale(value: number): number {
  return Number.isFinite(value) ? Math.max(-1, Math.min(1, value)) : 0;
}

function gainsOf(channels: number, mask: number): (readonly [number, number])[] {
  const named = SPEAKERS.filter((_, bit) => (mask & (1 << bit)) !== 0);
  const isKnown = mask < 1 << SPEAKERS.length && named.length === channels && channels > 1;
  const gains = isKnown
    ? named
    : Array.from({ length: channels }, (_, channel): readonly [number, number] =>
        channels === 2 ? (channel === 0 ? [1, 0] : [0, 1]) : [1, 1],
      );
  const most = Math.max(...[0, 1].map((side) => gains.reduce((sum, gain) => sum + gain[side]!, 0)));
  return gains.map(([left, right]) => [left / most, right / most]);
}
