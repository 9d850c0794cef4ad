import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SynestheteError } from '../errors.ts';
import { CHROMA } from './chroma.ts';
import { BINS_PER_OCTAVE, CQT_FRAME_SAMPLES } from './cqt.ts';
import type { FeatureKernels } from './kernels.ts';
import { HALVE_REACH } from './resample.ts';
import type { FramePlan } from './stft.ts';

// Node has WebAssembly, but its types come only with those of the browser.
interface WasmModule {
  readonly brand: 'WebAssembly.Module';
}
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  instantiate(module: WasmModule): Promise<{ readonly exports: unknown }>;
};

type Pointer = number;

/** What kernels/index.ts exports. */
interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  heapBase(): Pointer;
  stft(
    padded: Pointer,
    window: Pointer,
    stages: Pointer,
    split: Pointer,
    scratch: Pointer,
    spectrum: Pointer,
    samples: number,
    hop: number,
    frames: number,
  ): void;
  overlapAdd(
    spectrum: Pointer,
    window: Pointer,
    stages: Pointer,
    split: Pointer,
    scratch: Pointer,
    padded: Pointer,
    samples: number,
    hop: number,
    frames: number,
  ): void;
  magnitudes(spectrum: Pointer, magnitude: Pointer, count: number): void;
  medianScratchBytes(length: number): number;
  medianAcrossFrames(values: Pointer, medians: Pointer, frames: number, bins: number, scratch: Pointer): void;
  medianAcrossBins(values: Pointer, medians: Pointer, frames: number, bins: number, scratch: Pointer): void;
  maskHarmonic(
    spectrum: Pointer,
    magnitude: Pointer,
    harmonic: Pointer,
    percussive: Pointer,
    masked: Pointer,
    count: number,
  ): void;
  halveRate(taps: Pointer, signal: Pointer, samples: number, halved: Pointer, phases: Pointer): void;
  projectChroma(bank: Pointer, magnitude: Pointer, chroma: Pointer, bins: number, frames: number): void;
  projectOctave(
    firstBin: Pointer,
    offset: Pointer,
    weights: Pointer,
    spectrum: Pointer,
    magnitude: Pointer,
    row: number,
    filters: number,
    frames: number,
  ): void;
  melSpectrogram(
    firstBin: Pointer,
    offset: Pointer,
    weights: Pointer,
    magnitude: Pointer,
    mel: Pointer,
    bins: number,
    bands: number,
    frames: number,
  ): void;
}

type NumberArray = Float32Array | Float64Array | Int32Array;

const KERNELS_URL = new URL(import.meta.resolve('#kernels'));
const compiled = new Map<string, WasmModule>();

/**
 * The kernels built from kernels/*.ts, with a memory of their own: equal to the TypeScript ones bit for bit, and about
 * ten times as fast.
 *
 * @throws SynestheteError BROKEN_INSTALL when the file isn't there or isn't WebAssembly that this Node can run.
 */
export async function createWasmKernels(url: URL = KERNELS_URL): Promise<FeatureKernels> {
  try {
    let module = compiled.get(url.href);
    if (!module) {
      module = await WebAssembly.compile(await readFile(url));
      compiled.set(url.href, module);
    }
    const instance = await WebAssembly.instantiate(module);
    return bindKernels(instance.exports as KernelExports);
  } catch (cause) {
    throw new SynestheteError(
      'BROKEN_INSTALL',
      `the feature kernels ${fileURLToPath(url)} can't be loaded: run "npm run build" in a checkout, or install synesthete again`,
      { cause },
    );
  }
}

