import { Random } from '../../models/random.ts';

/** Sample rate of the music, in Hz. */
export const RATE_HZ = 44_100;

/** Stereo sound to which voices are added. */
export interface Tape {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

export function tape(seconds: number): Tape {
  const length = Math.round(seconds * RATE_HZ);
  return { left: new Float32Array(length), right: new Float32Array(length) };
}

/** Frequency of a MIDI note, in Hz. */
export function hz(note: number): number {
  return 440 * 2 ** ((note - 69) / 12);
}

const hiss = Random.seeded(1, 'noise of the demo music');
const NOISE = Float32Array.from({ length: 1 << 17 }, () => 2 * hiss.real() - 1);

export function noiseAt(n: number): number {
  return NOISE[n & (NOISE.length - 1)]!;
}

/** A saw without steps that fold back (PolyBLEP), phase in turns. */
export function saw(phase: number, step: number): number {
  const t = phase - Math.floor(phase);
  let value = 2 * t - 1;
  if (t < step) value -= (t / step - 1) ** 2 * -1;
  else if (t > 1 - step) value -= ((t - 1) / step + 1) ** 2;
  return value;
}

export interface Voice {
  /** In seconds from the start of the tape. */
  readonly at: number;
  readonly seconds: number;
  readonly gain: number;
  /** −1 left … 1 right. */
  readonly pan?: number;
}

/** Adds a voice: `sound(t, n)` for its t-th second and n-th sample. Sound beyond the tape's end is dropped. */
export function play({ left, right }: Tape, voice: Voice, sound: (t: number, n: number) => number): void {
  const { at, seconds, gain, pan = 0 } = voice;
  const first = Math.round(at * RATE_HZ);
  const last = Math.min(left.length, first + Math.round(seconds * RATE_HZ));
  const toLeft = gain * Math.cos(((pan + 1) * Math.PI) / 4);
  const toRight = gain * Math.sin(((pan + 1) * Math.PI) / 4);
  for (let i = Math.max(0, first); i < last; i++) {
    const value = sound((i - first) / RATE_HZ, i - first);
    left[i]! += value * toLeft;
    right[i]! += value * toRight;
  }
}

/** Rises in `attack` seconds, stays, and falls in the last `release` seconds. */
export function swell(t: number, seconds: number, attack: number, release: number): number {
  return Math.min(1, t / attack) * Math.min(1, Math.max(0, seconds - t) / release);
}

/** A one-pole low-pass with its own memory. */
export function lowPass(): (x: number, cutoffHz: number) => number {
  let y = 0;
  return (x, cutoffHz) => (y += (1 - Math.exp((-2 * Math.PI * cutoffHz) / RATE_HZ)) * (x - y));
}

/** Adds the room to a tape: Schroeder's reverberator, four combs and two all-passes a side. */
export function reverberate({ left, right }: Tape, wet: number, decay: number): void {
  const side = (channel: Float32Array, spread: number): void => {
    const room = new Float32Array(channel.length);
    for (const delay of [1557, 1617, 1491, 1422].map((length) => 2 * length + spread)) {
      const line = new Float32Array(channel.length);
      let damped = 0;
      for (let i = 0; i < channel.length; i++) {
        const back = i >= delay ? line[i - delay]! : 0;
        damped += 0.55 * (back - damped);
        line[i] = channel[i]! + decay * damped;
        room[i]! += back / 4;
      }
    }
    for (const delay of [556 + spread, 225 + spread]) {
      const line = new Float32Array(channel.length);
      for (let i = 0; i < channel.length; i++) {
        const back = i >= delay ? line[i - delay]! : 0;
        line[i] = room[i]! + 0.5 * back;
        room[i] = back - 0.5 * line[i]!;
      }
    }
    for (let i = 0; i < channel.length; i++) channel[i]! += wet * room[i]!;
  };
  side(left, 0);
  side(right, 46);
}
