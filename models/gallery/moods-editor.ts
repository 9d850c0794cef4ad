import { SynestheteError } from '../errors.ts';
import { moodsTextOf, readMoodsText, writeMoodsText } from './moods-file.ts';
import { NO_MOODS, parseMoods, withMood, type HandMood } from './moods-text.ts';

/** Steps that can be undone, and characters of the tables that are kept for it: a large table is kept for fewer. */
const MOST_STEPS = 200;
const MOST_KEPT_CHARACTERS = 32 * 2 ** 20;

/**
 * Changes the moods by hand of a gallery, step by step, each of which can be undone and done again for as long as the
 * program runs and nobody else changes the table. A table that can't be understood is never written.
 */
export class MoodsEditor {
  readonly path: string;
  /** The table after each step, the one before the first step at the beginning; null: there was none. */
  #texts: readonly (string | null)[] = [null];
  /** Which of them is in force. */
  #at = 0;
  #working: Promise<unknown> = Promise.resolve();

  /** @param path of the table */
  constructor(path: string) {
    this.path = path;
  }

  get canUndo(): boolean {
    return this.#at > 0;
  }

  get canRedo(): boolean {
    return this.#at < this.#texts.length - 1;
  }

  /**
   * Puts a mood in the place of the model's reading, or takes it back where it is null for both axes.
   * @throws SynestheteError BAD_TABLE where the table can't be understood, WRITE_FAILED, FILE_NOT_FOUND, NOT_A_FILE
   */
  set(file: string, mood: HandMood): Promise<void> {
    return this.#inTurn(async () => {
      await this.#step(withMood(await this.#read(), this.path, file, mood));
    });
  }

  /**
   * Puts another table in the place of this one.
   * @param csv in UTF-8; each line of it must be right
   * @param isThere whether a file is in the gallery: of a table one must be, so that one of another gallery is refused
   * @throws SynestheteError BAD_TABLE naming the first line that is wrong, then nothing has changed; and as `set`
   */
  replace(csv: Uint8Array, isThere: (file: string) => boolean): Promise<void> {
    return this.#inTurn(async () => {
      const name = 'the table';
      const text = moodsTextOf(csv, name);
      const { moods, faults } = parseMoods(text, name);
      const [fault] = faults;
      if (fault !== undefined) {
        throw new SynestheteError(
          'BAD_TABLE',
          `${name}, line ${fault.line}: ${fault.reason} (nothing was taken over)`,
        );
      }
      if (moods.size > 0 && ![...moods.keys()].some(isThere)) {
        throw new SynestheteError(
          'BAD_TABLE',
          `none of the ${moods.size} files of ${name} is in this gallery: is it of another one?`,
        );
      }
      // One that can't be understood is for a person to put right, or away.
      await this.#read();
      await this.#step(text);
    });
  }

  /** @throws SynestheteError USAGE where there is nothing to undo; and as `set` */
  undo(): Promise<void> {
    return this.#move(-1, 'undo');
  }

  /** @throws SynestheteError USAGE where there is nothing to redo; and as `set` */
  redo(): Promise<void> {
    return this.#move(1, 'redo');
  }

  /** The table; without a row where there is none. @throws SynestheteError as `set` */
  async csv(): Promise<string> {
    return (await this.#read()) ?? NO_MOODS;
  }

  /** The table as it is, understood. */
  async #read(): Promise<string | null> {
    const text = await readMoodsText(this.path);
    if (text !== null) parseMoods(text, this.path);
    return text;
  }

  async #step(next: string | null): Promise<void> {
    const now = await readMoodsText(this.path);
    if (now !== this.#texts[this.#at]) this.#begin(now);
    if (next === now) return;
    await writeMoodsText(this.path, next);
    this.#texts = [...this.#texts.slice(0, this.#at + 1), next];
    while (
      this.#texts.length > MOST_STEPS + 1 ||
      (this.#texts.length > 2 && this.#kept() > MOST_KEPT_CHARACTERS)
    ) {
      this.#texts = this.#texts.slice(1);
    }
    this.#at = this.#texts.length - 1;
  }

  #move(by: -1 | 1, what: 'undo' | 'redo'): Promise<void> {
    return this.#inTurn(async () => {
      const now = await readMoodsText(this.path);
      if (now !== this.#texts[this.#at]) {
        const hadSteps = this.#texts.length > 1;
        this.#begin(now);
        if (hadSteps) {
          throw new SynestheteError(
            'USAGE',
            `${this.path} was changed by somebody else since: there is nothing to ${what}`,
          );
        }
      }
      const wanted = this.#texts[this.#at + by];
      if (wanted === undefined) throw new SynestheteError('USAGE', `there is no mood by hand to ${what}`);
      await writeMoodsText(this.path, wanted);
      this.#at += by;
    });
  }

  /** Somebody else changed the table, or nobody has yet. */
  #begin(now: string | null): void {
    this.#texts = [now];
    this.#at = 0;
  }

  #kept(): number {
    return this.#texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
  }

  /** One after the other: each begins with the table that the one before has left. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#working.then(work);
    this.#working = done.catch(() => undefined);
    return done;
  }
}
