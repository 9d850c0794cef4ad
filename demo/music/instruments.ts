import { RATE_HZ, hz, lowPass, noiseAt, play, saw, swell } from './synth.ts';
import type { Tape } from './synth.ts';

/** A struck string: partials that die the faster the higher they are. */
export function piano(tape: Tape, at: number, note: number, gain: number, pan = 0): void {
  const f = hz(note);
  const ring = 3.2 * 2 ** ((60 - note) / 24);
  const partials = Array.from({ length: 9 }, (_, i) => i + 1).filter((k) => k * f < 12_000);
  play(tape, { at, seconds: ring, gain, pan }, (t) => {
    let sum = 0;
    for (const k of partials) {
      sum +=
        (Math.exp((-t * (1.1 + 0.6 * k)) / (ring / 3)) / k ** 1.25) *
        Math.sin(2 * Math.PI * f * k * Math.sqrt(1 + 0.0004 * k * k) * t);
    }
    return sum * Math.min(1, t / 0.004) * Math.min(1, (ring - t) / 0.1);
  });
}

/** Bowed strings: detuned saws behind a soft filter. */
export function strings(
  tape: Tape,
  at: number,
  seconds: number,
  notes: readonly number[],
  gain: number,
  cutoffHz: number,
): void {
  for (const [i, note] of notes.entries()) {
    for (const cents of [-7, 0, 6]) {
      const step = (hz(note) * 2 ** (cents / 1200)) / RATE_HZ;
      const soft = lowPass();
      const softer = lowPass();
      play(tape, { at, seconds, gain: gain / 3, pan: (i % 3) * 0.5 - 0.5 + cents / 30 }, (t, n) => {
        const value = saw(n * step + i / 7, step) * swell(t, seconds, seconds * 0.3, seconds * 0.3);
        return softer(soft(value, cutoffHz), cutoffHz);
      });
    }
  }
}

/** A bright chord of saws that opens at once and closes. */
export function stab(
  tape: Tape,
  at: number,
  seconds: number,
  notes: readonly number[],
  gain: number,
  cutoffHz: number,
): void {
  for (const [i, note] of notes.entries()) {
    for (const cents of [-11, 9]) {
      const step = (hz(note) * 2 ** (cents / 1200)) / RATE_HZ;
      const filter = lowPass();
      play(
        tape,
        { at, seconds, gain: gain / 2, pan: cents / 14 },
        (t, n) =>
          filter(saw(n * step + i / 5, step), 300 + cutoffHz * Math.exp(-t * 5)) *
          swell(t, seconds, 0.004, 0.05),
      );
    }
  }
}

/** A plucked bass; `drive` above 1 distorts it. */
export function bass(
  tape: Tape,
  at: number,
  seconds: number,
  note: number,
  gain: number,
  drive: number,
): void {
  const step = hz(note) / RATE_HZ;
  const filter = lowPass();
  play(tape, { at, seconds, gain }, (t, n) => {
    const value = filter(
      saw(n * step, step) + 0.6 * Math.sin(2 * Math.PI * n * step),
      180 + 900 * drive * Math.exp(-t * 9),
    );
    return Math.tanh(drive * value) * swell(t, seconds, 0.004, 0.03);
  });
}

export function kick(tape: Tape, at: number, gain: number, drive = 1): void {
  play(
    tape,
    { at, seconds: 0.32, gain },
    (t) =>
      Math.tanh(drive * Math.sin(2 * Math.PI * (48 * t + 9.5 * (1 - Math.exp(-t * 26))))) *
      Math.exp(-t * 9) *
      Math.min(1, t / 0.001) *
      Math.min(1, (0.32 - t) / 0.02),
  );
}

export function snare(tape: Tape, at: number, gain: number): void {
  play(
    tape,
    { at, seconds: 0.22, gain },
    (t, n) =>
      (0.75 * noiseAt(n * 3 + Math.round(at * 1000)) * Math.exp(-t * 19) +
        0.5 * Math.sin(2 * Math.PI * 186 * t) * Math.exp(-t * 28)) *
      Math.min(1, (0.22 - t) / 0.02),
  );
}

export function hat(tape: Tape, at: number, gain: number, open = false): void {
  const seconds = open ? 0.2 : 0.06;
  play(tape, { at, seconds, gain, pan: 0.25 }, (t, n) => {
    const here = n + Math.round(at * 7919);
    // The difference of neighbours is noise without its lows.
    return (
      0.5 *
      (noiseAt(here) - noiseAt(here + 1)) *
      Math.exp(-t * (open ? 16 : 62)) *
      Math.min(1, (seconds - t) / 0.01)
    );
  });
}

/** A lead voice with a little vibrato. */
export function lead(tape: Tape, at: number, seconds: number, note: number, gain: number): void {
  const filter = lowPass();
  let phase = 0;
  play(tape, { at, seconds, gain, pan: -0.15 }, (t) => {
    const step = (hz(note) * (1 + 0.004 * Math.sin(2 * Math.PI * 5.6 * t) * Math.min(1, t * 3))) / RATE_HZ;
    phase += step;
    return (
      filter(saw(phase, step) + Math.sin(2 * Math.PI * phase), 3800) * 0.5 * swell(t, seconds, 0.012, 0.08)
    );
  });
}
