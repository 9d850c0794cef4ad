import type { Control } from '../../streams/program/index.ts';
import { BUTTONS, SLIDERS } from './controls.ts';
import type { Ask, Situation, Slider } from './controls.ts';
import { coarseStep } from './slider-scale.ts';

/** The banks in a circle, with all pictures between the last and the first. */
function nextBank({ status: { banks, settings } }: Situation, by: 1 | -1): Control | null {
  if (banks.length === 0) return null;
  const circle = [null, ...banks];
  const now = Math.max(0, circle.indexOf(settings.bank));
  return { control: 'bank', bank: circle[(now + by + circle.length) % circle.length]! };
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

/** What a key, as `keyOf` names it, asks of the show; undefined of one that has no meaning. */
export function askOfKey(key: string): Ask | undefined {
  return KEYS.get(key.length === 1 ? key.toLowerCase() : key);
}

/** The rows of the help: keys that belong together, and what they do. */
export const HELP: readonly { readonly keys: readonly string[]; readonly meaning: string }[] = [
  ...BUTTONS.map(({ key, meaning }) => ({ keys: [key], meaning })),
  { keys: ['[', ']'], meaning: 'the bank before, the next bank' },
  ...SLIDERS.map(({ keys, meaning }) => ({ keys, meaning })),
  { keys: ['0'], meaning: 'no push' },
  { keys: ['s'], meaning: 'choose the sound' },
  { keys: ['m'], meaning: 'choose the model' },
  { keys: ['e'], meaning: 'adjust moods of pictures in the plane, or leave that' },
  { keys: ['Delete'], meaning: 'while moods are adjusted: back to the model’s prediction' },
  { keys: ['Ctrl Z', 'Ctrl Y'], meaning: 'while moods are adjusted: undo, redo' },
  { keys: ['?'], meaning: 'this help' },
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
