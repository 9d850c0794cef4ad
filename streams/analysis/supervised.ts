import { BehaviorSubject, type Observable } from 'rxjs';
import { SynestheteError } from '../../models/errors.ts';
import type { Clip } from '../clips/index.ts';
import type { Ranked, RankedPictures, RankRequest } from '../matching/index.ts';
import { Analyser, CHANGED, type Analysis } from './analyser.ts';
import type { ModelFacts, ModelRecipe } from './messages.ts';

export interface AnalysisStatus {
  readonly state: 'running' | 'restarting';
  /** One line: why it is being restarted; empty while all is well. */
  readonly message: string;
  /** How often the process was started again. */
  readonly restarts: number;
  readonly model: ModelFacts;
}

/** A clip takes about 15 ms. A process that is silent for so long hangs and will not come back. */
const HUNG_MS = 1000;

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
  #recipe: ModelRecipe;
  #pictures: RankedPictures;
  #failuresInARow = 0;
  #closed = false;

  private constructor(recipe: ModelRecipe, analyser: Analyser, model: ModelFacts, pictures: RankedPictures) {
    this.#recipe = recipe;
    this.#pictures = pictures;
    this.#status = new BehaviorSubject<AnalysisStatus>({ state: 'running', message: '', restarts: 0, model });
    this.#watch(analyser);
  }

  /**
   * Opens the model in a process and gives it the pictures that `picturesFor` finds for that model. Rejects with the
   * errors of either.
   */
  static async start(
    recipe: ModelRecipe,
    picturesFor: (model: ModelFacts) => Promise<RankedPictures>,
  ): Promise<SupervisedAnalyser> {
    const { analyser, model, pictures } = await open(recipe, picturesFor);
    return new SupervisedAnalyser(recipe, analyser, model, pictures);
  }

  /** Starts with the present status. Completes when this is closed. */
  get status(): Observable<AnalysisStatus> {
    return this.#status;
  }

  get model(): ModelFacts {
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
    if (this.#pictures !== pictures) throw lost(CHANGED);
    return this.#ask((analyser) => analyser.match(request));
  }

  /** The pictures that music is matched with from now on. */
  setPictures(pictures: RankedPictures): void {
    this.#pictures = pictures;
    this.#current?.analyser.setPictures(pictures);
  }

  /**
   * Puts another model in place of the present one, which goes on until the other is ready with its pictures. Rejects,
   * and changes nothing, when the model can't be opened or `picturesFor` has none for it.
   */
  async switchModel(
    recipe: ModelRecipe,
    picturesFor: (model: ModelFacts) => Promise<RankedPictures>,
  ): Promise<ModelFacts> {
    const { analyser, model, pictures } = await open(recipe, picturesFor);
    const before = this.#current;
    this.#recipe = recipe;
    this.#pictures = pictures;
    if (before !== undefined) before.lost = true;
    this.#watch(analyser);
    this.#tell({ state: 'running', message: '', model });
    await before?.analyser.close();
    return model;
  }

  async close(): Promise<void> {
    this.#closed = true;
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
    if (watched.lost || this.#closed) return;
    watched.lost = true;
    this.#current = undefined;
    this.#tell({ state: 'restarting', message: reason, restarts: this.#status.value.restarts + 1 });
    void watched.analyser.close();
    void this.#restart();
  }

  async #restart(): Promise<void> {
    for (;;) {
      const pauseMs = PAUSES_MS[Math.min(this.#failuresInARow, PAUSES_MS.length - 1)]!;
      this.#failuresInARow += 1;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (this.#closed || this.#current !== undefined) return;
      const recipe = this.#recipe;
      try {
        const analyser = await Analyser.start({ model: recipe });
        // All of them may have changed while the process started.
        if (this.#isOvertaken(recipe)) {
          await analyser.close();
          continue;
        }
        analyser.setPictures(this.#pictures);
        this.#watch(analyser);
        this.#tell({ state: 'running', message: '' });
        return;
      } catch (error) {
        this.#tell({ state: 'restarting', message: messageOf(error) });
      }
    }
  }

  #isOvertaken(recipe: ModelRecipe): boolean {
    return this.#closed || this.#current !== undefined || recipe !== this.#recipe;
  }

  #tell(change: Partial<AnalysisStatus>): void {
    this.#status.next({ ...this.#status.value, ...change });
  }
}

async function open(
  recipe: ModelRecipe,
  picturesFor: (model: ModelFacts) => Promise<RankedPictures>,
): Promise<{ analyser: Analyser; model: ModelFacts; pictures: RankedPictures }> {
  const analyser = await Analyser.start({ model: recipe });
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

function lost(reason: string): SynestheteError {
  return new SynestheteError('ANALYSIS_LOST', `the analysis was lost and is started again: ${reason}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
