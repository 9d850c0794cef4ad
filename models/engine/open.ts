import { SynestheteError } from '../errors.ts';
import { ENGINE_NAMES } from './engine.ts';
import type { Engine, EngineName, EngineOptions } from './engine.ts';
import { OrtEngine, builtInProviders } from './onnxruntime.ts';
import type { Provider } from './onnxruntime.ts';

/** The order in which `auto` tries what this build has. */
const PREFERENCE: readonly Provider[] = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu'];

/** @throws SynestheteError USAGE when it is none of ENGINE_NAMES */
export function parseEngineName(text: string): EngineName {
  const name = ENGINE_NAMES.find((known) => known === text);
  if (!name) {
    throw new SynestheteError('USAGE', `--engine ${text}: choose one of ${ENGINE_NAMES.join(', ')}`);
  }
  return name;
}

/**
 * Opens the engine of that name. `auto` tries the GPU providers of this build and then the cpu, one after the other,
 * and tells `onFallback` of each that does not run; a named engine is never replaced by another.
 * @throws SynestheteError ENGINE_MISSING, with what to do, when the engine is not there
 */
export async function openEngine(name: EngineName, options: EngineOptions = {}): Promise<Engine> {
  if (name === 'tensorflow') {
    const { TensorflowEngine } = await import('./tensorflow.ts');
    return TensorflowEngine.open(options);
  }
  if (name !== 'auto') return OrtEngine.open(name, options);
  const built = builtInProviders();
  for (const provider of PREFERENCE.filter((known) => known !== 'cpu' && built.includes(known))) {
    try {
      return await OrtEngine.open(provider, options);
    } catch (error) {
      if (!(error instanceof SynestheteError)) throw error;
      options.onFallback?.(error.message);
    }
  }
  return OrtEngine.open('cpu', options);
}
