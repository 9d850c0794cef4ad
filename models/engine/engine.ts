import type { DType, Graph, Hardware, Shape, Values } from '../graph/index.ts';
import type { ENGINE_NAMES } from './names.ts';

export type EngineName = (typeof ENGINE_NAMES)[number];

/** A value that goes into or comes out of a run, in row-major order. Only ONNX files of other programs take `uint8`. */
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
   * @param into memory for some of the outputs, which is written in place where the engine can; it may not be that of
   *   any feed
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
  /** One line for people: the provider, and why not another one where that was asked for. */
  readonly description: string;
  /**
   * @param model a graph, or for the providers of ONNX Runtime the bytes of any ONNX model
   * @throws SynestheteError ENGINE_FAILED
   */
  load(model: Graph | Uint8Array): Promise<Session>;
}

/** Which forms of operators an engine is given. */
export function hardwareOf(engine: Engine): Hardware {
  return engine.provider === 'cpu' ? 'cpu' : 'gpu';
}

/**
 * What the key of cached numbers says of the engine that computed them, since engines agree to about 1e-3 only: its provider, and
 * nothing of the cpu, whose caches are older than such keys.
 */
export function engineKey({ provider }: Pick<Engine, 'provider'>): { readonly engine?: string } {
  return provider === 'cpu' ? {} : { engine: provider };
}

export interface EngineOptions {
  /** Threads of the cpu provider; by default one for each core. */
  readonly threads?: number | undefined;
  /**
   * Whether idle threads of the cpu provider spin while they wait for work: faster by itself, and a burden for
   * whatever shares the cores. Off by default.
   */
  readonly spinning?: boolean | undefined;
  /** For `tensorflow` without tfjs-node-gpu: the npm package of a tfjs backend, e.g. "@tensorflow/tfjs-backend-wasm". */
  readonly tensorflowBackend?: string | undefined;
  /**
   * Ends runs that are under way when it is aborted, which then throw its reason, where the engine can: `tensorflow`, whose
   * graphs may take minutes. The others finish a run that has begun.
   */
  readonly signal?: AbortSignal | undefined;
  /** Is told, in one line, of every provider that was tried in vain. */
  readonly onFallback?: ((line: string) => void) | undefined;
  /** Whether `onFallback` is told, too, where `auto` finds no GPU that it could try: no news on most machines. */
  readonly isVerbose?: boolean | undefined;
}
