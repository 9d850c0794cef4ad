import type { Control } from '../../streams/program/index.ts';
import { make } from '../shared/element.ts';
import { sourceChoice } from './source-choice.ts';
import type { Status } from './status.ts';

/** The operator's hand: every control of the program, by button, slider and key. */

interface Key {
  readonly key: string;
  readonly label: string;
  readonly meaning: string;
  readonly control: (status: Status | null) => Control;
}

const step = (value: number, by: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, Number((value + by).toFixed(3))));

const pushed = (status: Status | null, valence: number, arousal: number): Control => {
  const offset = status?.settings.moodOffset ?? { valence: 0, arousal: 0 };
  return {
    control: 'mood-offset',
    valence: step(offset.valence, valence, -1, 1),
    arousal: step(offset.arousal, arousal, -1, 1),
  };
};

/** The keys, in the order of the help. Those with a label are buttons too. */
export const KEYS: readonly Key[] = [
  {
    key: 'h',
    label: 'Hold',
    meaning: 'hold the picture, or let it go',
    control: (s) => ({ control: 'hold', on: !(s?.hold ?? false) }),
  },
  {
    key: 'b',
    label: 'Blackout',
    meaning: 'fade to black, and back',
    control: (s) => ({ control: 'blackout', on: !(s?.blackout ?? false) }),
  },
  { key: 'ArrowRight', label: 'Next', meaning: 'the next picture', control: () => ({ control: 'next' }) },
  { key: 'ArrowLeft', label: 'Back', meaning: 'the picture before', control: () => ({ control: 'back' }) },
  {
    key: 'x',
    label: 'Ban',
    meaning: 'never show this picture again',
    control: () => ({ control: 'ban', on: true }),
  },
  {
    key: 'u',
    label: 'Unpin',
    meaning: 'let go of a pinned picture',
    control: () => ({ control: 'pin', image: null }),
  },
  {
    key: '+',
    label: '',
    meaning: 'livelier: a better picture comes sooner',
    control: (s) => ({ control: 'sensitivity', value: step(s?.settings.sensitivity ?? 0.5, 0.05, 0, 1) }),
  },
  {
    key: '-',
    label: '',
    meaning: 'steadier',
    control: (s) => ({ control: 'sensitivity', value: step(s?.settings.sensitivity ?? 0.5, -0.05, 0, 1) }),
  },
  { key: 'ArrowUp', label: '', meaning: 'push the mood towards excited', control: (s) => pushed(s, 0, 0.05) },
  { key: 'ArrowDown', label: '', meaning: 'push the mood towards calm', control: (s) => pushed(s, 0, -0.05) },
  { key: '.', label: '', meaning: 'push the mood towards pleasant', control: (s) => pushed(s, 0.05, 0) },
  { key: ',', label: '', meaning: 'push the mood towards unpleasant', control: (s) => pushed(s, -0.05, 0) },
  {
    key: '0',
    label: '',
    meaning: 'no push',
    control: () => ({ control: 'mood-offset', valence: 0, arousal: 0 }),
  },
];

const KEY_NAMES: Readonly<Record<string, string>> = {
  ArrowRight: '→',
  ArrowLeft: '←',
  ArrowUp: '↑',
  ArrowDown: '↓',
};

export function keyName(key: string): string {
  return KEY_NAMES[key] ?? key.toUpperCase();
}

interface Slider {
  readonly name: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly value: (settings: Status['settings']) => number;
  readonly control: (value: number, settings: Status['settings']) => Control;
}

const SLIDERS: readonly Slider[] = [
  {
    name: 'Sensitivity',
    unit: '',
    low: 0,
    high: 1,
    step: 0.01,
    value: (s) => s.sensitivity,
    control: (value) => ({ control: 'sensitivity', value }),
  },
  {
    name: 'Shortest dwell',
    unit: 's',
    low: 0.5,
    high: 60,
    step: 0.5,
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
    low: 1,
    high: 120,
    step: 1,
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
    high: 10,
    step: 0.1,
    value: (s) => s.crossfadeSeconds,
    control: (seconds) => ({ control: 'crossfade', seconds }),
  },
  {
    name: 'Mood smoothing',
    unit: 's',
    low: 0,
    high: 20,
    step: 0.5,
    value: (s) => s.smoothingSeconds,
    control: (seconds) => ({ control: 'smoothing', seconds }),
  },
  {
    name: 'Push valence',
    unit: '',
    low: -0.5,
    high: 0.5,
    step: 0.01,
    value: (s) => s.moodOffset.valence,
    control: (valence, s) => ({ control: 'mood-offset', valence, arousal: s.moodOffset.arousal }),
  },
  {
    name: 'Push arousal',
    unit: '',
    low: -0.5,
    high: 0.5,
    step: 0.01,
    value: (s) => s.moodOffset.arousal,
    control: (arousal, s) => ({ control: 'mood-offset', valence: s.moodOffset.valence, arousal }),
  },
];

