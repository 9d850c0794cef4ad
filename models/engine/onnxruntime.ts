import * as ort from 'onnxruntime-node';
import { SynestheteError, messageOf } from '../errors.ts';
import { Graph, blockProbe, sizeOf, toOnnx } from '../graph/index.ts';
import type { DType, Values } from '../graph/index.ts';
import type { Engine, EngineOptions, NamedValues, Session, Value } from './engine.ts';
import './telemetry.ts';

export type Provider = 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml';

/** Names of the providers in this build of ONNX Runtime. Only a first session shows whether the hardware is present. */
export function builtInProviders(): readonly string[] {
  return ort.listSupportedBackends().map(({ name }) => name);
}

// The exceptions hold what ONNX Runtime would print on the terminal.
ort.env.logLevel = 'fatal';

/** The first line of ONNX Runtime's message, without the function, the place in its source and the failed condition. */
export function reasonOf(error: unknown): string {
  if (error instanceof SynestheteError && error.cause !== undefined) return reasonOf(error.cause);
  const text = messageOf(error);
  return text
    .split('\n')[0]!
    .trim()
    .replace(/^\S*onnxruntime_src\S* .* was false\. /u, '')
    .replace(/^OrtSessionOptions\w+: /u, '');
}

function sessionOptions(provider: Provider, options: EngineOptions): ort.InferenceSession.SessionOptions {
  const spinning = options.spinning === true ? '1' : '0';
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    extra: { 'session.intra_op.allow_spinning': spinning, 'session.inter_op.allow_spinning': spinning },
  };
}

function toOrt({ dtype, shape, data }: Value): ort.Tensor {
  return new ort.Tensor(dtype as 'float32', data as Float32Array, [...shape]);
}

function fromOrt(tensor: ort.OnnxValue): Value {
  return { dtype: tensor.type as DType, shape: tensor.dims, data: tensor.data as Values };
}

class OrtSession implements Session {
  readonly #session: ort.InferenceSession;

  constructor(session: ort.InferenceSession) {
    this.#session = session;
  }

  async run(feeds: NamedValues, into: NamedValues = {}): Promise<NamedValues> {
    const inputs: Record<string, ort.Tensor> = {};
    for (const name of this.#session.inputNames) {
      const value = feeds[name];
      if (!value) throw new SynestheteError('ENGINE_FAILED', `the graph's input "${name}" is missing`);
      if (value.data.length !== sizeOf(value.shape)) {
        throw new SynestheteError(
          'ENGINE_FAILED',
          `input "${name}": ${value.data.length} values do not fill [${value.shape.join(', ')}]`,
        );
      }
      inputs[name] = toOrt(value);
    }
    const fetches = Object.fromEntries(
      this.#session.outputNames.map((name) => [name, into[name] ? toOrt(into[name]) : null]),
    );
    try {
      const results = await this.#session.run(inputs, fetches);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name, into[name] ?? fromOrt(tensor)]),
      );
    } catch (error) {
      throw new SynestheteError('ENGINE_FAILED', `the graph failed to run: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  close(): Promise<void> {
    return this.#session.release();
  }
}

let channelBlock: Promise<number> | undefined;

/** Channels in a block of the cpu provider on this processor (16 with AVX-512, 8 with AVX2), 0 where it has no blocks. */
async function measuredBlock(): Promise<number> {
  try {
    const session = await ort.InferenceSession.create(blockProbe(), sessionOptions('cpu', { threads: 1 }));
    const { y } = await session.run({ x: new ort.Tensor('float32', new Float32Array(4), [1, 4, 1, 1]) });
    await session.release();
    return y?.dims[1] ?? 0;
  } catch {
    return 0;
  }
}

/** An engine on one provider of ONNX Runtime. */
export class OrtEngine implements Engine {
  readonly provider: Provider;
  readonly description: string;
  readonly #options: EngineOptions;
  /** Channels in a block of the provider, 0 where it has no blocks. */
  #block = 0;

  private constructor(provider: Provider, options: EngineOptions) {
    this.provider = provider;
    const threads = provider === 'cpu' && options.threads !== undefined ? `, ${options.threads} threads` : '';
    this.description = `${provider} (ONNX Runtime ${ort.env.versions.common}${threads})`;
    this.#options = options;
  }

  /** @throws SynestheteError ENGINE_MISSING when the provider is not in this build or can't start a session here */
  static async open(provider: Provider, options: EngineOptions = {}): Promise<OrtEngine> {
    if (!builtInProviders().includes(provider)) {
      throw new SynestheteError(
        'ENGINE_MISSING',
        `engine ${provider}: ONNX Runtime for ${process.platform} ${process.arch} has no such provider`,
        { remedy: { kind: 'use-engine', engine: 'auto' } },
      );
    }
    const engine = new OrtEngine(provider, options);
    try {
      await engine.#probe();
      if (provider === 'cpu') engine.#block = await (channelBlock ??= measuredBlock());
    } catch (error) {
      throw new SynestheteError(
        'ENGINE_MISSING',
        `engine ${provider}: ${reasonOf(error)}${NEEDS[provider] ?? ''}`,
        {
          cause: error,
          remedy: provider === 'cuda' ? { kind: 'install-cuda' } : { kind: 'use-engine', engine: 'auto' },
        },
      );
    }
    return engine;
  }

  async load(model: Graph | Uint8Array): Promise<Session> {
    const bytes = model instanceof Graph ? toOnnx(model, { block: this.#block }) : model;
    try {
      return new OrtSession(
        await ort.InferenceSession.create(bytes, sessionOptions(this.provider, this.#options)),
      );
    } catch (error) {
      throw new SynestheteError(
        'ENGINE_FAILED',
        `${this.provider} does not load the graph: ${reasonOf(error)}`,
        {
          cause: error,
        },
      );
    }
  }

  /** A provider without its device or library fails only when a session starts or runs. */
  async #probe(): Promise<void> {
    const graph = new Graph('probe');
    const x = graph.input('x', [1]);
    graph.output('y', graph.apply('Add', [x, x]));
    const session = await this.load(graph);
    await session.run({ x: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } });
    await session.close();
  }
}

/** What a provider needs besides a graphics card. */
const NEEDS: Readonly<Partial<Record<Provider, string>>> = {
  cuda: '; it needs the CUDA libraries of ONNX Runtime, which are a download of their own',
  webgpu: '; it needs a graphics driver with Vulkan, Metal or Direct3D 12',
};
