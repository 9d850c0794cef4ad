import type { Control } from '../../streams/program/index.ts';
import { fill, make } from '../shared/element.ts';
import { keyOf } from '../shared/key.ts';
import { BUTTONS, SLIDERS } from './controls.ts';
import type { Button, Situation, Slider } from './controls.ts';
import { askOfKey, keyName } from './keys.ts';
import { positionOf, scaleOf, valueAt } from './slider-scale.ts';
import { sourceChoice } from './source-choice.ts';

/** Time between two values of a slider that moves: the server takes 60 messages a second. */
const SLIDER_EVERY_MS = 50;

export interface ControlPanelHandlers {
  readonly send: (control: Control) => void;
  /** Called when the operator is about to choose a source: devices may have come and gone. */
  readonly onChoosingSource: () => void;
}

/** The operator's control panel: every control of the program, by button, slider and key. */
export class ControlPanel {
  readonly #send: (control: Control) => void;
  readonly #buttons: readonly (readonly [Button, HTMLButtonElement])[];
  readonly #sliders: readonly SliderRow[];
  readonly #bank = make('select', { id: 'bank' });
  readonly #source = make('select', { id: 'source-choice' });
  readonly #model = make('select', { id: 'model' });
  readonly #modelRow = make('label', {}, keyed('Model', 'm'), this.#model);
  #situation: Situation | null = null;
  #devices: readonly string[] = [];

