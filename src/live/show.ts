import { access } from 'node:fs/promises';
import {
  BehaviorSubject,
  interval,
  lastValueFrom,
  ReplaySubject,
  Subject,
  takeUntil,
  type Observable,
  type Subscription,
} from 'rxjs';
import { SynestheteError } from '../../models/errors.ts';
import {
  SupervisedAnalyser,
  type AnalysisStatus,
  type ModelFacts,
  type ModelRecipe,
} from '../../streams/analysis/index.ts';
import {
  initialState,
  upcoming,
  type Control,
  type ProgramSettings,
  type ProgramState,
  type ProgramStep,
} from '../../streams/program/index.ts';
import type { Source, SourceEvent, SourceStatus } from '../../streams/sources/index.ts';
import { LiveCounters } from './counters.ts';
import type { GalleryProvider, ShowGallery } from './gallery.ts';
import { liveShow } from './live.ts';
import { keepSaved, readSavedShow } from './state-file.ts';
import type { LiveState } from './states.ts';

export interface LiveShowOptions {
  readonly model: ModelRecipe;
  readonly gallery: GalleryProvider;
  readonly source: Source;
  /** Another source that the operator asks for. @throws SynestheteError when it is none of those that may be. */
  readonly sourceNamed: (name: string) => Source;
  /** Another model that the operator asks for. @throws SynestheteError likewise. */
  readonly modelNamed: (name: string) => ModelRecipe;
  /** What was chosen when the show was started goes before what is kept of the last run. */
  readonly settings: Partial<ProgramSettings>;
  readonly defaults: ProgramSettings;
  readonly hopSamples: number;
  /** Where the show is kept between runs; undefined: nowhere. */
  readonly stateFile?: string;
  /** Tells a person what went wrong and doesn't stop the show. */
  readonly warn: (message: string) => void;
}

/** How a show is doing, for the console and the terminal. */
export interface LiveStatus {
  readonly source: { readonly name: string; readonly kind: Source['kind'] } & Omit<
    SourceStatus,
    'kind' | 'state'
  > & {
      readonly state: SourceStatus['state'] | 'opening';
    };
  readonly analysis: Omit<AnalysisStatus, 'model'>;
  readonly model: ModelFacts;
  readonly settings: ProgramSettings;
  readonly pictures: { readonly total: number; readonly allowed: number };
  readonly bank: string | null;
  readonly banks: readonly string[];
  readonly bans: readonly string[];
  readonly hold: boolean;
  readonly pin: string | null;
  readonly blackout: boolean;
  readonly clips: {
    readonly total: number;
    readonly dropped: number;
    readonly lost: number;
    /** Why the last one was lost; empty when none was. */
    readonly lastLoss: string;
  };
  readonly gaps: number;
  /** What comes next on the main screen, should the music stay as it is. */
  readonly upcoming: readonly string[];
}

const TICK_MS = 250;
const PREVIEW = 5;

/** A show that runs, from outside: what it tells, and what can be asked of it. */
export class LiveShow {
  readonly #options: LiveShowOptions;
  readonly #analysis: SupervisedAnalyser;
  readonly #states = new ReplaySubject<LiveState>(1);
  readonly #program: BehaviorSubject<ProgramState>;
  readonly #sources: BehaviorSubject<Source>;
  readonly #controls = new Subject<Control>();
  readonly #galleries = new Subject<ShowGallery>();
  readonly #broken = new Subject<string>();
  readonly #closed = new Subject<void>();
  readonly #counters = new LiveCounters();
  readonly #checked = new Set<string>();
  #gallery: ShowGallery;
  #watching: Subscription | undefined;
  #sourceStatus: LiveStatus['source'];
  #analysisStatus: AnalysisStatus;
  #refusal: string | undefined;
  /** Resolves when the last state is written. */
  #saved: Promise<undefined> = Promise.resolve(undefined);

  private constructor(
    options: LiveShowOptions,
    analysis: SupervisedAnalyser,
    gallery: ShowGallery,
    initial: ProgramState,
  ) {
    this.#options = options;
    this.#gallery = gallery;
    this.#analysis = analysis;
    this.#program = new BehaviorSubject(initial);
    this.#sources = new BehaviorSubject(options.source);
    this.#sourceStatus = opening(options.source);
    this.#analysisStatus = { state: 'running', message: '', restarts: 0, model: analysis.model };
    analysis.status.subscribe((status) => {
      if (status.state === 'restarting' && this.#analysisStatus.state === 'running') {
        options.warn(`the analysis is started again, the show goes on: ${status.message}`);
      }
      this.#analysisStatus = status;
    });
  }

  /** Opens the model and its pictures, and starts the show. Rejects with the errors of either. */
  static async start(options: LiveShowOptions): Promise<LiveShow> {
    const { stateFile, warn, gallery } = options;
    const saved = stateFile === undefined ? undefined : await readSavedShow(stateFile, warn);
    let opened: ShowGallery | undefined;
    const analysis = await SupervisedAnalyser.start(options.model, async (model) => {
      opened = await gallery.open(model);
      return opened.pictures;
    });
    const kept = Object.fromEntries(
      Object.entries(saved?.settings ?? {}).filter(([, value]) => value !== undefined),
    ) as Partial<ProgramSettings>;
    const settings = { ...options.defaults, ...kept, ...options.settings };
    const initial = initialState(settings, opened!.catalogue, saved?.show);
    const show = new LiveShow(options, analysis, opened!, initial);
    show.#begin();
    return show;
  }

