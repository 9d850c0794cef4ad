import type { KeptOutPage } from '../../src/server/index.ts';
import type { Control } from '../../streams/program/index.ts';
import { ask } from '../shared/api.ts';
import { fill, make } from '../shared/element.ts';
import { KeptOutTile, type KeptOutList } from './kept-out-tile.ts';
import type { Status } from './status.ts';

/** Pictures on the page at once: thousands may be kept out. */
const PAGE = 48;

const LISTS: readonly { readonly list: KeptOutList; readonly name: string; readonly meaning: string }[] = [
  { list: 'marked', name: 'Marked', meaning: 'kept out by the classifier, the most unsafe first' },
  { list: 'hidden', name: 'Hidden', meaning: 'hidden by hand, in every show of this gallery' },
  { list: 'allowed', name: 'Allowed', meaning: 'allowed by hand, whatever the classifier says' },
];

interface KeptOutHandlers {
  readonly send: (control: Control) => void;
  /** Called with why a page could not be had. */
  readonly onFailure: (error: unknown) => void;
}

/** The pictures that are kept out, to allow and to hide them. Closed at first: nobody sees them by chance. */
export class KeptOutPanel {
  readonly #place: HTMLElement;
  readonly #handlers: KeptOutHandlers;
  readonly #open = make(
    'button',
    { 'aria-expanded': 'false', 'aria-controls': 'kept-out-pictures' },
    'Kept out',
  );
  readonly #summary = make('span', { class: 'label' });
  readonly #hide = make(
    'button',
    { title: 'never show the picture on show again, in any show of this gallery' },
    'Hide the picture on show',
  );
  readonly #undo = make('button', { title: 'undo the last allowing or hiding' }, 'Undo');
  readonly #redo = make('button', { title: 'do it again' }, 'Redo');
  readonly #tabs = LISTS.map(({ list, name, meaning }) => ({
    list,
    name,
    button: make('button', { title: meaning, 'aria-pressed': 'false' }, name),
  }));
  readonly #before = make('button', { 'aria-label': 'the page before' }, '←');
  readonly #after = make('button', { 'aria-label': 'the next page' }, '→');
  readonly #range = make('span', { class: 'label', 'aria-live': 'polite' });
  readonly #grid = make('div', { class: 'grid' });
  readonly #inside = make('div', { id: 'kept-out-pictures', hidden: '' });
  #tiles: readonly KeptOutTile[] = [];
  #revealed: KeptOutTile | null = null;
  #list: KeptOutList = 'marked';
  #offset = 0;
  #total = 0;
  #onShow: string | null = null;
  /** The revision of the gallery, and what is on the page of it. */
  #revision = '';
  #fetched = '';
  #isFetching = false;

  constructor(place: HTMLElement, handlers: KeptOutHandlers) {
    this.#place = place;
    this.#handlers = handlers;
    const pages = make('span', { class: 'pages' }, this.#before, this.#range, this.#after);
    this.#inside.append(
      make('div', { class: 'bar' }, ...this.#tabs.map(({ button }) => button), pages),
      this.#grid,
    );
    place.append(
      make('div', { class: 'bar' }, this.#open, this.#summary, this.#hide, this.#undo, this.#redo),
      this.#inside,
    );
    this.#listen();
  }

  /** @param keptOut null where nothing can be changed. @param onShow the picture on the main screen */
  show(
    keptOut: Status['keptOut'],
    { revision, onShow, mayControl }: { revision: string; onShow: string | null; mayControl: boolean },
  ): void {
    this.#place.hidden = keptOut === null || !mayControl;
    if (keptOut === null || !mayControl) {
      this.#turn(false);
      return;
    }
    this.#onShow = onShow;
    this.#hide.disabled = onShow === null;
    this.#undo.disabled = !keptOut.canUndo;
    this.#redo.disabled = !keptOut.canRedo;
    this.#summary.textContent = LISTS.map(({ list, name }) => `${keptOut[list]} ${name.toLowerCase()}`).join(
      ' · ',
    );
    for (const { list, name, button } of this.#tabs) {
      button.textContent = `${name} ${keptOut[list]}`;
      button.setAttribute('aria-pressed', String(list === this.#list));
    }
    this.#revision = revision;
    this.#refresh();
  }

  #listen(): void {
    const { send } = this.#handlers;
    this.#open.addEventListener('click', () => {
      this.#turn(this.#inside.hasAttribute('hidden'));
    });
    this.#hide.addEventListener('click', () => {
      // By its id: a second press must not hide the picture that came in its place unseen.
      if (this.#onShow !== null) send({ control: 'hide', image: this.#onShow, on: true });
    });
    this.#undo.addEventListener('click', () => {
      send({ control: 'list-undo' });
    });
    this.#redo.addEventListener('click', () => {
      send({ control: 'list-redo' });
    });
    for (const { list, button } of this.#tabs) {
      button.addEventListener('click', () => {
        this.#list = list;
        this.#offset = 0;
        for (const tab of this.#tabs) tab.button.setAttribute('aria-pressed', String(tab.list === list));
        this.#refresh();
      });
    }
    this.#before.addEventListener('click', () => {
      this.#turnPage(-PAGE);
    });
    this.#after.addEventListener('click', () => {
      this.#turnPage(PAGE);
    });
    addEventListener('keydown', ({ key }) => {
      if (key === 'Escape' && this.#revealed !== null) this.#reveal(this.#revealed, false);
    });
  }

  #turn(isOpen: boolean): void {
    this.#inside.hidden = !isOpen;
    this.#open.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) this.#refresh();
    else {
      this.#fetched = '';
      this.#fill([]);
    }
  }

  #turnPage(by: number): void {
    this.#offset = Math.max(0, this.#offset + by);
    this.#refresh();
  }

  #refresh(): void {
    this.#fetch().catch((error: unknown) => {
      this.#handlers.onFailure(error);
    });
  }

  async #fetch(): Promise<void> {
    if (this.#isFetching) return;
    this.#isFetching = true;
    try {
      // What was asked for meanwhile is fetched next.
      while (!this.#inside.hidden && this.#wanted !== this.#fetched) {
        const wanted = this.#wanted;
        const [list, offset] = [this.#list, this.#offset];
        const page = await ask<KeptOutPage>(`api/kept-out?list=${list}&offset=${offset}&limit=${PAGE}`);
        if (wanted !== this.#wanted) continue;
        this.#total = page.total;
        if (offset > 0 && page.pictures.length === 0) {
          this.#offset = Math.max(0, PAGE * Math.floor((page.total - 1) / PAGE));
          continue;
        }
        this.#fetched = wanted;
        this.#fill(page.pictures);
      }
    } catch (error) {
      // Asked again with the next change, not with each status.
      this.#fetched = this.#wanted;
      throw error;
    } finally {
      this.#isFetching = false;
    }
  }

  get #wanted(): string {
    return [this.#revision, this.#list, this.#offset].join(' ');
  }

  #fill(pictures: KeptOutPage['pictures']): void {
    const focused = this.#focused();
    this.#revealed = null;
    for (const tile of this.#tiles) tile.remove();
    const handlers = {
      send: this.#handlers.send,
      onReveal: (tile: KeptOutTile, isWanted: boolean) => {
        this.#reveal(tile, isWanted);
      },
    };
    this.#tiles = pictures.map((picture) => new KeptOutTile(picture, this.#list, handlers));
    const none = make('p', { class: 'label' }, 'none');
    fill(this.#grid, ...(this.#tiles.length === 0 ? [none] : this.#tiles.map(({ figure }) => figure)));
    const last = this.#offset + pictures.length;
    this.#range.textContent = pictures.length === 0 ? '' : `${this.#offset + 1}–${last} of ${this.#total}`;
    this.#before.disabled = this.#offset === 0;
    this.#after.disabled = last >= this.#total;
    if (focused !== null) this.#focus(focused);
  }

  /** One at a time: to reveal one blurs the one before. */
  #reveal(tile: KeptOutTile, isWanted: boolean): void {
    if (this.#revealed !== null && this.#revealed !== tile && isWanted) this.#revealed.isRevealed = false;
    tile.isRevealed = isWanted;
    if (isWanted) this.#revealed = tile;
    else if (this.#revealed === tile) this.#revealed = null;
  }

  /** Which button of which tile has the focus. */
  #focused(): { readonly at: number; readonly action: string } | null {
    const { activeElement } = document;
    const at = this.#tiles.findIndex(({ figure }) => figure.contains(activeElement));
    const action = activeElement?.getAttribute('data-action');
    return at < 0 || action === null || action === undefined ? null : { at, action };
  }

  /** The same button of the picture that has come in the place of the one before, so that keys go on from there. */
  #focus({ at, action }: { readonly at: number; readonly action: string }): void {
    const tile = this.#tiles[Math.min(at, this.#tiles.length - 1)];
    const button = tile?.figure.querySelector<HTMLElement>(`[data-action="${action}"]`) ?? this.#open;
    button.focus();
  }
}
