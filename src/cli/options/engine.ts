import { Option, type Command } from 'commander';
import type { Engine } from '../../../models/engine/index.ts';
import { isVerbose, warn } from '../terminal/failure.ts';
import { numberWithin } from './numbers.ts';

/** What the options of a command that runs networks say, as commander gives them. */
export interface EngineOptions {
  readonly engine: string;
  readonly threads?: number;
  readonly tensorflowBackend?: string;
}

/** Reads --threads. */
export const parseThreads = numberWithin(1, 1024, true);

/** Adds the options that choose what runs networks. */
export function addEngineOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--engine <name>', 'what runs the networks; auto takes a GPU that is faster than the cpu')
        .choices(['auto', 'cpu', 'webgpu', 'cuda', 'coreml', 'dml', 'tensorflow'])
        .default('auto'),
    )
    .option('--threads <n>', 'threads of the cpu engine (default: one for each core)', parseThreads)
    .addOption(tensorflowBackendOption());
}

export function tensorflowBackendOption(): Option {
  return new Option(
    '--tensorflow-backend <package>',
    'for --engine tensorflow, where tfjs-node-gpu is not installed: the package of another backend',
  );
}

/**
 * Opens the chosen engine; says on standard error which engines failed before it.
 * @throws SynestheteError ENGINE_MISSING
 */
export async function openChosenEngine(options: EngineOptions): Promise<Engine> {
  const { openEngine, parseEngineName } = await import('../../../models/engine/index.ts');
  return openEngine(parseEngineName(options.engine), {
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.tensorflowBackend === undefined ? {} : { tensorflowBackend: options.tensorflowBackend }),
    onFallback: warn,
    isVerbose: isVerbose(),
  });
}
