import type { MusicMood } from '../../streams/matching/index.ts';
import type { ProgramEffect, ProgramSettings, Reason } from '../../streams/program/index.ts';
import type { ShowGallery } from '../show/index.ts';
import type { Part } from './parts.ts';
import type { ReplayMoment } from './replay.ts';

/** What was on the main screen, from when to when. */
export interface Shown {
  readonly fromSeconds: number;
  readonly image: string | null;
  readonly crossfadeSeconds: number;
  readonly reason: Reason;
}

/** A stretch of the sound, for its drawing. */
export interface Loudness {
  readonly peak: number;
  readonly rms: number;
}

/** Between two points of the drawn waveform. */
export const LOUDNESS_SECONDS = 0.1;

/** What a replay starts from, for the first line of its timeline. */
export interface ReplayFacts {
  readonly files: readonly string[];
  readonly hopSeconds: number;
  readonly fingerprint: string;
  readonly pictures: number;
  readonly settings: ProgramSettings;
}

/** A line of the timeline, in the order of its fields. */
interface TimelineLine {
  readonly kind: string;
  readonly time: number;
  readonly [field: string]: unknown;
}

/** All that a replay showed: JSON lines, and what a report and a video are made of. */
export class Timeline {
  readonly facts: ReplayFacts;
  readonly shown: Shown[] = [];
  readonly moods: MusicMood[] = [];
  readonly loudness: Loudness[] = [];
  /** The files as they were heard; set once they were. */
  parts: readonly Part[] = [];
  /** Whether the replay came to its end: it was neither interrupted nor did it fail. */
  isOver = false;
  readonly #first: string;
  readonly #lines: TimelineLine[] = [];
  readonly #gallery: ShowGallery;
  #endSeconds = 0;

  constructor(facts: ReplayFacts, gallery: ShowGallery) {
    this.facts = facts;
    this.#gallery = gallery;
    const { hopSeconds: hop, fingerprint: model, ...rest } = facts;
    this.#first = JSON.stringify({ kind: 'replay', v: 1, hop, model, ...rest });
  }

  /** The sound that was heard so far. */
  get endSeconds(): number {
    return this.#endSeconds;
  }

  /** What is wrong with the files, in their order. */
  get faults(): Part[] {
    return this.parts.filter(({ fault, damage }) => fault !== undefined || damage !== undefined);
  }

  /**
   * A JSON line each: `replay`, then `mood`, `show`, `idle`, `damaged` and `left-out` in the order of time, and `end`.
   */
  get text(): string {
    const complete = this.isOver && this.parts.every(({ fault }) => fault === undefined);
    const end = JSON.stringify({ kind: 'end', time: rounded(this.#endSeconds), complete });
    const lines = [...this.#lines, ...this.parts.flatMap(linesOf)].toSorted((a, b) => a.time - b.time);
    return `${[this.#first, ...lines.map((line) => JSON.stringify(line)), end].join('\n')}\n`;
  }

  push({ step, level, mood }: ReplayMoment): void {
    this.#endSeconds = step.state.atSeconds;
    if (mood !== undefined) {
      this.moods.push(mood);
      const { valence, arousal, confidence, endSeconds, by } = mood;
      this.#lines.push({
        kind: 'mood',
        time: rounded(endSeconds),
        valence: rounded(valence),
        arousal: rounded(arousal),
        confidence: rounded(confidence),
        by,
      });
    }
    if (level !== undefined) this.#draw(step.state.atSeconds, level);
    for (const effect of step.effects) this.#pushEffect(effect);
  }

  #pushEffect(effect: ProgramEffect): void {
    const time = rounded(effect.atSeconds);
    if (effect.kind === 'show') {
      const { image, screen, crossfadeSeconds, reason } = effect;
      if (screen === 0) this.shown.push({ fromSeconds: effect.atSeconds, image, crossfadeSeconds, reason });
      const file = image === null ? null : (this.#gallery.filesOf(image)?.name ?? null);
      const main = screen === 0 ? {} : { screen };
      this.#lines.push({ kind: 'show', time, ...main, image, file, crossfade: crossfadeSeconds, reason });
    } else if (effect.kind === 'idle') {
      this.#lines.push({ kind: 'idle', time, on: effect.on });
    }
  }

  #draw(atSeconds: number, { peak, rms }: Loudness): void {
    const point = Math.floor(atSeconds / LOUDNESS_SECONDS);
    const before = this.loudness[point];
    while (this.loudness.length <= point) this.loudness.push({ peak: 0, rms: 0 });
    this.loudness[point] = { peak: Math.max(peak, before?.peak ?? 0), rms: Math.max(rms, before?.rms ?? 0) };
  }
}

/** What is wrong with a file: from where on its rest is left out, or that it was heard all the same. */
function linesOf({ file, startSeconds, endSeconds, fault, damage }: Part): TimelineLine[] {
  const damaged =
    damage === undefined ? [] : [{ kind: 'damaged', time: rounded(startSeconds), file, reason: damage }];
  if (fault === undefined) return damaged;
  const { code, message } = fault;
  return [...damaged, { kind: 'left-out', time: rounded(endSeconds), file, code, reason: message }];
}

/** To a millionth: more digits are noise to a reader. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
