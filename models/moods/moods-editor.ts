import { SynestheteError } from '../errors.ts';
import { moodsTextOf, type MoodsFile } from './moods-file.ts';
import { NO_MOODS, parseMoods, type HandMood } from './table.ts';
import { forSpreadsheets, withMood } from './table-changes.ts';

/** Most steps that can be undone, and most characters kept for them: a large table allows fewer steps. */
const MOST_STEPS = 200;
const MOST_KEPT_CHARACTERS = 32 * 2 ** 20;

/**
 * Changes the moods that people set in a gallery, step by step. Each step can be undone and redone until the program
 * ends or somebody else changes the table. It never overwrites a table that it can't parse.
 */
export class MoodsEditor {
  readonly #file: MoodsFile;
  /** The tables: before the first step, then after each step; null when there was none. */
  #texts: readonly (string | null)[] = [null];
  /** Index of the current one. */
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
   * Sets a mood in place of the model's prediction, or removes it when both axes are null.
   * @throws SynestheteError BAD_TABLE when the table can't be parsed, WRITE_FAILED, FILE_NOT_FOUND, NOT_A_FILE
   */
  set(file: string, mood: HandMood): Promise<void> {
    return this.#inTurn(async () => {
      await this.#step(withMood(await this.#file.read(), file, mood));
    });
  }

  /**
   * Replaces the table.
   * @param csv in UTF-8; every line must be valid
   * @param isThere whether the gallery's folder has a file: at least one file of the table must exist, so that a table
   *   of another gallery is refused
   * @throws SynestheteError BAD_TABLE naming the first wrong line, with nothing changed; and as `set`
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
          `${name}, line ${fault.line}: ${fault.reason} (nothing was changed)`,
        );
      }
      const files = [...new Set(rows.map(({ file }) => file))];
      if (files.length > 0 && !(await isAny(files, isThere))) {
        throw new SynestheteError(
          'BAD_TABLE',
          `none of the ${files.length} files of ${name} is in this gallery: check that the table belongs to it`,
        );
      }
      // A person must correct or remove a table that can't be parsed.
      await this.#file.read();
      await this.#step(text);
    });
  }

  /** @throws SynestheteError USAGE when there is nothing to undo; and as `set` */
  undo(): Promise<void> {
    return this.#move(-1, 'undo');
  }

  /** @throws SynestheteError USAGE when there is nothing to redo; and as `set` */
  redo(): Promise<void> {
    return this.#move(1, 'redo');
  }

  /**
   * The table for download (see `forSpreadsheets`), with no rows when there is none. `replace` restores the same moods
   * from it.
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
            `${this.#file.path} was changed by somebody else: there is nothing to ${what}`,
          );
        }
      }
      const wanted = this.#texts[this.#at + by];
      if (wanted === undefined) throw new SynestheteError('USAGE', `there is no change of a mood to ${what}`);
      await this.#file.write(wanted);
      this.#at += by;
    });
  }

  async #text(): Promise<string | null> {
    return (await this.#file.read())?.text ?? null;
  }

  /** Somebody else changed the table, or this is the first step. */
  #begin(now: string | null): void {
    this.#texts = [now];
    this.#at = 0;
  }

  #kept(): number {
    return this.#texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
  }

  /** One after the other: each starts from the table that the previous one left. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#working.then(work);
    this.#working = done.catch(() => undefined);
    return done;
  }
}

/** One after the other: in a table of this gallery the first file usually exists. */
async function isAny(
  files: readonly string[],
  isThere: (file: string) => Promise<boolean>,
): Promise<boolean> {
  for (const file of files) if (await isThere(file)) return true;
  return false;
}
