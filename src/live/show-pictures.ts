import { Subject, type Observable, type Subscription } from 'rxjs';
import { SynestheteError } from '../../models/errors.ts';
import type { Control } from '../../streams/program/index.ts';
import {
  correctedIn,
  type ListsByHand,
  type LiveStatus,
  type MoodsByHand,
  type OpenedGallery,
  type ShowGallery,
} from '../show/index.ts';

/** Faults of the moods by hand in a status. */
const MOST_FAULTS = 5;

/** The pictures that a show draws on: those of the present model's gallery, as it changes, with their moods by hand. */
export class ShowPictures {
  readonly #changes = new Subject<ShowGallery>();
  readonly #warn: (line: string) => void;
  #gallery: ShowGallery;
  #moodsByHand: MoodsByHand;
  #listsByHand: ListsByHand;
  #following: Subscription | undefined;

  /** @param warn called with one line for a person */
  constructor(gallery: OpenedGallery, warn: (line: string) => void) {
    this.#warn = warn;
    this.#gallery = gallery;
    this.#moodsByHand = gallery.moodsByHand;
    this.#listsByHand = gallery.listsByHand;
    this.#follow(gallery.changes);
  }

  get gallery(): ShowGallery {
    return this.#gallery;
  }

  get moodsByHand(): MoodsByHand {
    return this.#moodsByHand;
  }

  /** Galleries that replace the present one, from the subscription on. */
  get changes(): Observable<ShowGallery> {
    return this.#changes;
  }

  /** Takes the gallery of another model. */
  replace(opened: OpenedGallery): void {
    this.#moodsByHand = opened.moodsByHand;
    this.#listsByHand = opened.listsByHand;
    this.#take(opened);
    this.#follow(opened.changes);
  }

  /** An empty gallery, as from an index of a disk that was away, must not end the show. */
  isEmptied({ catalogue }: ShowGallery): boolean {
    return catalogue.pictures.length === 0 && this.#gallery.catalogue.pictures.length > 0;
  }

  /**
   * Applies a control to the moods and the lists by hand.
   * @param onShow the picture on the main screen
   * @returns undefined for any other control
   * @throws SynestheteError USAGE for an unknown picture
   */
  applyControl(control: Control, onShow: string | null): Promise<void> | undefined {
    if (control.control === 'mood') return this.#setMood(control);
    if (control.control === 'mood-undo') return this.#moodsByHand.undo();
    if (control.control === 'mood-redo') return this.#moodsByHand.redo();
    if (control.control === 'list-undo') return this.#listsByHand.undo();
    if (control.control === 'list-redo') return this.#listsByHand.redo();
    if (control.control === 'allow') return this.#listsByHand.set('allowed', control.image, control.on);
    if (control.control !== 'hide') return undefined;
    const image = control.image ?? onShow;
    if (image === null) throw new SynestheteError('USAGE', 'there is no picture on show');
    return this.#listsByHand.set('hidden', image, control.on);
  }

  #setMood({ image, valence, arousal }: Extract<Control, { control: 'mood' }>): Promise<void> {
    const name = this.#gallery.filesOf(image)?.name;
    if (name === undefined) throw new SynestheteError('USAGE', `the picture ${image} is not in the gallery`);
    return this.#moodsByHand.set(name, { valence, arousal });
  }

  moodsStatus(): LiveStatus['moods'] {
    const { canUndo, canRedo, faults } = this.#moodsByHand;
    const byHand = correctedIn(this.#gallery.catalogue);
    return { byHand, canUndo, canRedo, faultCount: faults.length, faults: faults.slice(0, MOST_FAULTS) };
  }

  keptOutStatus(): LiveStatus['keptOut'] {
    const { marked, hidden, allowed } = this.#gallery.judged;
    const { canUndo, canRedo } = this.#listsByHand;
    return { marked: marked.length, hidden: hidden.length, allowed: allowed.length, canUndo, canRedo };
  }

  close(): void {
    this.#following?.unsubscribe();
  }

  #take(gallery: ShowGallery): void {
    this.#gallery = gallery;
    this.#changes.next(gallery);
  }

  #follow(changes: Observable<ShowGallery>): void {
    this.#following?.unsubscribe();
    this.#following = changes.subscribe((gallery) => {
      if (this.isEmptied(gallery)) {
        this.#warn('the gallery is empty now: the pictures that it had stay until it has some again');
      } else this.#take(gallery);
    });
  }
}