  /** Starts with the newest. Fails when the first source can't be opened; else it goes on until `close`. */
  get states(): Observable<LiveState> {
    return this.#states;
  }

  /** The newest state of the program. */
  get program(): ProgramState {
    return this.#program.value;
  }

  /**
   * Does what the operator asks.
   *
   * Rejects with a SynestheteError where that can't be done (an unknown picture or bank, another model's gallery that is
   * not there): then nothing has changed.
   */
  async control(control: Control): Promise<void> {
    if (control.control === 'source') {
      const source = this.#options.sourceNamed(control.source);
      this.#sourceStatus = opening(source);
      this.#sources.next(source);
    } else if (control.control === 'model') {
      await this.#switchModel(this.#options.modelNamed(control.model));
    }
    this.#refusal = undefined;
    this.#controls.next(control);
    // The program answers in the same call.
    const refusal = this.#refusal as string | undefined;
    if (refusal !== undefined) throw new SynestheteError('USAGE', refusal);
  }

  /** The pictures that the show draws on now. */
  get gallery(): ShowGallery {
    return this.#gallery;
  }

  /** A picture can't be read: another takes its place and it does not come again. */
  reportBroken(id: string): void {
    this.#broken.next(id);
  }

  status(): LiveStatus {
    const { clips: total, dropped, lost, lastLoss, gaps } = this.#counters;
    const { model, ...analysis } = this.#analysisStatus;
    return {
      source: this.#sourceStatus,
      analysis,
      model,
      ...programStatus(this.#program.value),
      clips: { total, dropped, lost, lastLoss },
      gaps,
    };
  }

  async close(): Promise<void> {
    this.#closed.next();
    this.#watching?.unsubscribe();
    await Promise.all([this.#analysis.close(), this.#saved]);
  }

  #begin(): void {
    const { stateFile, warn, hopSamples } = this.#options;
    const startedAtMs = performance.now();
    if (stateFile !== undefined) {
      const saved = keepSaved(stateFile, this.#program.pipe(takeUntil(this.#closed)), warn);
      this.#saved = lastValueFrom(saved, { defaultValue: undefined });
    }
    this.#watchGallery(this.#analysis.model);
    liveShow({
      sources: this.#sources,
      analysis: this.#analysis,
      galleries: this.#galleries,
      controls: this.#controls,
      broken: this.#broken,
      ticks: interval(TICK_MS),
      hopSamples,
      nowSeconds: () => (performance.now() - startedAtMs) / 1000,
      initial: this.#program.value,
      counters: this.#counters,
      onSource: (event) => {
        this.#onSource(event);
      },
      onStep: (step) => {
        this.#onStep(step);
      },
    })
      .pipe(takeUntil(this.#closed))
      .subscribe(this.#states);
  }

  #onSource(event: SourceEvent): void {
    if (event.kind === 'gap') this.#counters.gaps += 1;
    if (event.kind !== 'status') return;
    const { state, message } = event;
    this.#sourceStatus = { ...this.#sourceStatus, state, message };
  }

  #onStep({ state, effects }: ProgramStep): void {
    this.#program.next(state);
    for (const effect of effects) {
      if (effect.kind === 'refused') this.#refusal = effect.message;
      else if (effect.kind === 'show') this.#check(effect.image);
    }
  }

  /** A picture whose file was deleted is found out as it comes on show, before displays stand there without it. */
  #check(id: string | null): void {
    if (id === null || this.#checked.has(id)) return;
    const files = this.#gallery.filesOf(id);
    if (files === undefined) return;
    this.#checked.add(id);
    access(files.rendition)
      .catch(() => {
        this.#options.warn(`${files.name} can't be read any more and is left out: index the gallery again`);
        this.#broken.next(id);
      })
      .finally(() => this.#checked.delete(id));
  }

  async #switchModel(recipe: ModelRecipe): Promise<void> {
    let opened: ShowGallery | undefined;
    const model = await this.#analysis.switchModel(recipe, async (facts) => {
      opened = await this.#options.gallery.open(facts);
      return opened.pictures;
    });
    this.#take(opened!);
    this.#watchGallery(model);
  }

  #take(gallery: ShowGallery): void {
    this.#gallery = gallery;
    this.#galleries.next(gallery);
  }

  #watchGallery(model: ModelFacts): void {
    this.#watching?.unsubscribe();
    this.#watching = this.#options.gallery.changes(model).subscribe({
      next: (gallery) => {
        this.#take(gallery);
      },
      error: (error: unknown) => {
        this.#options.warn(`the gallery is not watched any more: ${(error as Error).message}`);
      },
    });
  }
}

/** What the status tells of the program. */
export function programStatus(
  state: ProgramState,
): Omit<LiveStatus, 'source' | 'analysis' | 'model' | 'clips' | 'gaps'> {
  const { settings, catalogue, allowed, bans, hold, pin, blackout, bankInForce } = state;
  return {
    settings,
    pictures: { total: catalogue.pictures.length, allowed: allowed.length },
    bank: bankInForce,
    banks: catalogue.banks,
    bans: [...bans],
    hold,
    pin,
    blackout: blackout.on,
    upcoming: upcoming(state, PREVIEW),
  };
}

function opening({ name, kind }: Source): LiveStatus['source'] {
  return { name, kind, state: 'opening', message: `opening ${name}` };
}