export class Hand {
  readonly #send: (control: Control) => void;
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #sliders: {
    readonly slider: Slider;
    readonly input: HTMLInputElement;
    readonly output: HTMLOutputElement;
  }[] = [];
  readonly #bank = make('select', { id: 'bank' });
  readonly #source = make('select', { id: 'source-choice' });
  #status: Status | null = null;

  constructor(place: HTMLElement, send: (control: Control) => void) {
    this.#send = send;
    const buttons = KEYS.filter(({ label }) => label !== '').map(({ key, label, meaning, control }) => {
      const button = make(
        'button',
        { title: meaning, 'data-control': label.toLowerCase() },
        label,
        make('kbd', {}, keyName(key)),
      );
      button.addEventListener('click', () => {
        this.#send(control(this.#status));
      });
      this.#buttons.set(label, button);
      return button;
    });
    const sliders = SLIDERS.map((slider) => this.#makeSlider(slider));
    this.#bank.addEventListener('change', () => {
      this.#send({ control: 'bank', bank: this.#bank.value === '' ? null : this.#bank.value });
    });
    this.#source.addEventListener('change', () => {
      this.#send({ control: 'source', source: this.#source.value });
    });
    place.append(
      make('div', { class: 'buttons' }, ...buttons),
      make('div', { class: 'sliders' }, ...sliders),
      make(
        'div',
        { class: 'choices' },
        make('label', {}, 'Bank ', this.#bank),
        make('label', {}, 'Sound ', this.#source),
      ),
    );
    addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
  }

  show(status: Status, devices: readonly string[]): void {
    this.#status = status;
    this.#buttons.get('Hold')!.ariaPressed = String(status.hold);
    this.#buttons.get('Blackout')!.ariaPressed = String(status.blackout);
    this.#buttons.get('Unpin')!.disabled = status.pin === null;
    for (const { slider, input, output } of this.#sliders) {
      const value = slider.value(status.settings);
      // Not from under the operator's finger.
      if (document.activeElement !== input) input.value = String(value);
      output.textContent = `${value.toFixed(slider.step < 0.1 ? 2 : 1)}${slider.unit && ` ${slider.unit}`}`;
    }
    choose(
      this.#bank,
      [['', 'all pictures'], ...status.banks.map((bank) => [bank, bank] as const)],
      status.settings.bank ?? '',
    );
    const { names, chosen } = sourceChoice(status, devices);
    choose(
      this.#source,
      names.map((name) => [name, name] as const),
      chosen,
    );
  }

  #makeSlider(slider: Slider): HTMLElement {
    const input = make('input', {
      type: 'range',
      min: String(slider.low),
      max: String(slider.high),
      step: String(slider.step),
    });
    const output = make('output');
    input.addEventListener('input', () => {
      if (this.#status !== null) this.#send(slider.control(Number(input.value), this.#status.settings));
    });
    input.addEventListener('change', () => {
      input.blur();
    });
    this.#sliders.push({ slider, input, output });
    return make('label', {}, make('span', {}, slider.name), input, output);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const { target } = event;
    if (
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement && target.type !== 'range')
    )
      return;
    const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const found = KEYS.find(({ key }) => key === pressed || (key === '+' && pressed === '='));
    if (found === undefined) return;
    event.preventDefault();
    this.#send(found.control(this.#status));
  }
}

function choose(
  select: HTMLSelectElement,
  options: readonly (readonly [string, string])[],
  value: string,
): void {
  if (document.activeElement === select) return;
  const known = [...select.options].map((option) => option.value).join('\n');
  const wanted = options.map(([id]) => id).join('\n');
  if (select.options.length !== options.length || known !== wanted) {
    select.replaceChildren(...options.map(([id, name]) => make('option', { value: id }, name)));
  }
  select.value = value;
}
