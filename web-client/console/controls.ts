import type { Control } from '../../streams/program/index.ts';
import type { Status } from './status.ts';

/* Every control of the program as a button, a slider or a step, and the keys of each. */

/** What a control depends on. */
export interface Situation {
  readonly status: Status;
  /** The picture on the main screen. */
  readonly onShow: string | null;
}

/** The control to send; null when there is none. */
export type Ask = (situation: Situation) => Control | null;

export interface Button {
  readonly name: string;
  readonly key: string;
  readonly meaning: string;
  readonly ask: Ask;
  /** For a button that stays down. */
  readonly isOn?: (status: Status) => boolean;
}

export const BUTTONS: readonly Button[] = [
  {
    name: 'Blackout',
    key: 'b',
    meaning: 'fade to black, and back',
    ask: ({ status }) => ({ control: 'blackout', on: !status.blackout }),
    isOn: ({ blackout }) => blackout,
  },
  {
    name: 'Hold',
    key: 'h',
    meaning: 'hold the picture, or let it go',
    ask: ({ status }) => ({ control: 'hold', on: !status.hold }),
    isOn: ({ hold }) => hold,
  },
  {
    name: 'Pin',
    key: 'p',
    meaning: 'pin the picture on show, or let go of the one that is pinned',
    ask: ({ status, onShow }) => ({ control: 'pin', image: status.pin === null ? onShow : null }),
    isOn: ({ pin }) => pin !== null,
  },
  { name: 'Back', key: 'ArrowLeft', meaning: 'the picture before', ask: () => ({ control: 'back' }) },
  { name: 'Next', key: 'ArrowRight', meaning: 'the next picture', ask: () => ({ control: 'next' }) },
  {
    name: 'Ban',
    key: 'x',
    meaning: 'never show this picture again',
    // By its id: a second press must not ban the picture that came in its place unseen.
    ask: ({ onShow }) => (onShow === null ? null : { control: 'ban', image: onShow, on: true }),
  },
  {
    name: 'Allow',
    key: 'a',
    meaning: 'allow again the picture that was banned last',
    ask({ status }) {
      const image = status.bans[status.bans.length - 1];
      return image === undefined ? null : { control: 'ban', image, on: false };
    },
  },
];

export interface Slider {
  readonly name: string;
  readonly unit: string;
  /** Its ends are those of the protocol. */
  readonly low: number;
  readonly high: number;
  readonly step: number;
  /** For a long range: half of the slider covers a small part of the range, where the values of most shows lie. */
  readonly isCurved?: true;
  /** The keys for less and for more, and their step. */
  readonly keys: readonly [string, string];
  readonly keyStep: number;
  readonly meaning: string;
  readonly value: (settings: Status['settings']) => number;
  readonly control: (value: number, settings: Status['settings']) => Control;
}

export const SLIDERS: readonly Slider[] = [
  {
    name: 'Sensitivity',
    unit: '',
    low: 0,
    high: 1,
    step: 0.01,
    keys: ['-', '+'],
    keyStep: 0.05,
    meaning: 'steadier, livelier: a better picture comes sooner',
    value: (s) => s.sensitivity,
    control: (value) => ({ control: 'sensitivity', value }),
  },
  {
    name: 'Shortest dwell',
    unit: 's',
    low: 0,
    high: 3600,
    step: 0.5,
    isCurved: true,
    keys: ['1', '2'],
    keyStep: 0.5,
    meaning: 'the least time that a picture stays: shorter, longer',
    value: (s) => s.minimumDwellSeconds,
    control: (value, s) => ({
      control: 'dwell',
      minimumSeconds: value,
      maximumSeconds: Math.max(value, s.maximumDwellSeconds),
    }),
  },
  {
    name: 'Longest dwell',
    unit: 's',
    low: 0,
    high: 3600,
    step: 1,
    isCurved: true,
    keys: ['3', '4'],
    keyStep: 1,
    meaning: 'the most time that a picture stays: shorter, longer',
    value: (s) => s.maximumDwellSeconds,
    control: (value, s) => ({
      control: 'dwell',
      minimumSeconds: Math.min(value, s.minimumDwellSeconds),
      maximumSeconds: value,
    }),
  },
  {
    name: 'Crossfade',
    unit: 's',
    low: 0,
    high: 30,
    step: 0.1,
    keys: ['5', '6'],
    keyStep: 0.5,
    meaning: 'crossfade: shorter, longer',
    value: (s) => s.crossfadeSeconds,
    control: (seconds) => ({ control: 'crossfade', seconds }),
  },
  {
    name: 'Smoothing',
    unit: 's',
    low: 0,
    high: 120,
    step: 0.5,
    isCurved: true,
    keys: ['7', '8'],
    keyStep: 0.5,
    meaning: 'the mood follows the music faster, slower',
    value: (s) => s.smoothingSeconds,
    control: (seconds) => ({ control: 'smoothing', seconds }),
  },
  {
    name: 'Relative fit',
    unit: '',
    low: 0,
    high: 1,
    step: 0.01,
    keys: ['f', 'r'],
    keyStep: 0.05,
    meaning:
      'pictures fit the mood of the music itself, or its place in the night so far: a gallery of one mood moves too',
    value: (s) => s.fit,
    control: (value) => ({ control: 'fit', value }),
  },
  {
    name: 'Noise gate',
    unit: 'dB',
    low: -100,
    high: 0,
    step: 1,
    keys: ['k', 'l'],
    keyStep: 1,
    meaning: 'what counts as music: softer sound too, only louder sound',
    value: (s) => Math.round(20 * Math.log10(Math.max(1e-5, s.gateOpensRms))),
    control: (decibels) => ({ control: 'gate', decibels }),
  },
  {
    name: 'Push valence',
    unit: '',
    low: -1,
    high: 1,
    step: 0.01,
    keys: [',', '.'],
    keyStep: 0.05,
    meaning: 'push the mood towards unpleasant, pleasant',
    value: (s) => s.moodOffset.valence,
    control: (valence, s) => ({ control: 'mood-offset', valence, arousal: s.moodOffset.arousal }),
  },
  {
    name: 'Push arousal',
    unit: '',
    low: -1,
    high: 1,
    step: 0.01,
    keys: ['ArrowDown', 'ArrowUp'],
    keyStep: 0.05,
    meaning: 'push the mood towards calm, excited',
    value: (s) => s.moodOffset.arousal,
    control: (arousal, s) => ({ control: 'mood-offset', valence: s.moodOffset.valence, arousal }),
  },
];
