import type { Control } from '../../streams/program/index.ts';
import { keyOf } from '../shared/key.ts';
import type { GalleryEntry } from '../shared/whole-gallery.ts';
import { moodControl, movedBy, stepOf } from './mood-change.ts';
import { HOW, isByHand, MoodTools } from './mood-tools.ts';
import type { Plane } from './plane.ts';
import type { Point } from './plane-view.ts';
import type { Status } from './status.ts';

/** A press that moves less than this, in CSS pixels, chooses a picture and moves nothing: fingers are never still. */
const STILL = { mouse: 6, touch: 12 };
/** How near a finger must be to a dot to mean it, in CSS pixels. */
const FINGER_REACH = 24;
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
 * The mode in which the operator corrects moods of pictures in the plane, by mouse, finger or keys. Outside of it a
 * drag or a key moves no picture.
 */
export class MoodAdjuster {
  readonly #canvas: HTMLCanvasElement;
  readonly #plane: Plane;
  readonly #handlers: AdjusterHandlers;
  readonly #tools: MoodTools;
  #pictures: ReadonlyMap<string, GalleryEntry> = new Map();
  #isOn = false;
  #chosen: string | null = null;
  #to: Point | null = null;
  /** Whether a move was sent to the show, and the gallery does not show it yet. */
  #isAsked = false;
  #drag: Drag | null = null;

  constructor(place: HTMLElement, canvas: HTMLCanvasElement, plane: Plane, handlers: AdjusterHandlers) {
    this.#canvas = canvas;
    this.#plane = plane;
    this.#handlers = handlers;
    const { onExport, onImport } = handlers;
    this.#tools = new MoodTools(place, {
      onToggle: () => {
        this.#turn(!this.#isOn);
      },
      onTakeBack: () => {
        this.#takeBack();
      },
      onUndo: () => {
        handlers.send({ control: 'mood-undo' });
      },
      onRedo: () => {
        handlers.send({ control: 'mood-redo' });
      },
      onExport,
      onImport,
    });
    this.#listen();
  }

  /** The newest gallery, which includes the moves that were sent. */
  set pictures(pictures: ReadonlyMap<string, GalleryEntry>) {
    this.#pictures = pictures;
    if (this.#isAsked) this.#moveTo(null);
    else this.#show();
  }

  /** null where moods can't be changed, as in a replay. */
  set status(moods: Status['moods']) {
    this.#tools.status = moods;
  }

  /** Whether the show shows pictures that are marked as unsafe. */
  set showsUnsafe(showsUnsafe: boolean) {
    if (this.#tools.showsUnsafe === showsUnsafe) return;
    this.#tools.showsUnsafe = showsUnsafe;
    this.#show();
  }

  /** Call it when the show refuses a change: the picture stays where it is. */
  refused(): void {
    if (this.#isAsked) this.#moveTo(null);
  }

  /** Starts to adjust a picture. */
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
      // Elsewhere the arrows control the show.
      event.preventDefault();
      event.stopPropagation();
    });
    addEventListener('keydown', (event) => {
      const { target, ctrlKey, metaKey, altKey, shiftKey } = event;
      if (target instanceof HTMLSelectElement) return;
      if (target instanceof HTMLInputElement && target.type !== 'range') return;
      const letter = keyOf(event);
      const isCommand = ctrlKey || metaKey;
      if (letter === 'e' && !isCommand && !altKey && !event.repeat) this.#turn(!this.#isOn);
      else if (this.#isOn && isCommand && letter === 'z') {
        if (shiftKey) this.#tools.redo();
        else this.#tools.undo();
      } else if (this.#isOn && isCommand && letter === 'y') this.#tools.redo();
      else return;
      event.preventDefault();
    });
  }

  #turn(isOn: boolean): void {
    if (isOn && (!this.#handlers.mayControl() || !this.#tools.isThere)) return;
    this.#isOn = isOn;
    this.#tools.isOn = isOn;
    this.#plane.isAdjusting = isOn;
    this.#canvas.classList.toggle('adjusting', isOn);
    document.body.classList.toggle('adjusting-moods', isOn);
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
    const step = stepOf(key, shiftKey);
    if (step !== null) {
      // A picture under a finger follows the finger alone.
      if (picture === null || this.#drag !== null) return true;
      this.#moveTo(movedBy(this.#to ?? picture, step));
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
    // Shows the new place until the gallery has it.
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
    this.#tools.show(picture, this.#to);
  }
}
