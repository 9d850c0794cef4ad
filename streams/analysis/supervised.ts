import { BehaviorSubject, type Observable } from 'rxjs';
import { isAborted } from '../../models/aborted.ts';
import { SynestheteError, messageOf, remedyOf } from '../../models/errors.ts';
import type { Remedy } from '../../models/remedy.ts';
import type { Ranked, RankedPictures, RankRequest } from '../../models/ranking/index.ts';
import type { Clip } from '../clips/index.ts';
import { Analyser, PICTURES_REPLACED, type Analysis } from './analyser.ts';
import type { ModelInfo, ModelRecipe } from './messages.ts';

export interface AnalysisStatus {
  readonly state: 'running' | 'restarting';
  /** One line: why it is being restarted; empty while all is well. */
  readonly message: string;
  /** What to do about it, where something can be done. */
  readonly remedy?: Remedy | undefined;
  /** How often the process was started again. */
  readonly restarts: number;
  readonly model: ModelInfo;
}

/**
 * A clip takes about 15 ms. A process that is silent longer than this hangs and will not come back: one that others
 * on the machine only starve would be back sooner than a new one.
 */
const HUNG_MS = 2000;

/** How long a process may take until it is ready. An engine that hangs as it opens the model never is. */
interface StartLimits {
  /** For a model that is opened for the first time: a large one from a slow disk takes its time. */
  readonly firstMs: number;
  /** For one that was open before; each time that it takes longer, it gets twice as long, up to `firstMs`. */
  readonly againMs: number;
}

const START_LIMITS: StartLimits = { firstMs: 120_000, againMs: 20_000 };

/** Waits before the first, second, … start after a crash, while no clip has come through in between. */
const PAUSES_MS = [0, 100, 250, 500, 1000];

/**
 * An analyser that can crash, hang, and be given another model, while the show goes on: a process that ends or does
 * not answer is replaced at once, and what was in progress fails with ANALYSIS_LOST. It never ends by itself; while the
 * new process starts, whatever is asked fails in the same way.
 */
export class SupervisedAnalyser {
  readonly #status: BehaviorSubject<AnalysisStatus>;
  #current: { readonly analyser: Analyser; lost: boolean } | undefined;
  readonly #limits: StartLimits;
  readonly #closing = new AbortController();
  /** Ends the present attempts to start the process again. */
  #restarting = new AbortController();
  #recipe: ModelRecipe;
  #pictures: RankedPictures;
  #failuresInARow = 0;

  private constructor(recipe: ModelRecipe, { analyser, model, pictures }: Opened, limits: StartLimits) {
    this.#recipe = recipe;
    this.#pictures = pictures;
    this.#limits = limits;
    this.#status = new BehaviorSubject<AnalysisStatus>({ state: 'running', message: '', restarts: 0, model });
    this.#watch(analyser);
  }

  /**
   * Opens the model in a process and gives it the pictures that `picturesFor` finds for that model. Rejects with the
   * errors of either, and with ENGINE_FAILED when the process takes too long.
   */
  static async start(
    recipe: ModelRecipe,
    picturesFor: (model: ModelInfo) => Promise<RankedPictures>,
    limits: StartLimits = START_LIMITS,
  ): Promise<SupervisedAnalyser> {
    const opened = await open(recipe, picturesFor, limits.firstMs, new AbortController().signal);
    return new SupervisedAnalyser(recipe, opened, limits);
  }

  /** Starts with the present status. Completes when this is closed. */
  get status(): Observable<AnalysisStatus> {
    return this.#status;
  }

  get model(): ModelInfo {
    return this.#status.value.model;
  }

  /** Rejects as `Analyser.analyse`, and with ANALYSIS_LOST when the process ends, hangs or is being started. */
  analyse(clip: Clip): Promise<Analysis> {
    return this.#ask((analyser) => analyser.analyse(clip));
  }