  constructor(place: HTMLElement, { send, onChoosingSource }: ControlPanelHandlers) {
    this.#send = send;
    this.#buttons = BUTTONS.map((button) => [button, this.#makeButton(button)]);
    this.#sliders = SLIDERS.map((slider) => this.#makeSlider(slider));
    this.#onChoice(this.#bank, (bank) => ({ control: 'bank', bank: bank === '' ? null : bank }));
    this.#onChoice(this.#source, (source) => ({ control: 'source', source }));
    this.#onChoice(this.#model, (model) => ({ control: 'model', model }));
    this.#source.addEventListener('focus', onChoosingSource);
    this.#source.addEventListener('pointerdown', onChoosingSource);
    place.append(
      make('div', { class: 'buttons' }, ...this.#buttons.map(([, element]) => element)),
      make('div', { class: 'sliders' }, ...this.#sliders.map(({ row }) => row)),
      make(
        'div',
        { class: 'choices' },
        make('label', {}, keyed('Bank', '[', ']'), this.#bank),
        make('label', {}, keyed('Sound', 's'), this.#source),
        this.#modelRow,
      ),
    );
    addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
  }

  show(situation: Situation): void {
    this.#situation = situation;
    const { status } = situation;
    for (const [{ ask, isOn }, element] of this.#buttons) {
      if (isOn !== undefined) element.setAttribute('aria-pressed', String(isOn(status)));
      element.disabled = ask(situation) === null;
    }
    for (const { slider, input, output } of this.#sliders) {
      const value = slider.value(status.settings);
      // Don't move it under the operator's finger.
      if (document.activeElement !== input) input.value = String(positionOf(slider, value));
      const digits = value >= 100 ? 0 : slider.step < 0.1 ? 2 : 1;
      output.textContent = `${value.toFixed(digits)}${slider.unit && ` ${slider.unit}`}`;
      // A position means nothing to people who can't see the value beside it.
      input.setAttribute('aria-valuetext', output.textContent);
    }
    choose(
      this.#bank,
      [['', 'all pictures'], ...status.banks.map((bank) => [bank, bank] as const)],
      status.settings.bank ?? '',
    );
    const { models = [], modelName = '' } = status;
    this.#modelRow.hidden = models.length < 2;
    choose(
      this.#model,
      models.map((name) => [name, name] as const),
      modelName,
    );
    this.#showSources();
  }

  set devices(devices: readonly string[]) {
    this.#devices = devices;
    this.#showSources();
  }

  #showSources(): void {
    if (this.#situation === null) return;
    const { names, chosen } = sourceChoice(this.#situation.status, this.#devices);
    choose(
      this.#source,
      names.map((name) => [name, name] as const),
      chosen,
    );
  }

  #makeButton({ name, key, meaning, ask }: Button): HTMLButtonElement {
    const button = make(
      'button',
      { title: meaning, 'data-control': name.toLowerCase() },
      name,
      make('kbd', {}, keyName(key)),
    );
    button.addEventListener('click', () => {
      this.#ask(ask);
    });
    return button;
  }

  #makeSlider(slider: Slider): SliderRow {
    const { low, high, step } = scaleOf(slider);
    const input = make('input', {
      type: 'range',
      min: String(low),
      max: String(high),
      step: String(step),
      title: slider.meaning,
    });
    const output = make('output');
    let isWaiting = false;
    input.addEventListener('input', () => {
      if (isWaiting) return;
      isWaiting = true;
      setTimeout(() => {
        isWaiting = false;
        this.#ask(({ status }) => slider.control(valueAt(slider, Number(input.value)), status.settings));
      }, SLIDER_EVERY_MS);
    });
    input.addEventListener('change', () => {
      input.blur();
    });
    return {
      slider,
      input,
      output,
      row: make('label', {}, keyed(slider.name, ...slider.keys), input, output),
    };
  }

  #onChoice(select: HTMLSelectElement, control: (value: string) => Control): void {
    select.addEventListener('change', () => {
      // Keys control the show again.
      select.blur();
      this.#send(control(select.value));
    });
    // An open list swallows the press of Escape, but not its release.
    select.addEventListener('keyup', ({ key }) => {
      if (key === 'Escape') select.blur();
    });
  }

  #ask(ask: (situation: Situation) => Control | null): void {
    const control = this.#situation === null ? null : ask(this.#situation);
    if (control !== null) this.#send(control);
  }

  #onKey(event: KeyboardEvent): void {
    // On many keyboards brackets need AltGr, which some systems report as Ctrl and Alt.
    const isCharacter = event.getModifierState('AltGraph');
    if (((event.ctrlKey || event.altKey) && !isCharacter) || event.metaKey || event.repeat) return;
    const { target } = event;
    if (target instanceof HTMLSelectElement) return;
    if (target instanceof HTMLInputElement && target.type !== 'range') return;
    const key = keyOf(event);
    const select = { s: this.#source, m: this.#model }[key];
    const ask = askOfKey(key);
    if (select !== undefined) open(select);
    else if (ask !== undefined) this.#ask(ask);
    else return;
    event.preventDefault();
  }
}

interface SliderRow {
  readonly slider: Slider;
  readonly input: HTMLInputElement;
  readonly output: HTMLOutputElement;
  readonly row: HTMLElement;
}

/** The name of a control, and its keys. */
function keyed(name: string, ...keys: string[]): HTMLElement {
  return make('span', { class: 'keyed' }, name, ...keys.map((key) => make('kbd', {}, keyName(key))));
}

/** Opens its list where the browser can; the arrow keys choose in any case. */
function open(select: HTMLSelectElement): void {
  select.focus();
  try {
    select.showPicker();
  } catch {
    // The list is hidden, or the browser requires a click.
  }
}

function choose(
  select: HTMLSelectElement,
  options: readonly (readonly [string, string])[],
  value: string,
): void {
  const known = [...select.options].map((option) => option.value);
  if (document.activeElement === select) {
    // In use: adds new options to the list, and removes none under the operator's hand.
    select.append(...options.filter(([id]) => !known.includes(id)).map(optionOf));
    return;
  }
  const isSame = known.length === options.length && options.every(([id], i) => id === known[i]);
  if (!isSame) fill(select, ...options.map(optionOf));
  select.value = value;
}

function optionOf([id, name]: readonly [string, string]): HTMLOptionElement {
  return make('option', { value: id }, name);
}
