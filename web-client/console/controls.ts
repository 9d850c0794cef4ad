import type { Control } from '../../streams/program/index.ts';
import type { Status } from './status.ts';

/* Every control of the program as a button, a slider or a step, and the keys of each. */

/** What a control goes by. */
export interface Situation {
  readonly status: Status;
  /** The picture that is seen on the main screen. */
  readonly onShow: string | null;
}

/** What is asked of the show; null when there is nothing to ask. */
type Ask = (situation: Situation) => Control | null;

export interface Button {
  readonly name: string;
  readonly key: string;
  readonly meaning: string;
  readonly ask: Ask;
  /** Of a button that stays down. */
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
    // By its name: a second press must not meet the picture that came in its place unseen.
    ask: ({ onShow }) => (onShow === null ? null : { control: 'ban', image: onShow, on: true }),
  },
  {
    name: 'Allow',
    key: 'a',
    meaning: 'allow again the picture that was banned last',
    ask({ status }) {
      const image = status.bans.at(-1);
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
  /** Of a long one: half its way is so small a part of its range that the values of most shows have room. */
  readonly isCurved?: true;
  /** For less and for more, and by how much. */
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
    meaning: 'a picture stays at least so long: shorter, longer',
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
    meaning: 'a picture stays at most so long: shorter, longer',
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

/** The banks in a circle, with all pictures between the last and the first. */
function nextBank({ status: { banks, settings } }: Situation, by: 1 | -1): Control | null {
  if (banks.length === 0) return null;
  const circle = [null, ...banks];
  const now = Math.max(0, circle.indexOf(settings.bank));
  return { control: 'bank', bank: circle[(now + by + circle.length) % circle.length]! };
}

const CURVE = 4;
/** Positions of a curved slider: from 0 to this. */
const CURVED_POSITIONS = 1000;

/** What the slider of the page counts in: a curved one in positions, others in values. */
export function scaleOf({ isCurved, low, high, step }: Slider): Pick<Slider, 'low' | 'high' | 'step'> {
  return isCurved ? { low: 0, high: CURVED_POSITIONS, step: 1 } : { low, high, step };
}

export function positionOf({ isCurved, low, high }: Slider, value: number): number {
  return isCurved ? Math.round(CURVED_POSITIONS * ((value - low) / (high - low)) ** (1 / CURVE)) : value;
}

export function valueAt(slider: Slider, position: number): number {
  if (!slider.isCurved) return position;
  const value = slider.low + (slider.high - slider.low) * (position / CURVED_POSITIONS) ** CURVE;
  const step = coarseStep(slider.step, value);
  return Math.round(value / step) * step;
}

/** Of long times, nobody wants half seconds. */
function coarseStep(step: number, value: number): number {
  if (value >= 600) return Math.max(step, 60);
  if (value >= 60) return Math.max(step, 10);
  return value >= 20 ? Math.max(step, 1) : step;
}

/** One step of a slider by its keys. */
function stepped(slider: Slider, by: 1 | -1, { status: { settings } }: Situation): Control | null {
  const now = slider.value(settings);
  if (by < 0 ? now <= slider.low : now >= slider.high) return null;
  const step = slider.isCurved
    ? coarseStep(slider.keyStep, by < 0 ? now - slider.keyStep : now)
    : slider.keyStep;
  const wanted = Number((now + by * step).toFixed(3));
  return slider.control(Math.min(slider.high, Math.max(slider.low, wanted)), settings);
}

const KEYS: ReadonlyMap<string, Ask> = new Map<string, Ask>([
  ...BUTTONS.map(({ key, ask }): [string, Ask] => [key, ask]),
  ...SLIDERS.flatMap((slider): [string, Ask][] => [
    [slider.keys[0], (situation) => stepped(slider, -1, situation)],
    [slider.keys[1], (situation) => stepped(slider, 1, situation)],
  ]),
  // Where + needs Shift.
  ['=', (situation) => stepped(SLIDERS[0]!, 1, situation)],
  ['0', () => ({ control: 'mood-offset', valence: 0, arousal: 0 })],
  ['[', (situation) => nextBank(situation, -1)],
  [']', (situation) => nextBank(situation, 1)],
]);

/** What a key asks of the show; undefined of one that has no meaning. */
export function askOfKey(key: string): Ask | undefined {
  return KEYS.get(key.length === 1 ? key.toLowerCase() : key);
}

/** What the help tells: keys that belong together, and what they do. */
export const HELP: readonly { readonly keys: readonly string[]; readonly meaning: string }[] = [
  ...BUTTONS.map(({ key, meaning }) => ({ keys: [key], meaning })),
  { keys: ['[', ']'], meaning: 'the bank before, the next bank' },
  ...SLIDERS.map(({ keys, meaning }) => ({ keys, meaning })),
  { keys: ['0'], meaning: 'no push' },
  { keys: ['s'], meaning: 'choose the sound' },
  { keys: ['m'], meaning: 'choose the model' },
  { keys: ['e'], meaning: 'adjust moods of pictures in the plane, or leave that' },
  { keys: ['Delete'], meaning: 'while moods are adjusted: back to the model’s reading' },
  { keys: ['Ctrl Z', 'Ctrl Y'], meaning: 'while moods are adjusted: undo, redo' },
  { keys: ['?'], meaning: 'this help' },
];

/** What the help tells of the other pages. */
export const PAGES: readonly { readonly address: string; readonly meaning: string }[] = [
  {
    address: '/display',
    meaning: 'a screen: F on it is full screen, I tells its name, group and connection',
  },
  { address: '/listen', meaning: 'lets the show hear the microphone, or a tab, of the device that opens it' },
];

const KEY_NAMES: Readonly<Record<string, string>> = {
  ArrowRight: '→',
  ArrowLeft: '←',
  ArrowUp: '↑',
  ArrowDown: '↓',
  '-': '−',
};

export function keyName(key: string): string {
  return KEY_NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
