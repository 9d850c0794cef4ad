import type { PageData } from '../../src/report/evaluation/page-data/index.ts';
import { find } from '../shared/element.ts';
import type { Points } from './points.ts';

/** Magnification of a thumbnail. */
const MAGNIFIED = 1.5;
/** Distance from the pointer, in CSS pixels. */
const AWAY = 16;

/**
 * A box beside the pointer about the point: a small picture, its name, the rating by people and the model's prediction.
 */
export class Tip {
  readonly #tip = find('#tip');
  readonly #thumbnail = find('#tip .thumbnail');
  readonly #text = find('#tip p');
  readonly #sheets: PageData['thumbnails'];

  constructor(sheets: PageData['thumbnails']) {
    this.#sheets = sheets;
  }

  hide(): void {
    this.#tip.hidden = true;
  }

  show(points: Points, index: number, { clientX, clientY }: PointerEvent): void {
    this.#thumbnail.hidden = points.group !== 'image';
    if (points.group === 'image') this.#place(index);
    const of = (
      name: 'valence' | 'arousal',
      read: 'readValence' | 'readArousal',
      sd: 'valenceSd' | 'arousalSd',
    ) =>
      `${name} ${two(points.column(name)[index]!)}, read ${two(points.column(read)[index]!)} ± ${two(points.column(sd)[index]!)}`;
    const start = points.startSeconds[index];
    this.#text.textContent = [
      `${points.names[index]!}${start === undefined ? '' : `, ${start.toFixed(1)} s`}`,
      of('valence', 'readValence', 'valenceSd'),
      of('arousal', 'readArousal', 'arousalSd'),
    ].join('\n');
    this.#tip.hidden = false;
    const { offsetWidth, offsetHeight } = this.#tip;
    const left = clientX + AWAY + offsetWidth > innerWidth ? clientX - AWAY - offsetWidth : clientX + AWAY;
    const top = Math.min(clientY + AWAY, innerHeight - offsetHeight - 4);
    this.#tip.style.left = `${Math.max(4, left)}px`;
    this.#tip.style.top = `${Math.max(4, top)}px`;
  }

  #place(index: number): void {
    const { side, columns, rows } = this.#sheets;
    const shown = side * MAGNIFIED;
    const tile = index % (columns * rows);
    const { style } = this.#thumbnail;
    style.width = style.height = `${shown}px`;
    style.backgroundImage = `url("thumbnails/${Math.floor(index / (columns * rows))}.webp")`;
    style.backgroundSize = `${columns * shown}px auto`;
    style.backgroundPosition = `${-(tile % columns) * shown}px ${-Math.floor(tile / columns) * shown}px`;
  }
}

function two(value: number): string {
  return value.toFixed(2);
}
