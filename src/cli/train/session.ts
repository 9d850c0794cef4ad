import { availableParallelism } from 'node:os';
import { DiskCache } from '../../../models/cache.ts';
import { openEngine, parseEngineName } from '../../../models/engine/index.ts';
import type { SoundReader, TrainContext } from '../../../models/training/end-to-end/index.ts';
import { soundOfFile, stretchOfFile } from '../../../streams/clips/index.ts';
import { isVerbose, warn } from '../terminal/failure.ts';
import { onInterruption } from '../terminal/interruption.ts';
import { Progress, duration } from '../terminal/progress.ts';

/** A run of a large micro-batch on a slow machine takes several seconds, and then the checkpoint must be written. */
const LONGEST_FINISH_MS = 60_000;

export interface EngineFlags {
  readonly engine?: string;
  readonly threads?: number;
  readonly tensorflowBackend?: string;
  readonly cache?: string;
}

/** The engine that a training began with. */
export interface Begun {
  readonly provider: string;
  readonly threads: number;
}

/** Progress of one thing after another: reading, and the stages of a training. */
export class StageProgress {
  #progress: Progress | undefined;
  #stage = '';

  show(stage: string, done: number, total: number, tail?: string): void {
    if (this.#stage !== stage) {
      this.end();
      this.#progress = new Progress(stage, { total });
      this.#stage = stage;
    }
    this.#progress?.update(done, { total, ...(tail !== undefined && { tail }) });
  }

  end(): void {
    this.#progress?.stop();
    this.#progress = undefined;
    this.#stage = '';
  }
}

/** The context of a training that a command runs. */
export interface CommandTrainContext extends TrainContext {
  readonly signal: AbortSignal;
  readonly readSound: SoundReader;
  readonly endProgress: () => void;
}

const STAGES = { network: 'steps of the network', moods: 'steps of the moods' } as const;

/**
 * The engine, the decoder, the cache and the progress of a training. A resumed training uses the engine and the threads
 * that it began with, and refuses others, since results could differ.
 */
export async function trainContext(flags: EngineFlags, before: Begun | null): Promise<CommandTrainContext> {
  const threads = flags.threads ?? before?.threads ?? availableParallelism();
  const name = parseEngineName(flags.engine ?? before?.provider ?? 'auto');
  const { tensorflowBackend } = flags;
  const interruption = new AbortController();
  const engine = await openEngine(name, {
    threads,
    signal: interruption.signal,
    ...(tensorflowBackend !== undefined && { tensorflowBackend }),
    onFallback: warn,
    isVerbose: isVerbose(),
  });
  const progress = new StageProgress();
  onInterruption(() => {
    interruption.abort();
    warn('interrupted: ending at the next safe point; once more ends at once');
  }, LONGEST_FINISH_MS);
  return {
    engine,
    threads,
    readStretch: stretchOfFile,
    readSound: soundOfFile,
    cache: new DiskCache({ ...(flags.cache !== undefined && { folder: flags.cache }), notice: warn }),
    notice: warn,
    onReading: (done, all) => {
      progress.show('files read', done, all);
      if (done === all) progress.end();
    },
    onProgress: ({ stage, epoch, epochs, step, steps, loss, etaSeconds }) => {
      const tail = `epoch ${epoch}/${epochs}, loss ${loss.toFixed(4)}, ${duration(etaSeconds)} left`;
      progress.show(STAGES[stage], step, steps, tail);
    },
    signal: interruption.signal,
    endProgress: () => {
      progress.end();
    },
  };
}
