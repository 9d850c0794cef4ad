import { rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Index } from 'usearch';
import { sha256OfFile } from '../../checksum.ts';
import { SynestheteError } from '../../errors.ts';
import { temporaryBeside } from '../../temporary.ts';
import { writeFailure } from '../../write-whole.ts';
import { orderOf, rowOfNumber } from '../columns.ts';
import { damaged, type IndexDirectory } from '../index-directory.ts';
import { NEIGHBOURS_SUFFIX, type IndexLayout } from '../layout.ts';

export type NeighboursFile = NonNullable<IndexDirectory['neighbours']>;

/** Galleries up to this size are searched completely, and so are larger ones with short vectors. */
export const EXACT_MOST = 100_000;
const EXACT_WIDTH = 16;

const CONNECTIVITY = 16;
const EXPANSION_ADD = 96;
const EXPANSION_SEARCH = 256;
/** Pictures that the graph lacks are compared one by one; with more of them than this, the graph is rebuilt. */
const MOST_MISSING = 0.05;
/** Norms that differ by less count as equal; then inner products order vectors as distances do. */
const SAME_NORM = 1e-3;
/** Vectors added between two turns of the event loop. */
const ADD_AT_ONCE = 256;
/** Ids looked up in the graph at once. */
const CHECK_AT_ONCE = 65_536;

/** An HNSW graph (Malkov and Yashunin, 2016) over the vectors of a large gallery. */
export interface Neighbours {
  /** Rows that the graph lacks, because they were added later. */
  readonly missing: Uint32Array;
  /** Rows of about the `count` pictures with the greatest inner products. */
  nearest(query: Float32Array, count: number): number[];
}

/** The place of a gallery's graph, and the ids of its pictures. */
export interface NeighboursPlace {
  readonly folder: string;
  readonly file: NeighboursFile;
  /** Ids of the rows, as numbers. */
  readonly ids: BigUint64Array;
  /** The rows in the order of their ids. */
  readonly idOrder: Uint32Array;
}

export interface NeighboursOptions {
  /** Ids of the pictures, in the order of the vectors. */
  readonly ids: readonly string[];
  readonly width: number;
  /** The bytes of all vectors, in chunks of whole vectors; may be iterated twice. */
  readonly vectors: () => AsyncIterable<Uint8Array>;
  /** The graph of the previous index. */
  readonly before: NeighboursFile | null | undefined;
  readonly notice?: (line: string) => void;
  /** Galleries up to this size need none; by default EXACT_MOST. */
  readonly exactMost?: number;
}

/**
 * Makes the graph that a large gallery needs, or keeps its graph while that lacks few pictures.
 * @returns null when the gallery needs none
 * @throws SynestheteError WRITE_FAILED
 */
export async function bringNeighboursUpToDate(
  { folder }: Pick<IndexLayout, 'folder'>,
  { fingerprint }: { readonly fingerprint: string },
  options: NeighboursOptions,
): Promise<NeighboursFile | null> {
  const { ids, width, before, notice, exactMost = EXACT_MOST } = options;
  if (ids.length <= exactMost || width <= EXACT_WIDTH) return null;
  if (before && (await servesStill(folder, before, ids))) return before;
  const usearch = loadUsearch();
  if (usearch === undefined) {
    notice?.('usearch is not installed for this system: all pictures are searched, which is slower');
    return null;
  }
  return writeNeighbours(folder, fingerprint, await buildGraph(usearch, options));
}

async function servesStill(folder: string, before: NeighboursFile, ids: readonly string[]): Promise<boolean> {
  try {
    const numbers = BigUint64Array.from(ids, (id) => BigInt(`0x${id}`));
    const idOrder = orderOf(numbers);
    const { missing } = await openNeighbours({ folder, file: before, ids: numbers, idOrder });
    return missing.length <= MOST_MISSING * ids.length;
  } catch (error) {
    if (error instanceof SynestheteError) return false;
    throw error;
  }
}

type Usearch = typeof import('usearch');

/** @returns undefined when it is not installed or has no binary for this system */
function loadUsearch(): Usearch | undefined {
  try {
    // The CommonJS form, because the other one looks for its binary by the program's name, and forever when that is no
    // file (`node -e`).
    return createRequire(import.meta.url)('usearch') as Usearch;
  } catch {
    return undefined;
  }
}

function newGraph({ Index, MetricKind, ScalarKind }: Usearch, dimensions: number): Index {
  return new Index({
    dimensions,
    metric: MetricKind.IP,
    // One byte a number builds three times as fast as two; the exact scores decide in the end.
    quantization: ScalarKind.I8,
    connectivity: CONNECTIVITY,
    expansion_add: EXPANSION_ADD,
    expansion_search: EXPANSION_SEARCH,
    multi: false,
  });
}

