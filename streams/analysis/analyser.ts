import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ERROR_CODES, SynestheteError, type ErrorCode } from '../../models/errors.ts';
import type { FeatureRows } from '../../models/features/index.ts';
import type { Prediction } from '../../models/model/index.ts';
import type { Ranked, RankedPictures, RankRequest } from '../../models/ranking/index.ts';
import { startProcess } from '../../models/start-process.ts';
import type { Clip } from '../clips/index.ts';
import type {
  Answer,
  ClipAnswer,
  Failure,
  ModelInfo,
  ModelRecipe,
  Request,
  WorkerSettings,
} from './messages.ts';

/** What an analysis finds in a clip. */
export interface Analysis {
  readonly clip: Clip;
  /** 193 × 87, row-major (see FEATURE_GROUPS), of an analyser without a model; undefined of one with a model. */
  readonly features: Float32Array | undefined;
  /** What the model reads in it; undefined of an analyser without a model. */
  readonly prediction: Prediction | undefined;
  /** Fingerprint of the model that read it; undefined of an analyser without one. */
  readonly model: string | undefined;
  /** Root mean square of the clip. */
  readonly rms: number;
  /** Time that the computation itself took, in ms. */
  readonly elapsedMs: number;
}

export interface AnalyserOptions {
  /** Without one, only features are computed. */
  readonly model?: ModelRecipe;
  /** Ends a process that is not ready yet; `start` rejects with its reason. Has no say afterwards. */
  readonly signal?: AbortSignal;
}

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/** Numbers of picture vectors in one message: 1 MiB, which is sent and taken in a few ms. */
const PART_NUMBERS = 2 ** 18;

/** Why music can't be matched with the pictures that it was to be. */
export const PICTURES_REPLACED = 'the pictures were changed meanwhile';

/** Characters kept of what native libraries write as they end the process; the reason for its end quotes them. */
const LAST_WORDS = 2000;

/**
 * Analyses clips in a process of its own, in the order in which they are given.
 *
 * A process and not a thread: what ends in native code (a fault, a driver's abort, memory that ran out), or is ended
 * while native code runs, takes all threads of its process with it, and with them the show.
 */
export class Analyser {
  /** Of the model that the process opened; undefined without one. */
  readonly model: ModelInfo | undefined;
  /** Resolves, never rejects, with the reason once the process has ended. */
  readonly ended: Promise<Error>;
  readonly #worker: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #idleWaiters: (() => void)[] = [];
  #nextId = 0;
  #ended: Error | undefined;
  /** Settles when the newest pictures are loaded. */
  #pictures: Promise<void> = Promise.resolve();

  private constructor(worker: ChildProcess, model: ModelInfo | undefined, ended: Promise<Error>) {
    this.#worker = worker;
    this.model = model;
    worker.on('message', (answer: Answer) => {
      this.#settle(answer);
    });
    this.ended = ended.then((reason) => {
      this.#end(reason);
      return reason;
    });
  }

