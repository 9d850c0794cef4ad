import { FITS, type Fit } from '../../models/screens.ts';
import type { WatchedDisplay } from '../../src/server/index.ts';
import type { Control, DisplayFits } from '../../streams/program/index.ts';
import { thumbnailUrl } from '../shared/addresses.ts';
import { fill, make } from '../shared/element.ts';

export type { WatchedDisplay };

/** Tiles on the page; a line counts the rest. The bad ones come first. */
const MOST_TILES = 60;

const ORDER = ['gone', 'bad', 'new', 'good'] as const;

interface Tile {
  readonly figure: HTMLElement;
  readonly image: HTMLImageElement;
  readonly name: HTMLElement;
  readonly health: HTMLElement;
  readonly facts: HTMLElement;
  readonly fit: HTMLSelectElement;
}

/** The displays: what each of them shows by its own word, and how it is doing. */
export class DisplaysPanel {
  readonly #place: HTMLElement;
  readonly #send: (control: Control) => void;
  readonly #count = make('span', { class: 'label' });
  readonly #grid = make('div', { class: 'screens' });
  readonly #tiles = new Map<string, Tile>();

  constructor(place: HTMLElement, send: (control: Control) => void) {
    this.#place = place;
    this.#send = send;
    place.append(
      make('div', { class: 'bar' }, make('span', { class: 'label' }, 'Displays'), this.#count),
      this.#grid,
    );
  }

  /**
   * @param displays null where this page may not know
   * @param fits what an operator has chosen
   * @param hasPicture whether the gallery has a picture of this id
   */
  show(
    displays: readonly WatchedDisplay[] | null,
    fits: DisplayFits,
    hasPicture: (id: string) => boolean,
  ): void {
    this.#place.hidden = displays === null;
    if (displays === null) return;
    this.#count.textContent = countWords(displays);
    const first = displays
      .slice()
      .sort((a, b) => ORDER.indexOf(a.health.state) - ORDER.indexOf(b.health.state))
      .slice(0, MOST_TILES);
    const keys = first.map(({ id }) => id);
    for (const [id, { figure }] of this.#tiles) {
      if (keys.includes(id)) continue;
      figure.remove();
      this.#tiles.delete(id);
    }
    const shown = first.map((display) => this.#tile(display, fits, hasPicture));
    // Moved only where the order has changed: nothing jumps from under a finger.
    const isSame = shown.every((figure, i) => this.#grid.children[i] === figure);
    if (!isSame) fill(this.#grid, ...shown);
  }

  #tile(display: WatchedDisplay, fits: DisplayFits, hasPicture: (id: string) => boolean): HTMLElement {
    let tile = this.#tiles.get(display.id);
    if (tile === undefined) {
      tile = this.#makeTile();
      this.#tiles.set(display.id, tile);
    }
    const { name, group, report, health } = display;
    const picture = report?.picture ?? null;
    const thumbnail = picture === null || report?.black === true || !hasPicture(picture) ? null : picture;
    if (thumbnail === null) tile.image.removeAttribute('src');
    else if (tile.image.dataset['picture'] !== thumbnail) tile.image.src = thumbnailUrl(thumbnail);
    tile.image.dataset['picture'] = thumbnail ?? '';
    tile.figure.dataset['health'] = health.state;
    tile.name.textContent = `${name ?? 'without a name'} · ${group === 'main' || group === null ? 'main' : `group ${group}`}`;
    tile.health.textContent = healthWords(display);
    tile.facts.textContent = facts(display).join(' · ');
    const fit = fits.find((each) => each.display === (name ?? ''))?.fit ?? '';
    // A display says its name a moment after it has come.
    tile.fit.dataset['display'] = name ?? '';
    tile.fit.title = fitTitle(name ?? '');
    // While it is open it is the operator's.
    if (document.activeElement !== tile.fit) tile.fit.value = fit;
    tile.figure.title = [display.address, `${display.transport} since ${display.connectedAt}`].join('\n');
    return tile.figure;
  }

  #makeTile(): Tile {
    const image = make('img', { alt: '' });
    const name = make('b');
    const health = make('span', { class: 'health' });
    const facts = make('span', { class: 'label' });
    const fit = make('select', { 'aria-label': 'Fit' });
    fit.append(make('option', { value: '' }, 'own fit'));
    for (const each of FITS) fit.append(make('option', { value: each }, each));
    fit.addEventListener('change', () => {
      const chosen = fit.value === '' ? null : (fit.value as Fit);
      this.#send({ control: 'display-fit', display: fit.dataset['display'] ?? '', fit: chosen });
      fit.blur();
    });
    const figure = make('figure', {}, image, make('p', {}, name, health, facts, fit));
    return { figure, image, name, health, facts, fit };
  }
}

function fitTitle(display: string): string {
  const whose = display === '' ? 'all displays without a name' : `all displays named ${display}`;
  return `How pictures fill ${whose}: cover crops them, contain shows them whole, pan moves slowly over them`;
}

/** `3 displays, 1 of them bad`. */
function countWords(displays: readonly WatchedDisplay[]): string {
  const bad = countBad(displays);
  if (displays.length === 0) return 'none: open /display on a screen';
  const all = `${displays.length} display${displays.length === 1 ? '' : 's'}`;
  return bad === 0 ? all : `${all}, ${bad} of them bad`;
}

export function countBad(displays: readonly WatchedDisplay[]): number {
  return displays.filter(({ health: { state } }) => state === 'bad' || state === 'gone').length;
}

function healthWords({ health: { state, why, goodSecondsAgo } }: WatchedDisplay): string {
  if (state === 'good') return 'good';
  if (state === 'new') return 'has just come';
  const since = goodSecondsAgo === null ? '' : `, last good ${duration(goodSecondsAgo)} ago`;
  return `${why ?? state}${since}`;
}

function facts({ report }: WatchedDisplay): string[] {
  if (report === null) return ['no report yet'];
  const { delay, width, height, wake, black, fit } = report;
  return [
    ...(black === true ? ['black'] : []),
    ...(delay === null || delay === undefined ? [] : [`delay ${delay.toFixed(0)} ms`]),
    ...(width === undefined || height === undefined ? [] : [`${width} × ${height}`]),
    ...(fit === undefined ? [] : [fit]),
    ...(wake === 'none' ? ['may go to sleep'] : []),
  ];
}

function duration(seconds: number): string {
  return seconds < 100 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`;
}