/**
 * Builds the graph. The greatest inner product is the nearest neighbour only when all vectors have the same norm; if
 * not, a further number equalises the norms (Bachrach et al., "Speeding Up the Xbox Recommender System", 2014).
 */
async function buildGraph(usearch: Usearch, { ids, width, vectors }: NeighboursOptions): Promise<Index> {
  const { least, greatest } = await normsOf(vectors(), width);
  const isAugmented = greatest - least > SAME_NORM * greatest;
  const dimensions = isAugmented ? width + 1 : width;
  const scale = greatest > 0 ? 1 / greatest : 1;
  const graph = newGraph(usearch, dimensions);
  const rows = new Float32Array(ADD_AT_ONCE * dimensions);
  let row = 0;
  let filled = 0;
  const add = async (): Promise<void> => {
    const keys = BigUint64Array.from(ids.slice(row - filled, row), (id) => BigInt(`0x${id}`));
    if (filled > 0) graph.add(keys, rows.slice(0, filled * dimensions), 0);
    filled = 0;
    await new Promise(setImmediate);
  };
  for await (const bytes of vectors()) {
    const numbers = numbersOf(bytes);
    for (let at = 0; at < numbers.length; at += width) {
      const to = filled * dimensions;
      let square = 0;
      for (let i = 0; i < width; i++) {
        const value = numbers[at + i]! * scale;
        rows[to + i] = value;
        square += value * value;
      }
      if (isAugmented) rows[to + width] = Math.sqrt(Math.max(0, 1 - square));
      row++;
      filled++;
      if (filled === ADD_AT_ONCE) await add();
    }
  }
  await add();
  return graph;
}

async function normsOf(chunks: AsyncIterable<Uint8Array>, width: number) {
  let least = Infinity;
  let greatest = 0;
  for await (const bytes of chunks) {
    const numbers = numbersOf(bytes);
    for (let at = 0; at < numbers.length; at += width) {
      let square = 0;
      for (let i = at; i < at + width; i++) square += numbers[i]! ** 2;
      least = Math.min(least, Math.sqrt(square));
      greatest = Math.max(greatest, Math.sqrt(square));
    }
  }
  return { least, greatest };
}

function numbersOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

async function writeNeighbours(folder: string, fingerprint: string, graph: Index): Promise<NeighboursFile> {
  const beside = await temporaryBeside(join(folder, 'neighbours'));
  try {
    graph.save(beside);
    const hash = await sha256OfFile(beside);
    const file = `${fingerprint.slice(0, 16)}-${hash.slice(0, 16)}${NEIGHBOURS_SUFFIX}`;
    const { size } = await stat(beside);
    await rename(beside, join(folder, file));
    return { file, bytes: size, sha256: hash };
  } catch (error) {
    await rm(beside, { force: true });
    throw writeFailure(beside, error);
  }
}

/**
 * Opens a graph after verifying its checksum: usearch loads a damaged file silently and crashes on a truncated one.
 * @throws SynestheteError BAD_INDEX, and BROKEN_INSTALL where usearch isn't installed
 */
export async function openNeighbours({ folder, file, ids, idOrder }: NeighboursPlace): Promise<Neighbours> {
  const path = join(folder, file.file);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw damaged(path, 'it is missing');
  if (found.size !== file.bytes || (await sha256OfFile(path)) !== file.sha256) {
    throw damaged(path, 'its checksum is wrong');
  }
  const usearch = loadUsearch();
  if (usearch === undefined) {
    throw new SynestheteError(
      'BROKEN_INSTALL',
      `${path} needs usearch, which is not installed here: npm install usearch`,
    );
  }
  const graph = newGraph(usearch, 1);
  // It stays on disk and is paged into memory on access.
  graph.view(path);
  const dimensions = graph.dimensions();
  const missing: number[] = [];
  for (let at = 0; at < ids.length; at += CHECK_AT_ONCE) {
    const has = graph.contains(ids.subarray(at, at + CHECK_AT_ONCE)) as boolean[];
    has.forEach((is, i) => {
      if (!is) missing.push(at + i);
    });
    await new Promise(setImmediate);
  }
  return {
    missing: Uint32Array.from(missing),
    nearest(query, count) {
      const padded = new Float32Array(dimensions);
      padded.set(query);
      const rows: number[] = [];
      for (const id of graph.search(padded, count, 1).keys) {
        const row = rowOfNumber(ids, idOrder, id);
        // Removed pictures stay in the graph until it is rebuilt.
        if (row !== undefined) rows.push(row);
      }
      return rows;
    },
  };
}
