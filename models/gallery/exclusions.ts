import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { SynestheteError } from '../errors.ts';
import { readWhole } from '../read-file.ts';
import { SYSTEM_FILES } from './system-files.ts';

/** A file of patterns, as .gitignore, for the folder that it lies in and the folders below. */
export const PATTERNS_NAME = '.showignore';

/** What one pattern has left out of a gallery. */
export interface ExcludedFiles {
  readonly pattern: string;
  /** Folders and files that match it; what lies in those folders is not counted. */
  readonly count: number;
}

/**
 * Which folders and files of a gallery are not the user's pictures: first the given patterns decide, then those of
 * the innermost .showignore that has one for the name, up to the gallery's own, then the known names of system files. A
 * pattern that begins with `!` lets in what a later one leaves out.
 */
export class Exclusions {
  readonly #gallery: string;
  readonly #first: Ignore;
  readonly #last = matcher(SYSTEM_FILES);
  readonly #ofFolders = new Map<string, Ignore>();
  readonly #counts = new Map<string, number>();

  /** @param patterns as in .gitignore, from the gallery's folder */
  constructor(gallery: string, patterns: readonly string[]) {
    this.#gallery = gallery;
    this.#first = matcher(patterns);
  }

  /**
   * Reads the patterns of a folder.
   * @param folder relative to the gallery, '' for itself
   * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE
   */
  async readPatternsOf(folder: string): Promise<void> {
    const text = (await readWhole(join(this.#gallery, folder, PATTERNS_NAME))).toString('utf8');
    this.#ofFolders.set(folder, matcher(text.split(/\r?\n/u)));
  }

  /**
   * Whether a pattern leaves this out, which is counted.
   * @param file relative to the gallery; the folders around it are not left out
   */
  leavesOut(file: string, isFolder: boolean): boolean {
    for (const { from, patterns } of this.#inOrder(file)) {
      const name = file.slice(from);
      const { ignored, unignored, rule } = patterns.test(isFolder ? `${name}/` : name);
      if (unignored) return false;
      // Another pattern has let the folder in, so these must not leave out what lies in it.
      if (!ignored || isInIgnored(patterns, name)) continue;
      const pattern = rule!.pattern;
      this.#counts.set(pattern, (this.#counts.get(pattern) ?? 0) + 1);
      return true;
    }
    return false;
  }

  /** What was left out so far, by pattern, the most first. */
  get found(): ExcludedFiles[] {
    return [...this.#counts]
      .map(([pattern, count]) => ({ pattern, count }))
      .sort((a, b) => b.count - a.count || (a.pattern < b.pattern ? -1 : 1));
  }

  /** The patterns that may decide about a file, and where its name begins for them. */
  *#inOrder(file: string): Generator<{ readonly from: number; readonly patterns: Ignore }> {
    yield { from: 0, patterns: this.#first };
    for (let end = file.lastIndexOf('/'); ; end = file.lastIndexOf('/', end - 1)) {
      const patterns = this.#ofFolders.get(end < 0 ? '' : file.slice(0, end));
      if (patterns) yield { from: end + 1, patterns };
      if (end <= 0) break;
    }
    yield { from: 0, patterns: this.#last };
  }
}

function isInIgnored(patterns: Ignore, name: string): boolean {
  const end = name.lastIndexOf('/');
  return end >= 0 && patterns.ignores(name.slice(0, end + 1));
}

function matcher(patterns: readonly string[]): Ignore {
  return ignore({ ignorecase: true }).add(patterns);
}

/** @throws SynestheteError USAGE for a pattern that can match nothing */
export function checkPatterns(patterns: readonly string[]): void {
  const empty = patterns.find((pattern) => pattern.replace(/^!/u, '').trim() === '');
  if (empty === undefined) return;
  throw new SynestheteError(
    'USAGE',
    `"${empty}" excludes nothing: give a name or a pattern such as "*-draft.*"`,
  );
}
