import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bringNeighboursUpToDate,
  createVectorStore,
  openNeighbours,
  type VectorStore,
} from '../models/gallery/search/index.ts';
import { EMBEDDING_SIZE, type Ranking, type Prediction } from '../models/model/index.ts';
import { rank, type LoadedPictures } from '../models/ranking/index.ts';
import { formatTable } from './measure.ts';

const WANTED = 10;
/** Pictures in a cluster, which resemble each other. */
const CLUSTER = 100;
/** How far a picture lies from the middle of its cluster, in parts of the middle's length. */
const SPREAD = 0.5;

/**
 * The matching of a clip as the analysis of `live` does it, in galleries of several sizes, without the messages between
 * processes. Vectors come from a formula, in clusters.
 */
export async function benchSearch(): Promise<string> {
  const rows = [
    await exact(25_000, 3),
    await exact(100_000, 3),
    await exact(1_000_000, 3),
    await exact(25_000, EMBEDDING_SIZE),
    await exact(100_000, EMBEDDING_SIZE),
    await approximate(1_000_000, EMBEDDING_SIZE),
  ];
  return formatTable(
    ['pictures × numbers', 'search', 'p50 ms', 'p99 ms', 'recall@10', 'memory MB', 'built in s'],
    rows,
  );
}

async function exact(count: number, width: number): Promise<string[]> {
  const before = process.memoryUsage().rss;
  const store = await fill(count, width);
  const { p50, p99 } = measure(picturesOf(store), width, 300);
  return [`${count} × ${width}`, 'exact', p50, p99, '1', memoryMb(before), '-'];
}

async function approximate(count: number, width: number): Promise<string[]> {
  const before = process.memoryUsage().rss;
  const folder = await mkdtemp(join(tmpdir(), 'synesthete-bench-'));
  try {
    const store = await fill(count, width);
    const { vectors } = store;
    const ids = Array.from({ length: count }, (_, row) => row.toString(16).padStart(16, '0'));
    const start = performance.now();
    const file = await bringNeighboursUpToDate(
      { folder },
      { fingerprint: 'be'.repeat(32) },
      {
        ids,
        width,
        before: undefined,
        vectors: async function* () {
          const rows = 1024;
          for (let at = 0; at < vectors.length; at += rows * width) {
            const chunk = vectors.subarray(at, at + rows * width);
            yield await Promise.resolve(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
          }
        },
      },
    );
    const seconds = (performance.now() - start) / 1000;
    if (file === null) throw new Error('usearch is not installed');
    const rows = BigUint64Array.from({ length: count }, (_, row) => BigInt(row));
    const idOrder = Uint32Array.from({ length: count }, (_, row) => row);
    const neighbours = await openNeighbours({ folder, file, ids: rows, idOrder });
    const whole = picturesOf(store);
    const pictures = { ...whole, neighbours };
    const allowed = new Uint8Array(count).fill(1);
    let found = 0;
    const queries = 50;
    for (let i = 0; i < queries; i++) {
      const exact = new Set(match(whole, width, allowed, i).map(({ index }) => index));
      found += match(pictures, width, allowed, i).filter(({ index }) => exact.has(index)).length;
    }
    const { p50, p99 } = measure(pictures, width, 500);
    const recall = (found / queries / WANTED).toFixed(3);
    return [`${count} × ${width}`, 'neighbours', p50, p99, recall, memoryMb(before), seconds.toFixed(0)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function match(pictures: LoadedPictures, width: number, allowed: Uint8Array, clip: number) {
  const prediction = clipOf(clip, width, pictures.count);
  const offset = { valence: 0, arousal: 0 };
  return rank(innerProductRanking(width), pictures, {
    prediction,
    offset,
    allowed,
    count: WANTED,
    alsoIndices: [],
  }).best;
}

function measure(pictures: LoadedPictures, width: number, queries: number) {
  const times: number[] = [];
  const allowed = new Uint8Array(pictures.count).fill(1);
  for (let i = -10; i < queries; i++) {
    const start = performance.now();
    match(pictures, width, allowed, i + 1000);
    if (i >= 0) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (part: number): string => times[Math.floor(part * times.length)]!.toFixed(2);
  return { p50: at(0.5), p99: at(0.99) };
}

function memoryMb(before: number): string {
  return ((process.memoryUsage().rss - before) / 2 ** 20).toFixed(0);
}

function picturesOf(store: VectorStore): LoadedPictures {
  return {
    count: store.count,
    vectors: store.vectors,
    moods: new Float32Array(2 * store.count),
    innerProducts: (query, products, from, to) => {
      store.innerProducts(query, products, from, to);
    },
  };
}

async function fill(count: number, width: number): Promise<VectorStore> {
  const store = await createVectorStore(count, width);
  const { vectors } = store;
  for (let row = 0; row < count; row++) {
    vectors.set(clustered(Math.floor(row / CLUSTER), row + 1, width), row * width);
  }
  return store;
}

function clipOf(i: number, width: number, count: number): Prediction {
  const embedding = clustered(Math.abs(i * 7919) % (count / CLUSTER), 0x40000000 + i, width);
  return { embedding, valence: 0.5, arousal: 0.5, valenceSd: 0.15, arousalSd: 0.15 };
}

/** A vector of length 1 near the middle of a cluster. */
function clustered(cluster: number, seed: number, width: number): Float32Array {
  const middle = noise(0x20000000 + cluster, width);
  const own = noise(seed, width);
  const vector = new Float32Array(width);
  let square = 0;
  for (let i = 0; i < width; i++) {
    vector[i] = middle[i]! + SPREAD * own[i]!;
    square += vector[i]! ** 2;
  }
  const scale = 1 / Math.sqrt(square);
  for (let i = 0; i < width; i++) vector[i]! *= scale;
  return vector;
}

/** Random numbers in [−1, 1); any stretch of them serves as a vector. Makes millions of vectors in seconds. */
const NOISE = (() => {
  let state = 0x9e3779b1 | 0;
  return Float32Array.from({ length: 2 ** 22 }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  });
})();

function noise(seed: number, width: number): Float32Array {
  const at = (Math.imul(seed ^ (seed >>> 15), 0x9e3779b1) >>> 0) % (NOISE.length - width);
  return NOISE.subarray(at, at + width);
}

function innerProductRanking(width: number): Ranking {
  return {
    score: 'embedding',
    width,
    pictureVector: ({ embedding }) => embedding,
    queryVector: ({ embedding }) => embedding,
    scores(vectors, query, out = new Float32Array(vectors.length / width)) {
      for (let i = 0, at = 0; i < out.length; i++) {
        let sum = 0;
        for (let j = 0; j < width; j++, at++) sum += vectors[at]! * query[j]!;
        out[i] = sum;
      }
      return out;
    },
  };
}
