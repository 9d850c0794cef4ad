import { Worker } from 'node:worker_threads';
import type { Clip } from '../clips/index.ts';
import type { Answer, Request } from './messages.ts';

/** What is known of a clip. */
export interface Analysis {
  readonly clip: Clip;
  /** 193 × 87, row-major: see FEATURE_GROUPS. */
  readonly features: Float32Array;
  /** Time that the computation itself took, in ms. */
  readonly elapsedMs: number;
}

interface Pending {
  readonly clip: Clip;
  readonly resolve: (analysis: Analysis) => void;
  readonly reject: (reason: unknown) => void;
}

/** Analyses clips in a worker thread of its own, in the order in which they are given. */
export class Analyser {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #idleWaiters: (() => void)[] = [];
  #nextId = 0;
  #ended: Error | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (answer: Answer) => {
      this.#settle(answer);
    });
    worker.on('error', (error: unknown) => {
      this.#end(error instanceof Error ? error : new Error(String(error)));
    });
    worker.on('exit', () => {
      this.#end(new Error('the analysis thread has ended'));
    });
  }

  /** Starts the thread; resolves when it is ready for the first clip. Rejects if it can't start. */
  static async start(): Promise<Analyser> {
    const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
    const worker = new Worker(new URL(file, import.meta.url));
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => {
        resolve();
      });
      worker.once('error', reject);
      worker.once('exit', () => {
        reject(new Error('the analysis thread ended before it was ready'));
      });
    });
    return new Analyser(worker);
  }

  /**
   * Computes the features of a clip. Rejects for a clip that is not 2 s long or holds samples that are not finite,
   * and for all clips in progress when the thread ends.
   */
  analyse(clip: Clip): Promise<Analysis> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const id = this.#nextId++;
      this.#pending.set(id, { clip, resolve, reject });
      const request: Request = { id, samples: clip.samples };
      this.#worker.postMessage(request);
    });
  }

  /** Resolves when every clip that was given so far is done with, whether well or not; at once if there is none. */
  idle(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    this.#pending.delete(answer.id);
    if ('matrix' in answer) {
      pending.resolve({ clip: pending.clip, features: answer.matrix, elapsedMs: answer.elapsedMs });
    } else if ('error' in answer) {
      pending.reject(answer.error);
    }
    this.#wakeIdleWaiters();
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
    this.#wakeIdleWaiters();
  }

  #wakeIdleWaiters(): void {
    if (this.#pending.size > 0) return;
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }
}