function bindKernels(wasm: KernelExports): FeatureKernels {
  const { buffer } = wasm.memory;
  let free = align(wasm.heapBase());

  const reserve = (bytes: number): Pointer => {
    const pointer = free;
    // Padding behind each array, because the kernels read four numbers at a time.
    free = align(free + bytes + 64);
    if (free > buffer.byteLength)
      throw new RangeError(`the kernels' ${buffer.byteLength} bytes of memory are used up`);
    return pointer;
  };
  const pointerOf = (array: Float32Array): Pointer => {
    if (array.buffer !== buffer) throw new TypeError("give the kernels arrays of their own 'allocate'");
    return array.byteOffset;
  };

  /** Memory for tables that callers pass again and again; a table is copied only when it changes. */
  const createSlot = (bytes: number): ((table: NumberArray) => Pointer) => {
    const pointer = reserve(bytes);
    let holds: NumberArray | undefined;
    return (table) => {
      if (table !== holds) {
        if (table.byteLength > bytes)
          throw new RangeError(`a table of ${table.byteLength} bytes, room for ${bytes}`);
        new Uint8Array(buffer, pointer).set(new Uint8Array(table.buffer, table.byteOffset, table.byteLength));
        holds = table;
      }
      return pointer;
    };
  };

  const plans = new WeakMap<FramePlan, { window: Pointer; stages: Pointer; split: Pointer }>();
  const tablesOf = (plan: FramePlan): { window: Pointer; stages: Pointer; split: Pointer } => {
    let tables = plans.get(plan);
    if (!tables) {
      const store = (table: Float64Array): Pointer => createSlot(table.byteLength)(table);
      tables = {
        window: store(plan.window),
        stages: store(plan.fft.stageTwiddles),
        split: store(plan.fft.splitTwiddles),
      };
      plans.set(plan, tables);
    }
    return tables;
  };

  const scratchBytes = 256 * 1024;
  const scratch = reserve(scratchBytes);
  const needScratch = (bytes: number): Pointer => {
    if (bytes > scratchBytes)
      throw new RangeError(`a kernel needs ${bytes} bytes of scratch, there are ${scratchBytes}`);
    return scratch;
  };

  const melFirst = createSlot(4 * 128);
  const melOffset = createSlot(4 * 129);
  const melWeights = createSlot(16 * 1024);
  const chromaBank = createSlot(64 * 1024);
  const halveTaps = createSlot(1024);
  const cqtFirst = createSlot(4 * BINS_PER_OCTAVE);
  const cqtOffset = createSlot(4 * BINS_PER_OCTAVE + 4);
  const cqtWeights = createSlot(8 * BINS_PER_OCTAVE * CQT_FRAME_SAMPLES);

  return {
    name: 'wasm',
    allocate: (length) => new Float32Array(buffer, reserve(4 * length), length),
    stft(plan, padded, spectrum) {
      const { window, stages, split } = tablesOf(plan);
      const { samples } = plan.fft;
      const work = needScratch(32 * samples);
      wasm.stft(
        pointerOf(padded),
        window,
        stages,
        split,
        work,
        pointerOf(spectrum),
        samples,
        plan.hopSamples,
        plan.frames,
      );
    },
    overlapAdd(plan, spectrum, padded) {
      const { window, stages, split } = tablesOf(plan);
      const { samples } = plan.fft;
      const work = needScratch(32 * samples);
      padded.fill(0);
      wasm.overlapAdd(
        pointerOf(spectrum),
        window,
        stages,
        split,
        work,
        pointerOf(padded),
        samples,
        plan.hopSamples,
        plan.frames,
      );
    },
    magnitudes(spectrum, magnitude) {
      wasm.magnitudes(pointerOf(spectrum), pointerOf(magnitude), magnitude.length);
    },
    melSpectrogram(bank, magnitude, frames, mel) {
      wasm.melSpectrogram(
        melFirst(bank.firstBin),
        melOffset(bank.offset),
        melWeights(bank.weights),
        pointerOf(magnitude),
        pointerOf(mel),
        magnitude.length / frames,
        bank.bands,
        frames,
      );
    },
    projectChroma(bank, magnitude, frames, chroma) {
      wasm.projectChroma(
        chromaBank(bank),
        pointerOf(magnitude),
        pointerOf(chroma),
        bank.length / CHROMA,
        frames,
      );
    },
    medianAcrossFrames(values, frames, bins, medians) {
      const work = needScratch(wasm.medianScratchBytes(frames));
      wasm.medianAcrossFrames(pointerOf(values), pointerOf(medians), frames, bins, work);
    },
    medianAcrossBins(values, frames, bins, medians) {
      const work = needScratch(wasm.medianScratchBytes(bins));
      wasm.medianAcrossBins(pointerOf(values), pointerOf(medians), frames, bins, work);
    },
    maskHarmonic(spectrum, magnitude, harmonic, percussive, masked) {
      wasm.maskHarmonic(
        pointerOf(spectrum),
        pointerOf(magnitude),
        pointerOf(harmonic),
        pointerOf(percussive),
        pointerOf(masked),
        magnitude.length,
      );
    },
    halveRate(taps, signal, first, samples, halved, halvedFirst) {
      const work = needScratch(4 * (samples + 2 * HALVE_REACH + 64));
      wasm.halveRate(
        halveTaps(taps),
        pointerOf(signal) + 4 * first,
        samples,
        pointerOf(halved) + 4 * halvedFirst,
        work,
      );
    },
    projectOctave(filters, spectrum, frames, magnitude) {
      wasm.projectOctave(
        cqtFirst(filters.firstBin),
        cqtOffset(filters.offset),
        cqtWeights(filters.weights),
        pointerOf(spectrum),
        pointerOf(magnitude),
        CQT_FRAME_SAMPLES + 2,
        BINS_PER_OCTAVE,
        frames,
      );
    },
  };
}

function align(pointer: Pointer): Pointer {
  return (pointer + 15) & ~15;
}
