import { thumbnailUrl } from '../shared/addresses.ts';
import { make } from '../shared/element.ts';
import type { GalleryEntry } from '../shared/whole-gallery.ts';
import { moodInWords } from './mood-change.ts';
import type { Point } from './plane-view.ts';
import type { Status } from './status.ts';

/** How to adjust moods, in words. */
export const HOW =
  'Drag a dot. Or choose one with Page Up and Page Down, move it with the arrows (Shift: further), Enter sets it.';

export interface ToolHandlers {
  readonly onToggle: () => void;
  /** Called to take back the mood by hand of the chosen picture. */
  readonly onTakeBack: () => void;
  readonly onUndo: () => void;
  readonly onRedo: () => void;
  readonly onExport: () => void;
  readonly onImport: (csv: File) => void;
}

/**
 * The tools below the plane for moods by hand: the button of the mode and, in the mode, the chosen picture and the
 * tools.
 */
export class MoodTools {
  readonly #place: HTMLElement;
  readonly #toggle = make('button', { 'aria-pressed': 'false' }, 'Adjust moods', make('kbd', {}, 'E'));
  readonly #count = make('span', { class: 'label' });
  readonly #tools = make('div', { class: 'tools' });
  readonly #thumbnail = make('img', { alt: '', hidden: '' });
  readonly #words = make('p', { 'aria-live': 'polite' });
  readonly #takeBack = make('button', { title: 'take back the mood by hand (Delete)' }, 'Model’s prediction');
  readonly #undo = make('button', { title: 'undo the last change of moods (Ctrl Z)' }, 'Undo');
  readonly #redo = make('button', { title: 'do it again (Ctrl Y)' }, 'Redo');
  readonly #file = make('input', { type: 'file', accept: '.csv,text/csv', hidden: '' });

  constructor(place: HTMLElement, handlers: ToolHandlers) {
    this.#place = place;
    const save = make('button', { title: 'save moods.csv on this device' }, 'Export');
    const load = make('button', { title: 'replace the moods.csv of the gallery' }, 'Import…');
    const chosen = make('div', { class: 'chosen' }, this.#thumbnail, this.#words);
    this.#tools.append(chosen, this.#takeBack, this.#undo, this.#redo, save, load, this.#file);
    place.append(make('div', { class: 'bar' }, this.#toggle, this.#count), this.#tools);
    this.#tools.hidden = true;
    on(this.#toggle, handlers.onToggle);
    on(this.#takeBack, handlers.onTakeBack);
    on(this.#undo, handlers.onUndo);
    on(this.#redo, handlers.onRedo);
    on(save, handlers.onExport);
    on(load, () => {
      this.#file.click();
    });
    this.#file.addEventListener('change', () => {
      const [csv] = this.#file.files ?? [];
      if (csv !== undefined) handlers.onImport(csv);
      // The same file may be chosen again after it was corrected.
      this.#file.value = '';
    });
  }

  /** Whether the show shows pictures that are marked as unsafe; otherwise the server gives no thumbnails of them. */
  showsUnsafe = false;

  /** Whether moods can be changed here at all. */
  get isThere(): boolean {
    return !this.#place.hidden;
  }

  set isOn(isOn: boolean) {
    this.#toggle.setAttribute('aria-pressed', String(isOn));
    this.#tools.hidden = !isOn;
  }

  /** null where moods can't be changed, as in a replay. */
  set status(moods: Status['moods']) {
    this.#place.hidden = moods === null;
    if (moods === null) return;
    const { byHand, canUndo, canRedo, faultCount, faults } = moods;
    const wrong = faultCount === 0 ? '' : ` · ${faultCount} wrong in moods.csv`;
    this.#count.textContent = `${byHand} by hand${wrong}`;
    this.#count.title = faults.join('\n');
    this.#undo.disabled = !canUndo;
    this.#redo.disabled = !canRedo;
  }

  /** Presses the button: does nothing where there is nothing to undo. */
  undo(): void {
    this.#undo.click();
  }

  redo(): void {
    this.#redo.click();
  }

  /** @param to the place that the picture is being moved to */
  show(picture: GalleryEntry | null, to: Point | null): void {
    const isWithheld = picture?.unsafe === true && !this.showsUnsafe;
    const source = picture === null || isWithheld ? null : thumbnailUrl(picture.id);
    this.#thumbnail.hidden = source === null;
    if (source === null) this.#thumbnail.removeAttribute('src');
    else if (this.#thumbnail.getAttribute('src') !== source) this.#thumbnail.src = source;
    const note = isWithheld ? 'unsafe, not shown: ' : '';
    this.#words.textContent = picture === null ? HOW : `${note}${moodInWords(picture, to)}`;
    this.#takeBack.disabled = picture === null || !isByHand(picture);
  }
}

export function isByHand({ hand }: GalleryEntry): boolean {
  return hand !== null;
}

function on(button: HTMLButtonElement, then: () => void): void {
  button.addEventListener('click', then);
}
