import type { Control } from '../../streams/program/index.ts';
import { thumbnailUrl } from '../shared/addresses.ts';
import { make } from '../shared/element.ts';
import type { GalleryEntry } from '../shared/whole-gallery.ts';
import { moodControl, moodInWords, movedBy } from './mood-change.ts';
import type { Plane } from './plane.ts';
import type { Point } from './plane-view.ts';
import type { Status } from './status.ts';

/** A press that moves so little, in CSS pixels, chooses a picture and moves nothing: fingers are never still. */
const STILL = { mouse: 6, touch: 12 };
/** A dot is meant by a finger that is so near. */
const FINGER_REACH = 24;
/** Of an arrow key, without Shift and with it. */
const STEP = 0.01;
const LONG_STEP = 0.05;

const ARROWS: Readonly<Record<string, readonly [valence: number, arousal: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

const HOW =
  'Drag a dot. Or choose one with Page Up and Page Down, move it with the arrows (Shift: further), Enter sets it.';

export interface AdjusterHandlers {
  readonly send: (control: Control) => void;
  /** Whether this page may change anything. */
  readonly mayControl: () => boolean;
  readonly onExport: () => void;
  readonly onImport: (csv: File) => void;
}

interface Drag {
  readonly pointer: number;
  readonly fromX: number;
  readonly fromY: number;
  readonly still: number;
}

/**
 * The mode in which moods of pictures are put right by hand, in the plane: by mouse, finger or keys. Outside of it a
 * drag or a key moves no picture.
 */
export class MoodAdjuster {
  readonly #place: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #plane: Plane;
  readonly #handlers: AdjusterHandlers;
  readonly #toggle = make('button', { 'aria-pressed': 'false' }, 'Adjust moods', make('kbd', {}, 'E'));
  readonly #count = make('span', { class: 'label' });
  readonly #tools = make('div', { class: 'tools' });
  readonly #thumbnail = make('img', { alt: '', hidden: '' });
  readonly #words = make('p', { 'aria-live': 'polite' });
  readonly #reset = make('button', { title: 'take the mood by hand back (Delete)' }, 'Model’s reading');
  readonly #undo = make('button', { title: 'undo the last change of moods (Ctrl Z)' }, 'Undo');
  readonly #redo = make('button', { title: 'do it again (Ctrl Y)' }, 'Redo');
  readonly #file = make('input', { type: 'file', accept: '.csv,text/csv', hidden: '' });
  #pictures: ReadonlyMap<string, GalleryEntry> = new Map();
  #isOn = false;
  #chosen: string | null = null;
  #to: Point | null = null;
  /** The show was asked for it, and the gallery does not tell it yet. */
  #isAsked = false;
  #drag: Drag | null = null;

  constructor(place: HTMLElement, canvas: HTMLCanvasElement, plane: Plane, handlers: AdjusterHandlers) {
    this.#place = place;
    this.#canvas = canvas;
    this.#plane = plane;
    this.#handlers = handlers;
    const save = make('button', { title: 'save moods.csv on this device' }, 'Export');
    const load = make(
      'button',
      { title: 'put a moods.csv in the place of the one that is there' },
      'Import…',
    );
    const chosen = make('div', { class: 'chosen' }, this.#thumbnail, this.#words);
    this.#tools.append(chosen, this.#reset, this.#undo, this.#redo, save, load, this.#file);
    place.append(make('div', { class: 'bar' }, this.#toggle, this.#count), this.#tools);
    this.#tools.hidden = true;
    on(this.#toggle, () => {
      this.#turn(!this.#isOn);
    });
    on(this.#reset, () => {
      this.#takeBack();
    });
    on(this.#undo, () => {
      handlers.send({ control: 'mood-undo' });
    });
    on(this.#redo, () => {
      handlers.send({ control: 'mood-redo' });
    });
    on(save, handlers.onExport);
    on(load, () => {
      this.#file.click();
    });
    this.#file.addEventListener('change', () => {
      const [csv] = this.#file.files ?? [];
      if (csv !== undefined) handlers.onImport(csv);
      // The same file may be chosen again, when it was put right.
      this.#file.value = '';
    });
    this.#listen();
  }

  /** The gallery as it is now: what was asked for is in it. */
  set pictures(pictures: ReadonlyMap<string, GalleryEntry>) {
    this.#pictures = pictures;
    if (this.#isAsked) this.#moveTo(null);
    else this.#show();
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

  /** A change that was asked for was refused: the picture stays where it is. */
  refused(): void {
    if (this.#isAsked) this.#moveTo(null);
  }

  /** Begins with a picture. */
  adjust(id: string): void {
    this.#turn(true);
    this.#choose(id);
  }

  #listen(): void {
    const canvas = this.#canvas;
    canvas.addEventListener('pointerdown', (event) => {
      this.#press(event);
    });
    canvas.addEventListener('pointermove', ({ pointerId, offsetX, offsetY }) => {
      if (this.#drag?.pointer === pointerId) this.#move(this.#drag, offsetX, offsetY);
    });
    canvas.addEventListener('pointerup', ({ pointerId }) => {
      if (this.#drag?.pointer !== pointerId) return;
      this.#drag = null;
      this.#set();
    });
    for (const lost of ['pointercancel', 'lostpointercapture'] as const) {
      canvas.addEventListener(lost, () => {
        if (this.#drag !== null) this.#leave();
      });
    }
    canvas.addEventListener('keydown', (event) => {
      if (!this.#isOn || !this.#onKey(event)) return;
      // The arrows are the show's elsewhere.
      event.preventDefault();
      event.stopPropagation();
    });
    addEventListener('keydown', (event) => {
      const { key, target, ctrlKey, metaKey, altKey, shiftKey } = event;
      if (target instanceof HTMLSelectElement) return;
      if (target instanceof HTMLInputElement && target.type !== 'range') return;
      const letter = key.toLowerCase();
      const isCommand = ctrlKey || metaKey;
      if (letter === 'e' && !isCommand && !altKey && !event.repeat) this.#turn(!this.#isOn);
      else if (this.#isOn && isCommand && letter === 'z') (shiftKey ? this.#redo : this.#undo).click();
      else if (this.#isOn && isCommand && letter === 'y') this.#redo.click();
      else return;
      event.preventDefault();
    });
  }

  #turn(isOn: boolean): void {
    if (isOn && (!this.#handlers.mayControl() || this.#toggle.parentElement!.parentElement!.hidden)) return;
    this.#isOn = isOn;
    this.#toggle.ariaPressed = String(isOn);
    this.#tools.hidden = !isOn;
    this.#plane.isAdjusting = isOn;
    this.#canvas.classList.toggle('adjusting', isOn);
    if (isOn) {
      this.#canvas.tabIndex = 0;
      this.#canvas.setAttribute('role', 'application');
      this.#canvas.setAttribute('aria-label', `Moods of pictures. ${HOW}`);
      this.#canvas.focus();
    } else {
      this.#canvas.removeAttribute('tabindex');
      this.#canvas.removeAttribute('role');
      this.#canvas.removeAttribute('aria-label');
      this.#chosen = null;
    }
    this.#leave();
  }

  #press(event: PointerEvent): void {
    if (!this.#isOn || !event.isPrimary || event.button !== 0) return;
    const isMouse = event.pointerType === 'mouse';
    const { offsetX, offsetY, pointerId } = event;
    const picture = this.#plane.pictureAt(offsetX, offsetY, isMouse ? undefined : FINGER_REACH);
    if (picture === null) return;
    this.#choose(picture.id);
    this.#canvas.setPointerCapture(pointerId);
    const still = isMouse ? STILL.mouse : STILL.touch;
    this.#drag = { pointer: pointerId, fromX: offsetX, fromY: offsetY, still };
  }

  #move({ fromX, fromY, still }: Drag, x: number, y: number): void {
    const picture = this.#picture;
    if (picture === null) return;
    if (this.#to === null && Math.hypot(x - fromX, y - fromY) < still) return;
    this.#moveTo(movedBy(picture, this.#plane.distanceOf(x - fromX, y - fromY)));
  }

  /** @returns whether the key has a meaning here */
  #onKey({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
    if (ctrlKey || metaKey || altKey) return false;
    const picture = this.#picture;
    const arrow = ARROWS[key];
    if (arrow !== undefined) {
      // One under a finger goes where the finger goes.
      if (picture === null || this.#drag !== null) return true;
      const step = shiftKey ? LONG_STEP : STEP;
      const [valence, arousal] = arrow;
      this.#moveTo(movedBy(this.#to ?? picture, { valence: step * valence, arousal: step * arousal }));
    } else if (key === 'PageDown') this.#chooseNext(1);
    else if (key === 'PageUp') this.#chooseNext(-1);
    else if (key === 'Enter' && picture !== null) this.#set();
    else if ((key === 'Delete' || key === 'Backspace') && picture !== null) this.#takeBack();
    else if (key === 'Escape') {
      if (this.#to !== null || this.#drag !== null) this.#leave();
      else this.#turn(false);
    } else return false;
    return true;
  }

  get #picture(): GalleryEntry | null {
    return this.#chosen === null ? null : (this.#pictures.get(this.#chosen) ?? null);
  }

  #choose(id: string): void {
    this.#chosen = id;
    this.#leave();
  }

  #chooseNext(by: 1 | -1): void {
    const ids = [...this.#pictures.keys()];
    if (ids.length === 0) return;
    const at = this.#chosen === null ? -1 : ids.indexOf(this.#chosen);
    const next = at < 0 ? (by > 0 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length;
    this.#choose(ids[next]!);
  }

  #set(): void {
    const picture = this.#picture;
    const control = picture === null || this.#to === null ? null : moodControl(picture, this.#to);
    // Where it goes is shown until the gallery tells that it is there.
    if (control === null) this.#leave();
    else {
      this.#isAsked = true;
      this.#handlers.send(control);
    }
  }

  #takeBack(): void {
    const picture = this.#picture;
    if (picture === null || !isByHand(picture)) return;
    this.#leave();
    this.#handlers.send({ control: 'mood', image: picture.id, valence: null, arousal: null });
  }

  /** The picture stays where it is. */
  #leave(): void {
    this.#drag = null;
    this.#moveTo(null);
  }

  #moveTo(to: Point | null): void {
    this.#to = to;
    this.#isAsked = false;
    this.#show();
  }

  #show(): void {
    const picture = this.#picture;
    this.#plane.adjustment = this.#isOn && picture !== null ? { picture, to: this.#to } : null;
    this.#thumbnail.hidden = picture === null;
    if (picture !== null && this.#thumbnail.getAttribute('src') !== thumbnailUrl(picture.id)) {
      this.#thumbnail.src = thumbnailUrl(picture.id);
    }
    this.#words.textContent = picture === null ? HOW : moodInWords(picture, this.#to);
    this.#reset.disabled = picture === null || !isByHand(picture);
  }
}

function isByHand({ hand }: GalleryEntry): boolean {
  return hand !== null;
}

function on(button: HTMLButtonElement, then: () => void): void {
  button.addEventListener('click', then);
}
