import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SynestheteError } from '../../errors.ts';

// Node has WebAssembly, but its types come only with those of the browser.
interface WasmModule {
  readonly brand: 'WebAssembly.Module';
}
interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
}
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  instantiate(module: WasmModule, imports: object): Promise<{ readonly exports: unknown }>;
  Memory: new (limits: { initial: number; maximum: number; shared: true }) => WasmMemory;
};

/** What kernels/index.ts exports. */
interface KernelExports {
  heapBase(): number;
  innerProducts(vectors: number, query: number, products: number, count: number, width: number): void;
}

/** Vectors of pictures, and the fast way to compare all of them with one other. */
export interface VectorStore {
  readonly count: number;
  readonly width: number;
  /** Row-major [count, width]. */
  readonly vectors: Float32Array;
  /**
   * Inner products of a query with the rows from `from` to before `to`.
   * @param products [count]; of these rows' places only is written
   */
  innerProducts(query: Float32Array, products: Float32Array, from: number, to: number): void;
}

const KERNEL_URL = new URL(import.meta.resolve('#search-kernel'));
const PAGE_BYTES = 65_536;
/** More vectors than this don't go into the kernel's memory; the graph searches them. */
const MOST_KERNEL_BYTES = 2 ** 31;

let compiled: Promise<WasmModule> | undefined;

/**
 * Allocates vectors in the memory of a WebAssembly kernel (8 times as fast as the plain loop for 512 numbers a vector).
 * @throws SynestheteError BROKEN_INSTALL when the kernel can't be loaded
 */
export async function createVectorStore(count: number, width: number): Promise<VectorStore> {
  const bytes = 4 * (count + 1) * (width + 1);
  if (bytes > MOST_KERNEL_BYTES) return plainStore(count, width);
  const memoryBytes = bytes + 2 * PAGE_BYTES;
  const pages = Math.ceil(memoryBytes / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const kernel = await instantiate(memory);
  const start = (kernel.heapBase() + 63) & ~63;
  const queryAt = start + 4 * count * width;
  const productsAt = queryAt + 4 * width;
  const inKernel = new Float32Array(memory.buffer, productsAt, count);
  return {
    count,
    width,
    vectors: new Float32Array(memory.buffer, start, count * width),
    innerProducts(query, products, from, to) {
      new Float32Array(memory.buffer, queryAt, width).set(query);
      kernel.innerProducts(start + 4 * from * width, queryAt, productsAt + 4 * from, to - from, width);
      products.set(inKernel.subarray(from, to), from);
    },
  };
}

async function instantiate(memory: WasmMemory): Promise<KernelExports> {
  try {
    compiled ??= readFile(KERNEL_URL).then((bytes) => WebAssembly.compile(bytes));
    return (await WebAssembly.instantiate(await compiled, { env: { memory } })).exports as KernelExports;
  } catch (cause) {
    throw new SynestheteError(
      'BROKEN_INSTALL',
      `the search kernel ${fileURLToPath(KERNEL_URL)} can't be loaded: run "npm run build" in a checkout, or install synesthete again`,
      { cause },
    );
  }
}

/** The same by plain loops, for more vectors than fit. */
export function plainStore(count: number, width: number): VectorStore {
  const vectors = new Float32Array(count * width);
  return {
    count,
    width,
    vectors,
    innerProducts(query, products, from, to) {
      for (let row = from, at = from * width; row < to; row++) {
        let sum = 0;
        for (let i = 0; i < width; i++, at++) sum += vectors[at]! * query[i]!;
        products[row] = sum;
      }
    },
  };
}
