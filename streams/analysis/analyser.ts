import { Worker } from 'node:worker_threads';
import { ERROR_CODES, SynestheteError, type ErrorCode } from '../../models/errors.ts';
import type { Reading } from '../../models/serving/index.ts';
import type { Clip } from '../clips/index.ts';
import type { Ranked, RankedPictures, RankRequest } from '../matching/index.ts';
import type { Answer, ClipAnswer, ModelFacts, ModelRecipe, Request, WorkerSettings } from './messages.ts';

/** What is known of a clip. */
export interface Analysis {
  readonly clip: Clip;
  /** 193 × 87, row-major: see FEATURE_GROUPS. */
  readonly features: Float32Array;
  /** What the model reads in it; undefined of an analyser without a model. */
  readonly reading: Reading | undefined;
  /** Root mean square of the clip. */
  readonly rms: number;
  /** Time that the computation itself took, in ms. */
  readonly elapsedMs: number;
}

export interface AnalyserOptions {
  /** Without one, only features are computed. */
  readonly model?: ModelRecipe;
}

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/** Analyses clips in a worker thread of its own, in the order in which they are given. */
export class Analyser {
  /** Of the model that the thread has opened, if it was to. */
  readonly model: ModelFacts | undefined;
  /** Resolves, never rejects, with the reason once the thread has ended. */
  readonly ended: Promise<Error>;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #idleWaiters: (() => void)[] = [];
  #nextId = 0;
  #ended: Error | undefined;

  private constructor(worker: Worker, model: ModelFacts | undefined) {
    this.#worker = worker;
    this.model = model;
    worker.on('message', (answer: Answer) => {
      this.#settle(answer);
    });
    this.ended = new Promise((resolve) => {
      const end = (reason: Error): void => {
        this.#end(reason);
        resolve(reason);
      };
      worker.on('error', (error: unknown) => {
        end(error instanceof Error ? error : new Error(String(error)));
      });
      worker.on('exit', () => {
        end(new Error('the analysis thread has ended'));
      });
    });
  }

  /**
   * Starts the thread; resolves when it is ready for the first clip. Rejects if it can't start, with the error of
   * the model where that can't be opened.
   */
  static async start({ model }: AnalyserOptions = {}): Promise<Analyser> {
    const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
    const workerData: WorkerSettings = model === undefined ? {} : { model };
    const worker = new Worker(new URL(file, import.meta.url), { workerData });
    const facts = await new Promise<ModelFacts | undefined>((resolve, reject) => {
      worker.once('message', (answer: Answer) => {
        resolve(answer.kind === 'ready' ? answer.model : undefined);
      });
      worker.once('error', (error: unknown) => {
        reject(withItsCode(error));
      });
      worker.once('exit', () => {
        reject(new Error('the analysis thread ended before it was ready'));
      });
    });
    return new Analyser(worker, facts);
  }

  /**
   * Computes the features of a clip, and what the model reads in them. Rejects for a clip that is not 2 s long or
   * holds samples that are not finite, and for all clips in progress when the thread ends.
   */
  async analyse(clip: Clip): Promise<Analysis> {
    const answer = await this.#ask((id) => ({ kind: 'analyse', id, samples: clip.samples }));
    const { matrix: features, reading, rms, elapsedMs } = answer as Answer & ClipAnswer;
    return { clip, features, reading, rms, elapsedMs };
  }

  /** The pictures that music is matched with from now on. */
  setPictures(pictures: RankedPictures): void {
    const request: Request = { kind: 'pictures', pictures };
    this.#worker.postMessage(request);
  }

  /** Ranks the pictures for the music. Rejects without a model or without pictures, and when the thread ends. */
  async match(request: RankRequest): Promise<Ranked> {
    const answer = await this.#ask((id) => ({ kind: 'match', id, request }));
    return (answer as Extract<Answer, { kind: 'match' }>).ranked;
  }

  /** Resolves when all that was asked so far is done with, whether well or not; at once if there is nothing. */
  idle(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(requestOf: (id: number) => Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage(requestOf(id));
    });
  }

  #settle(answer: Answer): void {
    if (answer.kind === 'ready') return;
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    this.#pending.delete(answer.id);
    if (answer.kind === 'failed') pending.reject(answer.error);
    else pending.resolve(answer);
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

/** An error that crossed from a thread has lost its class, but not its code. */
function withItsCode(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const { code, message } = error as Error & { readonly code?: unknown };
  if (typeof code !== 'string' || !Object.hasOwn(ERROR_CODES, code)) return error;
  return new SynestheteError(code as ErrorCode, message, { cause: error });
}
