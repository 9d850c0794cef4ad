import { rm, stat, statfs, utimes } from 'node:fs/promises';
import { listRenditions } from '../layout.ts';

/** All renditions for screens together: some 5,000 of 4K. */
const MOST_SCREEN_BYTES = 8 * 2 ** 30;
/** What stays free on their disk. */
const LEAST_FREE_BYTES = 2 ** 30;
/** Renditions that are removed when there are too many leave this part. */
const LEFT = 0.9;
/** The time of the last use is written at most this often. */
const NOTE_EVERY_MS = 600_000;

/** Keeps the renditions for screens within their part of the disk: those that were used least lately go first. */
export class DiskBound {
  readonly #folder: string;
  readonly #mostBytes: number;
  /** undefined before they are counted. */
  #bytes: number | undefined;

  /** @param folder of the index */
  constructor(folder: string, mostBytes = MOST_SCREEN_BYTES) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
  }

  /** Whether the disk has room for more. */
  async hasRoom(): Promise<boolean> {
    try {
      const { bavail, bsize } = await statfs(this.#folder);
      return bavail * bsize > LEAST_FREE_BYTES;
    } catch {
      // A folder that is away: writing there says why.
      return true;
    }
  }

  /** Counts a rendition that was written, and removes others where there are too many now. */
  async add(path: string): Promise<void> {
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    this.#bytes = this.#bytes === undefined ? await this.#count() : this.#bytes + size;
    if (this.#bytes > this.#mostBytes) await this.#shrink(path);
  }

  /** Bytes that may still be added without removing any. */
  async free(): Promise<number> {
    this.#bytes ??= await this.#count();
    return this.#mostBytes - this.#bytes;
  }

  async #count(): Promise<number> {
    return (await this.#all()).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** @param newest is kept */
  async #shrink(newest: string): Promise<void> {
    const all = (await this.#all()).sort((a, b) => a.usedAtMs - b.usedAtMs);
    let bytes = all.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of all) {
      if (bytes <= LEFT * this.#mostBytes) break;
      if (file.path === newest) continue;
      await rm(file.path, { force: true });
      bytes -= file.bytes;
    }
    this.#bytes = bytes;
  }

  async #all() {
    const files: { readonly path: string; readonly bytes: number; readonly usedAtMs: number }[] = [];
    for (const path of await listRenditions(this.#folder, 'screens')) {
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined) files.push({ path, bytes: found.size, usedAtMs: found.atimeMs });
    }
    return files;
  }
}

/** Notes that a rendition is used, as its time of access; many disks don't do that by themselves. */
export async function noteUse(
  path: string,
  { atimeMs, mtime }: { readonly atimeMs: number; readonly mtime: Date },
): Promise<void> {
  if (Date.now() - atimeMs < NOTE_EVERY_MS) return;
  // On a read-only disk nothing is ever removed.
  await utimes(path, new Date(), mtime).catch(() => undefined);
}