  /** Rejects with ANALYSIS_LOST as `analyse` does. */
  async match(request: RankRequest): Promise<Ranked> {
    // However many they are, that they are on their way is no sign of a process that hangs.
    const pictures = this.#pictures;
    await this.#current?.analyser.picturesLoaded();
    if (this.#pictures !== pictures) throw lost(PICTURES_REPLACED);
    return this.#ask((analyser) => analyser.match(request));
  }

  /** The pictures that music is matched with from now on. */
  setPictures(pictures: RankedPictures): void {
    if (pictures === this.#pictures) return;
    this.#pictures = pictures;
    this.#current?.analyser.setPictures(pictures);
  }

  /**
   * Puts another model in place of the present one, which goes on until the other is ready with its pictures. Rejects,
   * and changes nothing, when the model can't be opened or `picturesFor` has none for it.
   */
  async switchModel(
    recipe: ModelRecipe,
    picturesFor: (model: ModelInfo) => Promise<RankedPictures>,
  ): Promise<ModelInfo> {
    const { signal } = this.#closing;
    const { analyser, model, pictures } = await open(recipe, picturesFor, this.#limits.firstMs, signal);
    if (signal.aborted) {
      await analyser.close();
      signal.throwIfAborted();
    }
    const before = this.#current;
    this.#restarting.abort();
    this.#recipe = recipe;
    this.#pictures = pictures;
    if (before !== undefined) before.lost = true;
    this.#watch(analyser);
    this.#tell({ state: 'running', message: '', remedy: undefined, model });
    // Not awaited: the caller takes the new pictures before anything asks about them.
    void before?.analyser.close();
    return model;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the analysis ends'));
    this.#restarting.abort();
    this.#status.complete();
    await this.#current?.analyser.close();
  }

  async #ask<T>(question: (analyser: Analyser) => Promise<T>): Promise<T> {
    const asked = this.#current;
    if (asked === undefined) throw lost(this.#status.value.message);
    let watchdog: NodeJS.Timeout | undefined;
    const hung = new Promise<never>((_, reject) => {
      watchdog = setTimeout(() => {
        const reason = `the analysis process did not answer for ${HUNG_MS / 1000} s`;
        this.#lose(asked, reason);
        reject(lost(reason));
      }, HUNG_MS);
    });
    try {
      const answer = await Promise.race([question(asked.analyser), hung]);
      this.#failuresInARow = 0;
      return answer;
    } catch (error) {
      throw asked.lost ? lost(messageOf(error)) : error;
    } finally {
      clearTimeout(watchdog);
    }
  }

  #watch(analyser: Analyser): void {
    const watched = { analyser, lost: false };
    this.#current = watched;
    void analyser.ended.then((reason) => {
      this.#lose(watched, reason.message);
    });
  }

  #lose(watched: { readonly analyser: Analyser; lost: boolean }, reason: string): void {
    if (watched.lost || this.#closing.signal.aborted) return;
    watched.lost = true;
    this.#current = undefined;
    this.#tell({
      state: 'restarting',
      message: reason,
      remedy: undefined,
      restarts: this.#status.value.restarts + 1,
    });
    void watched.analyser.close();
    this.#restarting = new AbortController();
    void this.#restart(this.#restarting.signal);
  }

  /** @param overtaken aborted when another model has taken over, and at the end */
  async #restart(overtaken: AbortSignal): Promise<void> {
    const { againMs, firstMs } = this.#limits;
    for (let limitMs = againMs; ; limitMs = Math.min(firstMs, 2 * limitMs)) {
      const pauseMs = PAUSES_MS[Math.min(this.#failuresInARow, PAUSES_MS.length - 1)]!;
      this.#failuresInARow += 1;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (overtaken.aborted) return;
      try {
        const analyser = await startWithin(limitMs, this.#recipe, overtaken);
        if (isAborted(overtaken)) {
          await analyser.close();
          return;
        }
        analyser.setPictures(this.#pictures);
        this.#watch(analyser);
        this.#tell({ state: 'running', message: '', remedy: undefined });
        return;
      } catch (error) {
        if (isAborted(overtaken)) return;
        this.#tell({ state: 'restarting', message: messageOf(error), remedy: remedyOf(error) });
      }
    }
  }

  #tell(change: Partial<AnalysisStatus>): void {
    this.#status.next({ ...this.#status.value, ...change });
  }
}

interface Opened {
  readonly analyser: Analyser;
  readonly model: ModelInfo;
  readonly pictures: RankedPictures;
}

async function open(
  recipe: ModelRecipe,
  picturesFor: (model: ModelInfo) => Promise<RankedPictures>,
  limitMs: number,
  signal: AbortSignal,
): Promise<Opened> {
  const analyser = await startWithin(limitMs, recipe, signal);
  try {
    const pictures = await picturesFor(analyser.model!);
    analyser.setPictures(pictures);
    await analyser.picturesLoaded();
    return { analyser, model: analyser.model!, pictures };
  } catch (error) {
    await analyser.close();
    throw error;
  }
}

/** @throws SynestheteError ENGINE_FAILED when it is not ready in time, and as `Analyser.start` */
async function startWithin(limitMs: number, model: ModelRecipe, signal: AbortSignal): Promise<Analyser> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    const reason = `the analysis was not ready within ${limitMs / 1000} s: its engine hangs, or the machine is too busy`;
    const remedy = { kind: 'use-engine', engine: 'cpu' } as const;
    late.abort(new SynestheteError('ENGINE_FAILED', reason, { remedy }));
  }, limitMs);
  try {
    return await Analyser.start({ model, signal: AbortSignal.any([signal, late.signal]) });
  } finally {
    clearTimeout(timer);
  }
}

function lost(reason: string): SynestheteError {
  return new SynestheteError('ANALYSIS_LOST', `the analysis was lost and is started again: ${reason}`);
}
