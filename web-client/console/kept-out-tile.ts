import type { KeptOutEntry, KeptOutQuery } from '../../src/server/index.ts';
import type { Control } from '../../streams/program/index.ts';
import { thumbnailUrl } from '../shared/addresses.ts';
import { askBlob } from '../shared/api.ts';
import { make } from '../shared/element.ts';

export type KeptOutList = KeptOutQuery['list'];

interface Action {
  readonly name: string;
  readonly meaning: (file: string) => string;
  readonly control: (image: string) => Control;
}

const HIDE: Action = {
  name: 'Hide',
  meaning: (file) => `never show ${file}, whatever allows it`,
  control: (image) => ({ control: 'hide', image, on: true }),
};

/** What can be done with a picture of each list. */
const ACTIONS: Readonly<Record<KeptOutList, readonly Action[]>> = {
  marked: [
    {
      name: 'Allow',
      meaning: (file) => `show ${file} although it is marked as unsafe`,
      control: (image) => ({ control: 'allow', image, on: true }),
    },
    HIDE,
  ],
  hidden: [
    {
      name: 'Unhide',
      meaning: (file) => `no longer hide ${file}`,
      control: (image) => ({ control: 'hide', image, on: false }),
    },
  ],
  allowed: [
    {
      name: 'Forbid',
      meaning: (file) => `no longer show ${file} if it is marked as unsafe`,
      control: (image) => ({ control: 'allow', image, on: false }),
    },
    HIDE,
  ],
};

interface TileHandlers {
  readonly send: (control: Control) => void;
  /** Called when somebody wants to see this picture, or no longer. */
  readonly onReveal: (tile: KeptOutTile, isWanted: boolean) => void;
}

/** A picture that is kept out: blurred, until somebody points at it, goes to it by keys, or taps it. */
export class KeptOutTile {
  readonly figure: HTMLElement;
  readonly #veil: HTMLButtonElement;
  readonly #name: string;
  readonly #image = make('img', { alt: '' });
  #address: string | null = null;
  #isRemoved = false;

  constructor({ id, file, unsafe }: KeptOutEntry, list: KeptOutList, handlers: TileHandlers) {
    const score = unsafe.toFixed(2);
    this.#name = `${file}, unsafe with probability ${score}`;
    this.#veil = make('button', { class: 'veil', 'aria-pressed': 'false' }, this.#image);
    const buttons = ACTIONS[list].map(({ name, meaning, control }) => {
      const button = make('button', { 'data-action': name, 'aria-label': meaning(file) }, name);
      button.title = meaning(file);
      button.addEventListener('click', () => {
        handlers.send(control(id));
      });
      return button;
    });
    this.figure = make(
      'figure',
      { title: this.#name },
      this.#veil,
      make('p', {}, make('span', {}, file), make('b', {}, score)),
      make('figcaption', {}, ...buttons),
    );
    this.isRevealed = false;
    this.#listen(handlers);
    void this.#load(id);
  }

  set isRevealed(isRevealed: boolean) {
    this.figure.classList.toggle('revealed', isRevealed);
    this.#veil.setAttribute('aria-pressed', String(isRevealed));
    this.#veil.setAttribute('aria-label', `${isRevealed ? 'blur' : 'reveal'} ${this.#name}`);
  }

  get isRevealed(): boolean {
    return this.figure.classList.contains('revealed');
  }

  /** Frees the picture. */
  remove(): void {
    this.#isRemoved = true;
    this.figure.remove();
    if (this.#address !== null) URL.revokeObjectURL(this.#address);
  }

  #listen({ onReveal }: TileHandlers): void {
    /** The pointer that presses; its press also focuses. */
    let pressing: string | null = null;
    const veil = this.#veil;
    veil.addEventListener('pointerenter', ({ pointerType }) => {
      if (pointerType === 'mouse') onReveal(this, true);
    });
    veil.addEventListener('pointerleave', ({ pointerType }) => {
      if (pointerType === 'mouse') onReveal(this, false);
    });
    veil.addEventListener('pointerdown', ({ pointerType }) => {
      pressing = pointerType;
    });
    veil.addEventListener('focus', () => {
      if (pressing === null) onReveal(this, true);
    });
    veil.addEventListener('blur', () => {
      pressing = null;
      onReveal(this, false);
    });
    veil.addEventListener('click', () => {
      // What a mouse points at is revealed anyway.
      if (pressing !== 'mouse') onReveal(this, !this.isRevealed);
      pressing = null;
    });
  }

  /** Only those who may control get it, by their token, which an address can't hold. */
  async #load(id: string): Promise<void> {
    try {
      const address = URL.createObjectURL(await askBlob(thumbnailUrl(id)));
      if (this.#isRemoved) {
        URL.revokeObjectURL(address);
        return;
      }
      this.#address = address;
      this.#image.src = address;
    } catch {
      this.figure.classList.add('gone');
    }
  }
}
