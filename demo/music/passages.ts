import { bass, hat, kick, lead, piano, snare, stab, strings } from './instruments.ts';
import { reverberate, tape } from './synth.ts';
import type { Tape } from './synth.ts';

/** Length of each passage, in seconds. */
export const PASSAGE_SECONDS = 24;

/** A part of the piece with a mood of its own. */
export interface Passage {
  readonly name: string;
  /** Root mean square of the passage after scaling: calm passages are quieter. */
  readonly rms: number;
  readonly render: () => Tape;
}

/** Pleasant and calm: a slow arpeggio over warm strings, in D major. */
function serene(): Tape {
  const out = tape(PASSAGE_SECONDS);
  const chords = [
    [50, 57, 62, 66, 69],
    [47, 54, 59, 62, 66],
    [43, 50, 55, 59, 66],
    [45, 52, 57, 61, 64],
  ];
  const bar = 3;
  for (let i = 0; i * bar < PASSAGE_SECONDS; i++) {
    const chord = chords[i % 4]!;
    strings(out, i * bar - 0.4, bar + 1, chord.slice(0, 4), 0.05, 900);
    [0, 2, 3, 4, 3, 2].forEach((voice, k) => {
      piano(out, i * bar + k * 0.5, chord[voice]! + 12, 0.11, k / 5 - 0.5);
    });
    piano(out, i * bar, chord[0]!, 0.12);
  }
  reverberate(out, 0.4, 0.8);
  return out;
}

/** Pleasant and excited: a dance in F major at 126 beats a minute. */
function jubilant(): Tape {
  const out = tape(PASSAGE_SECONDS);
  const beat = 60 / 126;
  const chords = [
    [65, 69, 72, 76],
    [67, 70, 74, 77],
    [69, 72, 76, 79],
    [70, 74, 77, 81],
  ];
  const roots = [29, 31, 33, 34];
  const tune = [81, 84, 86, 84, 81, 79, 77, 79, 81, 84, 88, 86, 84, 81, 79, 77];
  for (let b = 0; b * beat < PASSAGE_SECONDS; b++) {
    const at = b * beat;
    const chord = Math.floor(b / 4) % 4;
    kick(out, at, 0.62);
    if (b % 2 === 1) snare(out, at, 0.34);
    hat(out, at + beat / 2, 0.5, true);
    for (let k = 0; k < 4; k++) hat(out, at + (k * beat) / 4, 0.22);
    for (const k of [1, 2, 3]) bass(out, at + (k * beat) / 4, beat / 4.4, roots[chord]! + 12, 0.34, 1.4);
    for (const k of b % 2 === 0 ? [0, 0.75] : [0.5])
      stab(out, at + k * beat, beat / 2.2, chords[chord]!, 0.1, 6500);
    lead(out, at, beat * 0.46, tune[b % 16]!, 0.17);
    lead(out, at + beat / 2, beat * 0.46, tune[(b * 3 + 5) % 16]!, 0.13);
  }
  reverberate(out, 0.14, 0.6);
  return out;
}

/** Unpleasant and excited: distortion, semitones and broken drums at 150 beats a minute. */
function furious(): Tape {
  const out = tape(PASSAGE_SECONDS);
  const beat = 60 / 150;
  const riff = [28, 28, 29, 28, 34, 28, 33, 29];
  for (let b = 0; b * beat < PASSAGE_SECONDS; b++) {
    const at = b * beat;
    for (const k of b % 4 === 3 ? [0, 0.25, 0.5, 0.75] : [0, 0.5, 0.75]) kick(out, at + k * beat, 0.6, 5);
    if (b % 2 === 1) snare(out, at, 0.62);
    if (b % 8 === 6) for (let k = 0; k < 6; k++) snare(out, at + (k * beat) / 6, 0.3 + k * 0.05);
    for (let k = 0; k < 4; k++) hat(out, at + (k * beat) / 4, 0.42);
    for (const k of [0, 0.5]) {
      const note = riff[(2 * b + 2 * k) % 8]!;
      bass(out, at + k * beat, beat * 0.48, note, 0.42, 9);
      bass(out, at + k * beat, beat * 0.48, note + 12, 0.2, 12);
      bass(out, at + k * beat, beat * 0.48, note + 18, 0.13, 12);
    }
    if (b % 4 === 0) stab(out, at, beat * 1.6, [64, 65, 70, 71, 76, 77], 0.1, 9000);
  }
  reverberate(out, 0.1, 0.6);
  return out;
}

/** Unpleasant and calm: low strings and a few notes far apart, in C minor. */
function mournful(): Tape {
  const out = tape(PASSAGE_SECONDS);
  const chords = [
    [36, 43, 48, 51],
    [32, 44, 48, 51],
    [29, 41, 48, 53],
    [31, 43, 47, 50],
  ];
  const tune = [63, 62, 60, 59, 60, 56, 55, 53];
  for (let i = 0; i < 4; i++) {
    strings(out, i * 6 - 0.8, 7.6, chords[i]!, 0.08, 420);
    piano(out, i * 6 + 0.5, tune[2 * i]!, 0.12, -0.2);
    piano(out, i * 6 + 3.5, tune[2 * i + 1]!, 0.1, 0.2);
    piano(out, i * 6, chords[i]![0]!, 0.12);
  }
  reverberate(out, 0.55, 0.84);
  return out;
}

/** The piece: four moods, once round the plane. */
export const PASSAGES: readonly Passage[] = [
  { name: 'serene', rms: 0.09, render: serene },
  { name: 'jubilant', rms: 0.17, render: jubilant },
  { name: 'furious', rms: 0.2, render: furious },
  { name: 'mournful', rms: 0.07, render: mournful },
];
