import { SynestheteError } from '../errors.ts';
import { moodsTextOf, type MoodsFile } from './moods-file.ts';
import { NO_MOODS, parseMoods, type HandMood } from './table.ts';
import { forSpreadsheets, withMood } from './table-changes.ts';

/** Steps that can be undone, and characters of the tables that are kept for it: a large table is kept for fewer. */
const MOST_STEPS = 200;
const MOST_KEPT_CHARACTERS = 32 * 2 ** 20;

/**
 * Changes the moods by hand of a gallery, step by step, each of which can be undone and done again for as long as the
 * program runs and nobody else changes the table. A table that can't be understood is never written.
 */
export class MoodsEditor {
  readonly #file: MoodsFile;
  /** The table after each step, the one before the first step at the beginning; null: there was none. */
  #texts: readonly (string | null)[] = [null];
  /** Which of them is in force. */
  #at = 0;
  #working: Promise<unknown> = Promise.resolve();

  constructor(file: MoodsFile) {
    this.#file = file;
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
      await this.#step(withMood(await this.#file.read(), file, mood));
    });
  }

  /**
   * Puts another table in the place of this one.
   * @param csv in UTF-8; each line of it must be right
   * @param isThere whether the gallery's folder has a file: of a table one must be there, so that one of another gallery is
   *   refused
   * @throws SynestheteError BAD_TABLE naming the first line that is wrong, then nothing has changed; and as `set`
   */
  replace(csv: Uint8Array, isThere: (file: string) => Promise<boolean>): Promise<void> {
    return this.#inTurn(async () => {
      const name = 'the table';
      const text = moodsTextOf(csv, name);
      const { rows, faults } = parseMoods(text, name);
      const [fault] = faults;
      if (fault !== undefined) {
        throw new SynestheteError(
          'BAD_TABLE',
          `${name}, line ${fault.line}: ${fault.reason} (nothing was taken over)`,
        );
      }
      const files = [...new Set(rows.map(({ file }) => file))];
      if (files.length > 0 && !(await isAny(files, isThere))) {
        throw new SynestheteError(
          'BAD_TABLE',
          `none of the ${files.length} files of ${name} is in this gallery: is it of another one?`,
        );
      }
      // One that can't be understood is for a person to put right, or away.
      await this.#file.read();
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

  /**
   * The table to take home (see `forSpreadsheets`); without a row where there is none. `replace` makes the same moods of it.
   * @throws SynestheteError as `set`
   */
  async csv(): Promise<string> {
    const table = await this.#file.read();
    return table === null ? NO_MOODS : forSpreadsheets(table);
  }

  async #step(next: string | null): Promise<void> {
    const now = await this.#text();
    if (now !== this.#texts[this.#at]) this.#begin(now);
    if (next === now) return;
    await this.#file.write(next);
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
      const now = await this.#text();
      if (now !== this.#texts[this.#at]) {
        const hadSteps = this.#texts.length > 1;
        this.#begin(now);
        if (hadSteps) {
          throw new SynestheteError(
            'USAGE',
            `${this.#file.path} was changed by somebody else since: there is nothing to ${what}`,
          );
        }
      }
      const wanted = this.#texts[this.#at + by];
      if (wanted === undefined) throw new SynestheteError('USAGE', `there is no mood by hand to ${what}`);
      await this.#file.write(wanted);
      this.#at += by;
    });
  }

  async #text(): Promise<string | null> {
    return (await this.#file.read())?.text ?? null;
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

/** One after the other: of a table of this gallery the first is there. */
async function isAny(
  files: readonly string[],
  isThere: (file: string) => Promise<boolean>,
): Promise<boolean> {
  for (const file of files) if (await isThere(file)) return true;
  return false;
}
