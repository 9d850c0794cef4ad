import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { sha256 } from './checksum.ts';
import { SynestheteError, messageOf } from './errors.ts';
import { readWhole } from './read-file.ts';
import { isAbandoned } from './temporary.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from './weights/index.ts';
import { writeFailure, writeWhole } from './write-whole.ts';

export type Tensors = ReadonlyMap<string, Tensor>;

/** Folder of the cache by default: `$XDG_CACHE_HOME` or `~/.cache` on Linux, and its like elsewhere. */
export function defaultCacheFolder(): string {
  return envPaths('synesthete', { suffix: '' }).cache;
}

/**
 * The key of a result computed from `content` with `settings`.
 *
 * @param contentSha256 of the file it was computed from; see `sha256OfFile`.
 * @param settings everything else that the result depends on, with the version of the code that computes it. JSON; the
 * order of keys doesn't matter.
 */
export function cacheKey(contentSha256: string, settings: Readonly<Record<string, unknown>>): string {
  return sha256(`${contentSha256}\n${canonicalJson(settings)}`);
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

export interface CacheOptions {
  /** By default `defaultCacheFolder()`. Created when something is first stored. */
  readonly folder?: string;
  /** Called with one line for each damaged entry, and once when storing fails. */
  readonly notice?: (line: string) => void;
}

/** An entry: these 8 bytes, the SHA-256 of what follows, and the tensors as safetensors. */
const MAGIC = Buffer.from('SYNCACH1');
const CHECKSUM_BYTES = 32;

/** Writing a file takes seconds; an older one was left by a killed process. */
const ABANDONED_AFTER_MS = 3_600_000;

/**
 * Features and activations on disk, by key. Memory holds only what is being computed. Several processes may share a
 * folder: entries are written beside and renamed, so that a reader finds a whole entry or none, and two processes that
 * compute the same entry write the same bytes.
 */
export class DiskCache {
  readonly folder: string;
  readonly #notice: (line: string) => void;
  readonly #underWay = new Map<string, Promise<Tensors>>();
  #swept: Promise<void> | undefined;
  #storeFailures = 0;

  constructor(options: CacheOptions = {}) {
    this.folder = options.folder ?? defaultCacheFolder();
    this.#notice = options.notice ?? (() => undefined);
  }

  /**
   * The stored tensors of the key, or those that `compute` gives, which it stores. It computes a damaged entry again,
   * with a notice. When storing fails (a full disk), it gives a notice and only reads from then on. Callers that ask
   * for one key at the same time share one computation.
   *
   * @param key see `cacheKey`.
   */
  async getOrCompute(key: string, compute: () => Promise<Tensors> | Tensors): Promise<Tensors> {
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const tensors = this.#findOrCompute(key, compute);
    this.#underWay.set(key, tensors);
    try {
      return await tensors;
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #findOrCompute(key: string, compute: () => Promise<Tensors> | Tensors): Promise<Tensors> {
    const stored = await this.find(key);
    if (stored !== undefined) return stored;
    const tensors = await compute();
    await this.store(key, tensors);
    return tensors;
  }

  /** The stored tensors of the key; undefined when there are none or, with a notice, when they are damaged. */
  async find(key: string): Promise<Tensors | undefined> {
    const path = this.#pathOf(key);
    let bytes: Buffer;
    try {
      bytes = await readWhole(path);
    } catch (error) {
      const cause =
        error instanceof SynestheteError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
      if (cause?.code !== 'ENOENT') this.#notice(`the cache: ${messageOf(error)}; computing it again`);
      return undefined;
    }
    const start = MAGIC.length + CHECKSUM_BYTES;
    const content = bytes.subarray(start);
    const checksum = bytes.subarray(MAGIC.length, start);
    const isSound =
      bytes.subarray(0, MAGIC.length).equals(MAGIC) && sha256(content) === checksum.toString('hex');
    if (isSound) return (await decodeSafetensors(path, content)).tensors;
    this.#notice(`the cache: ${path} is damaged; computing it again`);
    return undefined;
  }

  /** Stores a result. When that fails, gives a notice and stores nothing from then on. */
  async store(key: string, tensors: Tensors): Promise<void> {
    const path = this.#pathOf(key);
    if (this.#storeFailures > 0) return;
    const chunks = encodeSafetensors(tensors);
    const hash = createHash('sha256');
    for (const chunk of chunks) hash.update(chunk);
    try {
      await mkdir(join(path, '..'), { recursive: true });
      await (this.#swept ??= this.#sweep());
      await writeWhole(path, [MAGIC, hash.digest(), ...chunks]);
    } catch (error) {
      this.#storeFailures++;
      if (this.#storeFailures > 1) return;
      this.#notice(`the cache: ${writeFailure(path, error).message}; continuing without storing`);
    }
  }

  /** Removes half-written files of killed processes. */
  async #sweep(): Promise<void> {
    for (const shard of await readdir(this.folder)) {
      if (!/^[0-9a-f]{2}$/.test(shard)) continue;
      for (const name of await readdir(join(this.folder, shard))) {
        if (!name.endsWith('.part')) continue;
        const path = join(this.folder, shard, name);
        // Another process may have renamed or removed it in the meantime.
        const written = await stat(path).catch(() => undefined);
        const isOld = written !== undefined && Date.now() - written.mtimeMs > ABANDONED_AFTER_MS;
        if (isOld || (await isAbandoned(path))) await rm(path, { force: true });
      }
    }
  }

  /** Folders by the first two digits, so that none holds too many files. */
  #pathOf(key: string): string {
    return join(this.folder, key.slice(0, 2), key);
  }
}