  /**
   * Starts the process; resolves when it is ready for the first clip. Rejects with CANNOT_START when there can be no
   * process, and with the error of the model where that can't be opened.
   */
  static async start({ model, signal }: AnalyserOptions = {}): Promise<Analyser> {
    signal?.throwIfAborted();
    const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
    const worker = await startProcess('the analysis process', () =>
      fork(fileURLToPath(new URL(file, import.meta.url)), {
        serialization: 'advanced',
        execArgv: withoutProgramText(process.execArgv),
        // Standard output is the program's own.
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      }),
    );
    const ended = endOf(worker);
    const ready = new Promise<ModelInfo | undefined>((resolve, reject) => {
      worker.once('message', (answer: Answer) => {
        if (answer.kind === 'ready') resolve(answer.model);
        else if (answer.kind === 'refused') reject(errorOf(answer));
      });
      void ended.then(({ message }) => {
        reject(new Error(`${message} before it was ready`));
      });
    });
    const settings: WorkerSettings = model === undefined ? {} : { model };
    worker.send(settings);
    let abort: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      abort = () => {
        reject(signal!.reason as Error);
      };
      signal?.addEventListener('abort', abort);
    });
    try {
      return new Analyser(worker, await Promise.race([ready, aborted]), ended);
    } catch (error) {
      worker.kill('SIGKILL');
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Has the model read a clip, or computes its features where there is no model. Rejects for a clip that is not 2 s long or
   * holds samples that are not finite, and for all clips in progress when the process ends.
   *
   * @param rows of the features, where there is no model
   */
  async analyse(clip: Clip, rows: FeatureRows = 'all'): Promise<Analysis> {
    const { samples, before } = clip;
    const answer = await this.#ask((id) => ({ kind: 'analyse', id, samples, before, rows }));
    const { features, prediction, rms, elapsedMs } = answer as Answer & ClipAnswer;
    return { clip, features, prediction, model: this.model?.fingerprint, rms, elapsedMs };
  }

  /**
   * The pictures that music is matched with from now on. They go out in parts, between which clips and everything else
   * of this process find their time.
   */
  setPictures(pictures: RankedPictures): void {
    const newest = this.#sendPictures(pictures, () => this.#pictures === newest);
    this.#pictures = newest;
    // `match` and `picturesLoaded` reject with this failure.
    newest.catch(() => undefined);
  }

  /**
   * Resolves when the newest pictures are there, or others have taken their place. Rejects when they can't be loaded, and
   * when the process ends.
   */
  picturesLoaded(): Promise<void> {
    return this.#pictures;
  }

  /**
   * Ranks the pictures for the music. Rejects without a model or without pictures, when other pictures take their place
   * before they are loaded, and when the process ends.
   */
  async match(request: RankRequest): Promise<Ranked> {
    const pictures = this.#pictures;
    await pictures;
    if (this.#pictures !== pictures) throw new Error(PICTURES_REPLACED);
    const answer = await this.#ask((id) => ({ kind: 'match', id, request }));
    return (answer as Extract<Answer, { kind: 'match' }>).ranked;
  }

  /** Resolves when all that was asked so far is done with, whether well or not; at once if there is nothing. */
  idle(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Ends the process. */
  async close(): Promise<void> {
    this.#worker.kill('SIGKILL');
    await this.ended;
  }

  async #sendPictures(
    { count, vectors, moods, neighbours = null, corrected = null }: RankedPictures,
    isNewest: () => boolean,
  ): Promise<void> {
    // The caller notes first that these are the newest.
    await Promise.resolve();
    // Without vectors the model's own width stands: a match compares with it.
    const width = count === 0 ? (this.model?.width ?? 1) : vectors.length / count;
    const parts: Request[] = [{ kind: 'pictures', count, width }];
    for (const [array, numbers] of [
      ['vectors', vectors],
      ['moods', moods],
    ] as const) {
      for (let offset = 0; offset < numbers.length; offset += PART_NUMBERS) {
        parts.push({
          kind: 'part',
          array,
          offset,
          numbers: numbers.subarray(offset, offset + PART_NUMBERS),
        });
      }
    }
    for (const part of parts) {
      if (!isNewest() || this.#ended !== undefined) return;
      await new Promise<void>((resolve) => {
        // A failed send means that the process has ended, which `ended` reports.
        this.#worker.send(part, () => {
          resolve();
        });
      });
    }
    if (isNewest()) await this.#ask((id) => ({ kind: 'load', id, neighbours, corrected }));
  }

  #ask(requestOf: (id: number) => Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      // A failed send means that the process has ended, which `ended` reports.
      this.#worker.send(requestOf(id), () => undefined);
    });
  }

  #settle(answer: Answer): void {
    if (answer.kind === 'ready' || answer.kind === 'refused') return;
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    this.#pending.delete(answer.id);
    if (answer.kind === 'failed') pending.reject(errorOf(answer));
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

/** Resolves with the reason when the process has ended, by itself or not. */
function endOf(worker: ChildProcess): Promise<Error> {
  let lastWords = '';
  worker.stderr!.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS);
  });
  // No process outlives this one, not even one that hangs.
  const kill = (): void => void worker.kill('SIGKILL');
  process.once('exit', kill);
  return new Promise((resolve) => {
    worker.on('error', resolve);
    worker.once('exit', (code, signal) => {
      process.off('exit', kill);
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      const why = tellingLine(lastWords);
      resolve(new Error(`the analysis process has ended ${how}${why === undefined ? '' : ` (${why})`}`));
    });
  });
}

/** The line that names the error in what a process says as it ends, else the last line. */
function tellingLine(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => /\w*error\b|terminate called|fatal/iu.test(line)) ??
    lines.findLast((line) => line !== '')
  );
}

/** An error that crossed from a process has lost its class, but not its code. */
function errorOf({ code, message, remedy }: Failure): Error {
  if (code === undefined || !Object.hasOwn(ERROR_CODES, code)) return new Error(message);
  return new SynestheteError(code as ErrorCode, message, { remedy });
}

/** Node's options without those that give it the program as text, as in `node -e`: what it is to run now is a file. */
function withoutProgramText(options: readonly string[]): string[] {
  const text = options.findIndex((option) => /^(?:-e|-p|-pe|--eval|--print)$/.test(option));
  const rest = text === -1 ? options : options.toSpliced(text, 2);
  return rest.filter((option) => !/^--(?:input-type|eval|print)=/.test(option));
}
