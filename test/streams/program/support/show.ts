import type { Mood } from '../../../../models/model/index.ts';
import {
  advance,
  catalogueOf,
  DEFAULT_PROGRAM_SETTINGS,
  initialState,
  type Catalogue,
  type CataloguePicture,
  type Control,
  type ProgramEffect,
  type ProgramEvent,
  type ProgramSettings,
  type ProgramState,
  type Remembered,
} from '../../../../streams/program/index.ts';

export const LOUD = 0.1;
export const QUIET = 0;

/** Pictures p0, p1, … on a spiral in the plane: no two at the same place. */
export function pictures(count: number, change: Partial<CataloguePicture> = {}): CataloguePicture[] {
  return Array.from({ length: count }, (_, i) => {
    const radius = 0.05 + (0.4 * i) / Math.max(1, count);
    return {
      id: `p${i}`,
      bank: '',
      unsafe: false,
      valence: 0.5 + radius * Math.cos(i * 2.4),
      arousal: 0.5 + radius * Math.sin(i * 2.4),
      ...change,
    };
  });
}

export type ShowEffect = Extract<ProgramEffect, { kind: 'show' }>;

/** Plays events to a program and keeps what it did. */
export class Show {
  state: ProgramState;
  readonly effects: ProgramEffect[] = [];
  #atSeconds = 0;

  constructor(
    gallery: readonly CataloguePicture[] | Catalogue,
    settings: Partial<ProgramSettings> = {},
    kept?: Remembered,
  ) {
    const catalogue = 'pictures' in gallery ? gallery : catalogueOf(gallery);
    this.state = initialState({ ...DEFAULT_PROGRAM_SETTINGS, screens: 1, ...settings }, catalogue, kept);
    this.send({ kind: 'tick', atSeconds: 0 });
  }

  get now(): number {
    return this.#atSeconds;
  }

  get image(): string | null {
    return this.state.screens[0]!.image;
  }

  /** Pictures on the main screen, in their order. */
  get shown(): ShowEffect[] {
    return this.effects.filter(
      (effect): effect is ShowEffect => effect.kind === 'show' && effect.screen === 0,
    );
  }

  get lastShown(): ShowEffect {
    return this.shown.at(-1)!;
  }

  get refusals(): string[] {
    return this.effects.flatMap((effect) => (effect.kind === 'refused' ? effect.message : []));
  }

  send(event: ProgramEvent): void {
    const step = advance(this.state, event);
    this.state = step.state;
    this.effects.push(...step.effects);
  }

  control(control: Control): void {
    this.send({ kind: 'control', atSeconds: this.#atSeconds, control });
  }

  /** Time with sound of this level, ten times a second, with an onset wherever `onsets` says. */
  hear(
    seconds: number,
    rms = LOUD,
    { onsets = false, mood, confidence = 1 }: { onsets?: boolean; mood?: Mood; confidence?: number } = {},
  ): void {
    const ticks = Math.round(seconds * 10);
    for (let i = 1; i <= ticks; i++) {
      this.#atSeconds = Math.round((this.#atSeconds + 0.1) * 10) / 10;
      const atSeconds = this.#atSeconds;
      this.send({ kind: 'level', atSeconds, rms, onset: onsets && i % 5 === 0 });
      if (mood !== undefined && i % 5 === 0)
        this.send(matchOf(this.state, { ...mood, confidence }, atSeconds));
    }
  }
}

/** The match of a mood by the distance in the plane, as the ranking `plane` has it. */
export function matchOf(
  state: ProgramState,
  mood: Mood & { readonly confidence?: number },
  atSeconds: number,
  count = 32,
): ProgramEvent {
  const scored = state.allowed.map((row) => {
    const { id, valence, arousal } = state.catalogue.pictures[row]!;
    return { id, score: -((valence - mood.valence) ** 2 + (arousal - mood.arousal) ** 2) };
  });
  const mean = scored.reduce((sum, { score }) => sum + score, 0) / scored.length;
  const top = Math.max(...scored.map(({ score }) => score));
  const candidates = scored
    .map(({ id, score }) => ({ id, score, fit: top > mean ? (score - mean) / (top - mean) : 1 }))
    .sort((a, b) => b.score - a.score);
  const onShow = new Set(state.screens.map(({ image }) => image));
  return {
    kind: 'match',
    atSeconds,
    match: {
      mood: { confidence: 1, ...mood },
      target: mood,
      candidates: candidates.slice(0, count),
      shown: candidates.filter(({ id }) => onShow.has(id)),
    },
  };
}
