import type { Control } from '../../streams/program/index.ts';
import type { GalleryEntry } from '../shared/whole-gallery.ts';
import { thumbnailUrl } from '../shared/addresses.ts';
import { fill, make } from '../shared/element.ts';
import type { Firsts } from './firsts.ts';

/** Thumbnails that are added to the page at once; scrolling adds more. */
const BATCH = 120;

/** All pictures, to pin one, to ban or allow it, to hide it, and to adjust its mood. */
export class GalleryBrowser {
  readonly #send: (control: Control) => void;
  readonly #onAdjust: (id: string) => void;
  readonly #grid = make('div', { class: 'grid' });
  readonly #count = make('span', { class: 'label' });
  readonly #firsts = make('span', { class: 'firsts' });
  readonly #search = make('input', {
    type: 'search',
    placeholder: 'name or bank',
    'aria-label': 'Filter by name or bank',
  });
  readonly #onlyBanned = make('input', { type: 'checkbox' });
  #pictures: readonly GalleryEntry[] = [];
  #bans: ReadonlySet<string> = new Set();
  /** Whether the show shows pictures that are marked as unsafe; otherwise the server gives no thumbnails of them. */
  showsUnsafe = false;
  /** On the page, by the pictures' ids. */
  readonly #tiles = new Map<string, Tile>();
  #found: readonly GalleryEntry[] = [];
  #shown = 0;

  /** @param onAdjust called with the picture whose mood the operator wants to adjust */
  constructor(place: HTMLElement, send: (control: Control) => void, onAdjust: (id: string) => void) {
    this.#send = send;
    this.#onAdjust = onAdjust;
    const end = make('div', { class: 'end' });
    place.append(
      make(
        'div',
        { class: 'bar' },
        make('span', { class: 'label' }, 'Gallery'),
        this.#count,
        this.#search,
        make('label', {}, this.#onlyBanned, ' banned only'),
        this.#firsts,
      ),
      this.#grid,
      end,
    );
    this.#search.addEventListener('input', () => {
      this.#filter();
    });
    this.#onlyBanned.addEventListener('change', () => {
      this.#filter();
    });
    new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) this.#more();
    }).observe(end);
  }

  set pictures(pictures: ReadonlyMap<string, GalleryEntry>) {
    this.#pictures = [...pictures.values()];
    this.#filter();
  }

  set bans(bans: ReadonlySet<string>) {
    this.#bans = bans;
    if (this.#onlyBanned.checked) this.#filter();
    else for (const [id, tile] of this.#tiles) mark(tile, bans.has(id));
  }

  /** Which pictures ranked first how often. */
  set firsts({ label, meaning }: Firsts) {
    this.#firsts.textContent = label;
    this.#firsts.title = meaning;
  }

  #filter(): void {
    const wanted = this.#search.value.trim().toLowerCase();
    this.#found = this.#pictures.filter(
      ({ id, file, bank }) =>
        (!this.#onlyBanned.checked || this.#bans.has(id)) &&
        (file.toLowerCase().includes(wanted) || (bank ?? '').toLowerCase().includes(wanted)),
    );
    this.#count.textContent = `${this.#found.length} of ${this.#pictures.length}`;
    fill(this.#grid);
    this.#tiles.clear();
    this.#shown = 0;
    this.#more();
  }

  #more(): void {
    const next = this.#found.slice(this.#shown, this.#shown + BATCH);
    for (const picture of next) {
      const tile = this.#tile(picture);
      mark(tile, this.#bans.has(picture.id));
      this.#tiles.set(picture.id, tile);
      this.#grid.append(tile.figure);
    }
    this.#shown += next.length;
  }

  #tile({ id, file, valence, arousal, reading, hand, unsafe }: GalleryEntry): Tile {
    const isWithheld = unsafe && !this.showsUnsafe;
    const image = isWithheld
      ? make('p', { class: 'withheld' }, 'unsafe, not shown')
      : make('img', { src: thumbnailUrl(id), loading: 'lazy', alt: file });
    const pin = make('button', { title: `show ${file} until another is pinned` }, 'Pin');
    if (isWithheld) {
      pin.disabled = true;
      pin.title = 'marked as unsafe: "Kept out" above allows it';
    }
    const ban = make('button');
    const hide = make('button', { title: `never show ${file}, in any show of this gallery` }, 'Hide');
    hide.addEventListener('click', () => {
      this.#send({ control: 'hide', image: id, on: true });
    });
    const mood = make('button', { title: `adjust the mood of ${file} in the plane` }, 'Mood');
    mood.addEventListener('click', () => {
      this.#onAdjust(id);
    });
    pin.addEventListener('click', () => {
      this.#send({ control: 'pin', image: id });
    });
    ban.addEventListener('click', () => {
      this.#send({ control: 'ban', image: id, on: !this.#bans.has(id) });
    });
    const figure = make(
      'figure',
      {
        title: [
          file,
          `valence ${valence.toFixed(2)}, arousal ${arousal.toFixed(2)}${hand === null ? '' : ', by hand'}`,
          ...(hand === null
            ? []
            : [`the model predicts ${reading.valence.toFixed(2)}, ${reading.arousal.toFixed(2)}`]),
          ...(unsafe ? ['marked as unsafe'] : []),
        ].join('\n'),
      },
      image,
      make('figcaption', {}, pin, ban, hide, mood),
    );
    figure.classList.toggle('by-hand', hand !== null);
    return { figure, ban };
  }
}

interface Tile {
  readonly figure: HTMLElement;
  readonly ban: HTMLButtonElement;
}

function mark({ figure, ban }: Tile, isBanned: boolean): void {
  figure.classList.toggle('banned', isBanned);
  ban.textContent = isBanned ? 'Allow' : 'Ban';
  ban.title = isBanned ? 'allow it again' : 'never show it';
}
