import { availableParallelism } from 'node:os';
import { SingleBar } from 'cli-progress';
import { openEngine, parseEngineName } from '../../../models/engine/index.ts';
import { DiskCache } from '../../../models/learning/index.ts';
import type { SoundReader, TrainContext } from '../../../models/learning/trainer/index.ts';
import { soundOfFile, stretchOfFile } from '../../../streams/clips/index.ts';
import { warn } from '../failure.ts';
import { onInterruption } from '../interruption.ts';

/** A slice of a large step on a slow machine takes several seconds, and a checkpoint after it is to be written. */
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

/** A bar on the terminal; nothing where standard error is no terminal. */
class Bars {
  #bar: SingleBar | undefined;
  #title = '';

  show(title: string, done: number, all: number, tail: string): void {
    if (!process.stderr.isTTY) return;
    if (this.#title !== title) {
      this.#bar?.stop();
      this.#bar = new SingleBar({
        format: '{title} {bar} {value}/{total} {tail}',
        stream: process.stderr,
        hideCursor: true,
      });
      this.#bar.start(all, done, { title, tail });
      this.#title = title;
      return;
    }
    this.#bar?.setTotal(all);
    this.#bar?.update(done, { title, tail });
  }

  end(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    this.#title = '';
  }
}

function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes >= 60
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : minutes > 0
      ? `${minutes} min`
      : `${Math.round(seconds)} s`;
}

/**
 * The engine, the decoder, the cache and the bar for a training. A training that goes on takes the engine and the threads
 * that it began with, unless others are asked for (which is refused then: results could differ).
 */
export async function trainContext(
  flags: EngineFlags,
  before: Begun | null,
): Promise<TrainContext & { readonly readSound: SoundReader; readonly endBars: () => void }> {
  const threads = flags.threads ?? before?.threads ?? availableParallelism();
  const name = parseEngineName(flags.engine ?? before?.provider ?? 'auto');
  const { tensorflowBackend } = flags;
  const engine = await openEngine(name, {
    threads,
    ...(tensorflowBackend !== undefined && { tensorflowBackend }),
    onFallback: warn,
  });
  const bars = new Bars();
  let isStopped = false;
  onInterruption(() => {
    isStopped = true;
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
      bars.show('reading', done, all, '');
      if (done === all) bars.end();
    },
    onProgress: ({ stage, epoch, epochs, step, steps, loss, etaSeconds }) => {
      const tail = `epoch ${epoch}/${epochs}, loss ${loss.toFixed(4)}, ${duration(etaSeconds)} left`;
      bars.show(stage, step, steps, tail);
    },
    isStopped: () => isStopped,
    endBars: () => {
      bars.end();
    },
  };
}
