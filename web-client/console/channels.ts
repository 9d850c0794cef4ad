import type { Control } from '../../streams/program/index.ts';
import { fill, make } from '../shared/element.ts';
import type { Status } from './status.ts';

const FLOOR_DECIBELS = -60;

interface Channel {
  readonly button: HTMLButtonElement;
  readonly bar: HTMLElement;
  readonly decibels: HTMLElement;
}

/** The channels of the sound: the level of each, which are heard, and what to do when two cancel each other. */
export class ChannelsPanel {
  readonly #place: HTMLElement;
  readonly #send: (control: Control) => void;
  readonly #all = make('button', { title: 'hear all channels', 'aria-pressed': 'false' }, 'All');
  readonly #row = make('div', {
    class: 'channel-row',
    role: 'group',
    'aria-label': 'Channels that are heard',
  });
  readonly #warning = make('p', { class: 'warning', role: 'alert', hidden: '' });
  #channels: readonly Channel[] = [];
  #chosen: readonly number[] | null = null;
  #warned = '';

  constructor(place: HTMLElement, send: (control: Control) => void) {
    this.#place = place;
    this.#send = send;
    place.append(
      make('div', { class: 'bar' }, make('span', { class: 'label' }, 'Channels'), this.#row),
      this.#warning,
    );
    this.#all.addEventListener('click', () => {
      send({ control: 'channels', channels: null });
    });
  }

  show({ channels, chosenChannels, message, remedy }: Status['source']): void {
    const canChoose = chosenChannels !== undefined;
    this.#place.hidden = channels.length < 2;
    this.#chosen = chosenChannels ?? null;
    if (this.#channels.length !== channels.length) {
      this.#channels = channels.map((_, i) => this.#channel(i + 1));
      fill(this.#row, this.#all, ...this.#channels.map(({ button }) => button));
    }
    this.#all.disabled = !canChoose;
    this.#all.setAttribute('aria-pressed', String(this.#chosen === null));
    for (const [i, { rms, heard }] of channels.entries()) {
      const { button, bar, decibels } = this.#channels[i]!;
      const level = Math.max(FLOOR_DECIBELS, 20 * Math.log10(Math.max(rms, 1e-6)));
      bar.style.height = `${100 * (1 - level / FLOOR_DECIBELS)}%`;
      decibels.textContent = level.toFixed(0);
      button.disabled = !canChoose;
      button.classList.toggle('heard', heard);
      button.setAttribute('aria-pressed', String(this.#chosen?.includes(i + 1) ?? false));
      button.title = `channel ${i + 1}: ${level.toFixed(0)} dB${heard ? '' : ', not heard'}`;
    }
    this.#warn(message, remedy?.kind === 'cancelling-channels' ? remedy.channel : null);
  }

  #channel(number: number): Channel {
    const bar = make('i');
    const decibels = make('small');
    const button = make(
      'button',
      { 'aria-label': `channel ${number}`, 'aria-pressed': 'false' },
      make('span', { class: 'level', 'aria-hidden': 'true' }, bar),
      make('b', {}, String(number)),
      decibels,
    );
    button.addEventListener('click', () => {
      const chosen = this.#chosen ?? [];
      const others = chosen.filter((one) => one !== number);
      const wanted = chosen.includes(number) ? others : [...others, number].sort((a, b) => a - b);
      this.#send({ control: 'channels', channels: wanted.length === 0 ? null : wanted });
    });
    return { button, bar, decibels };
  }

  /** Says what is wrong once, with its cure. @param channel to be heard alone; null where no channels cancel */
  #warn(message: string, channel: number | null): void {
    const warned = channel === null ? '' : `${message} ${channel}`;
    if (warned === this.#warned) return;
    this.#warned = warned;
    this.#warning.hidden = channel === null;
    if (channel === null) return;
    const cure = make('button', {}, `Hear channel ${channel} alone`);
    cure.addEventListener('click', () => {
      this.#send({ control: 'channels', channels: [channel] });
    });
    fill(this.#warning, `${message}. `, cure);
  }
}
