import { existsSync } from 'node:fs';
import { SynestheteError } from '../errors.ts';
import { Graph, matmul } from '../graph/index.ts';
import { ENGINE_NAMES } from './names.ts';
import type { Engine, EngineName, EngineOptions } from './engine.ts';
import { OrtEngine, builtInProviders, reasonOf } from './onnxruntime.ts';
import type { Provider } from './onnxruntime.ts';

/** The order in which `auto` tries the GPU providers of this build. */
const PREFERENCE: readonly Provider[] = ['cuda', 'dml', 'coreml', 'webgpu'];

/** @throws SynestheteError USAGE when it is none of ENGINE_NAMES */
export function parseEngineName(text: string): EngineName {
  const name = ENGINE_NAMES.find((known) => known === text);
  if (!name) {
    throw new SynestheteError(
      'USAGE',
      `there is no engine "${text}": choose one of ${ENGINE_NAMES.join(', ')}`,
    );
  }
  return name;
}

/** Rows and columns of the matrix product that compares a GPU with the cpu: large enough to pay for the transfer. */
const PRODUCT_SIZE = 768;

/** The shortest of three runs of four chained matrix products. */
async function productMilliseconds(engine: Engine): Promise<number> {
  const graph = new Graph('product');
  const x = graph.input('x', [PRODUCT_SIZE, PRODUCT_SIZE]);
  graph.output('y', matmul(matmul(matmul(matmul(x, x), x), x), x));
  const session = await engine.load(graph);
  const data = new Float32Array(PRODUCT_SIZE ** 2).fill(1 / PRODUCT_SIZE);
  let shortest = Infinity;
  for (let i = 0; i < 3; i++) {
    const started = performance.now();
    await session.run({ x: { dtype: 'float32', shape: x.shape, data } });
    shortest = Math.min(shortest, performance.now() - started);
  }
  await session.close();
  return shortest;
}

/**
 * Opens the engine of that name. `auto` tries the GPU providers of this build in order, then takes the cpu. It calls
 * `onFallback` with one line that gives the reason for each provider that does not run or runs slower than the cpu
 * (like a GPU in software). Another engine never replaces a named one.
 * @throws SynestheteError ENGINE_MISSING, with advice, when the engine is not available
 */
export async function openEngine(name: EngineName, options: EngineOptions = {}): Promise<Engine> {
  if (name === 'tensorflow') {
    const { TensorflowEngine } = await import('./tensorflow.ts');
    return TensorflowEngine.open(options);
  }
  if (name !== 'auto') return OrtEngine.open(name, options);
  const cpu = await OrtEngine.open('cpu', options);
  const { engine, reasons } = await fastest(cpu, options);
  if (reasons.length > 0)
    options.onFallback?.(`engine auto takes ${engine.provider}, for ${reasons.join(', ')}`);
  return engine;
}

/** GPU devices of Linux: Mesa's drivers and others, NVIDIA's, WSL's, Qualcomm's and Arm's. */
const GPU_DEVICES = ['/dev/dri', '/dev/nvidia0', '/dev/dxg', '/dev/kgsl-3d0', '/dev/mali0'];

/** Skip the providers without a GPU: trying them takes a second, and native libraries complain on the terminal. */
function hasGpu(): boolean {
  return process.platform !== 'linux' || GPU_DEVICES.some((path) => existsSync(path));
}

/** The first GPU provider that runs faster than the cpu, else the cpu; with the reasons against those before it. */
async function fastest(
  cpu: OrtEngine,
  options: EngineOptions,
): Promise<{ readonly engine: OrtEngine; readonly reasons: readonly string[] }> {
  if (!hasGpu()) return { engine: cpu, reasons: options.isVerbose === true ? ['there is no GPU'] : [] };
  const built = builtInProviders();
  const reasons: string[] = [];
  let cpuMilliseconds: number | null = null;
  for (const provider of PREFERENCE.filter((known) => built.includes(known))) {
    try {
      const engine = await OrtEngine.open(provider, options);
      cpuMilliseconds ??= await productMilliseconds(cpu);
      const milliseconds = await productMilliseconds(engine);
      if (milliseconds < cpuMilliseconds) return { engine, reasons };
      reasons.push(
        `${provider} is slower here (a matrix product took ${milliseconds.toFixed(0)} ms, on the cpu ${cpuMilliseconds.toFixed(0)}): it may be a GPU in software`,
      );
    } catch (error) {
      if (!(error instanceof SynestheteError)) throw error;
      reasons.push(`${provider} does not run here (${reasonOf(error)})`);
    }
  }
  return { engine: cpu, reasons };
}
