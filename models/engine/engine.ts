import type { DType, Graph, Hardware, Shape, Values } from '../graph/index.ts';
import type { ENGINE_NAMES } from './names.ts';

export type EngineName = (typeof ENGINE_NAMES)[number];

/** An input or output of a run, in row-major order. Only ONNX files of other programs take `uint8`. */
export interface Value {
  readonly dtype: DType | 'uint8';
  readonly shape: Shape;
  readonly data: Values;
}

export type NamedValues = Readonly<Record<string, Value>>;

/** A graph that is loaded and ready to run. */
export interface Session {
  /**
   * Computes the outputs.
   * @param feeds a value for each input of the graph, of its exact shape
   * @param into memory for some of the outputs, which engines that can do so write in place; no feed may use it
   * @returns all outputs by name
   * @throws SynestheteError ENGINE_FAILED when a feed is missing or does not fit, or the provider gives up
   */
  run(feeds: NamedValues, into?: NamedValues): Promise<NamedValues>;
  /** Frees the memory; the session can't be run afterwards. */
  close(): Promise<void>;
}

/** Something that runs graphs. */
export interface Engine {
  /** The provider that runs, e.g. "cpu" or "webgpu": never "auto". */
  readonly provider: Exclude<EngineName, 'auto'>;
  /** One line for people: the provider and its version. */
  readonly description: string;
  /**
   * @param model a graph, or for the providers of ONNX Runtime the bytes of any ONNX model
   * @throws SynestheteError ENGINE_FAILED
   */
  load(model: Graph | Uint8Array): Promise<Session>;
}

/** The hardware, which decides the forms of operators. */
export function hardwareOf(engine: Engine): Hardware {
  return engine.provider === 'cpu' ? 'cpu' : 'gpu';
}

/**
 * The engine's part of a cache key, because engines agree only to about 1e-3: the provider, or nothing for the cpu,
 * whose caches are older than this part of the key.
 */
export function engineKey({ provider }: Pick<Engine, 'provider'>): { readonly engine?: string } {
  return provider === 'cpu' ? {} : { engine: provider };
}

export interface EngineOptions {
  /** Threads of the cpu provider; by default one for each core. */
  readonly threads?: number | undefined;
  /**
   * Whether idle threads of the cpu provider spin while they wait for work: faster alone, but a burden for other
   * programs on the same cores. Off by default.
   */
  readonly spinning?: boolean | undefined;
  /** For `tensorflow` without tfjs-node-gpu: the npm package of a tfjs backend, e.g. "@tensorflow/tfjs-backend-wasm". */
  readonly tensorflowBackend?: string | undefined;
  /**
   * When aborted, ends a running graph of `tensorflow`, which may take minutes, and throws the signal's reason. Other
   * engines finish the run.
   */
  readonly signal?: AbortSignal | undefined;
  /** Called with one line about the providers that `auto` tried in vain. */
  readonly onFallback?: ((line: string) => void) | undefined;
  /** Whether `onFallback` is also called when `auto` finds no GPU to try, as on most machines. */
  readonly isVerbose?: boolean | undefined;
}
