import { SynestheteError } from '../errors.ts';
import { updateHandList, type HandListName } from './hand-lists.ts';

/** Most steps that can be undone. */
const MOST_STEPS = 1000;

/** A picture as the lists know it. */
interface ListedPicture {
  /** SHA-256 of the file, in hex. */
  readonly content: string;
  /** Its name, for people who read the list. */
  readonly file: string;
}

interface Step extends ListedPicture {
  readonly list: HandListName;
  /** Whether the picture was put on the list. */
  readonly on: boolean;
}

/**
 * Changes the lists by hand, picture by picture. Each step can be undone and redone until the program ends. A step is
 * about one picture, so that undoing it keeps what others have changed meanwhile.
 */
export class HandListsEditor {
  readonly #indexFolder: string;
  #steps: readonly Step[] = [];
  /** How many of the steps count now. */
  #at = 0;
  #working: Promise<unknown> = Promise.resolve();

  constructor(indexFolder: string) {
    this.#indexFolder = indexFolder;
  }

  get canUndo(): boolean {
    return this.#at > 0;
  }

  get canRedo(): boolean {
    return this.#at < this.#steps.length;
  }

  /**
   * Puts a picture on a list or takes it from there. Is no step where that changes nothing.
   * @throws SynestheteError BAD_INDEX for a malformed list, WRITE_FAILED, INDEX_BUSY
   */
  set(list: HandListName, { content, file }: ListedPicture, on: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const step = { list, content, file, on };
      if (!(await this.#take(step, on))) return;
      this.#steps = [...this.#steps.slice(0, this.#at), step].slice(-MOST_STEPS);
      this.#at = this.#steps.length;
    });
  }

  /** @throws SynestheteError USAGE when there is nothing to undo; and as `set` */
  undo(): Promise<void> {
    return this.#inTurn(async () => {
      const step = this.#steps[this.#at - 1];
      if (step === undefined) throw nothingTo('undo');
      await this.#take(step, !step.on);
      this.#at -= 1;
    });
  }

  /** @throws SynestheteError USAGE when there is nothing to redo; and as `set` */
  redo(): Promise<void> {
    return this.#inTurn(async () => {
      const step = this.#steps[this.#at];
      if (step === undefined) throw nothingTo('redo');
      await this.#take(step, step.on);
      this.#at += 1;
    });
  }

  /** @returns whether the list has changed */
  async #take({ list, content, file }: Step, on: boolean): Promise<boolean> {
    let hasChanged = false;
    await updateHandList(this.#indexFolder, list, (listed) => {
      hasChanged = listed.has(content) !== on;
      if (!on) listed.delete(content);
      else if (hasChanged) listed.set(content, file);
    });
    return hasChanged;
  }

  /** One after the other: each starts from the lists that the previous one left. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#working.then(work);
    this.#working = done.catch(() => undefined);
    return done;
  }
}

function nothingTo(what: 'undo' | 'redo'): SynestheteError {
  return new SynestheteError('USAGE', `there is no picture that was allowed or hidden to ${what}`);
}
