/**
 * The rows of an index by file. A name also finds its file in another Unicode form, because systems write names
 * differently.
 */
export class FileRows {
  readonly #rows: ReadonlyMap<string, number>;
  #normalRows: ReadonlyMap<string, number> | undefined;

  /** @param files in the order of the rows */
  constructor(files: Iterable<string>) {
    this.#rows = new Map([...files].map((file, row) => [file, row]));
  }

  get(file: string): number | undefined {
    const row = this.#rows.get(file);
    if (row !== undefined) return row;
    this.#normalRows ??= new Map([...this.#rows].map(([name, of]) => [name.normalize(), of]));
    return this.#normalRows.get(file.normalize());
  }
}
