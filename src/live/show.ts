import {
  BehaviorSubject,
  interval,
  lastValueFrom,
  ReplaySubject,
  skipUntil,
  Subject,
  takeUntil,
  type Observable,
  type Subscription,
} from 'rxjs';
import { SynestheteError } from '../../models/errors.ts';
import type { AnalysisStatus, SupervisedAnalyser } from '../../streams/analysis/index.ts';
import type { Control, ProgramEvent, ProgramState, ProgramStep } from '../../streams/program/index.ts';
import type { Source, SourceEvent } from '../../streams/sources/index.ts';
import { beginningOf, begunWith, type Beginning, type LiveShowOptions } from './beginning.ts';
import { LiveCounters } from './counters.ts';
import { FirstCounts } from './first-counts.ts';
import type { MoodsByHand, OpenedGallery, ShowGallery } from './gallery.ts';
import { liveShow } from './live.ts';
import { nothingToShow } from './nothing-to-show.ts';
import { PictureWatch } from './picture-watch.ts';
import { keepSaved, KeptNight, resumedNight, type Chosen, type Kept } from './state-file.ts';
import { clipOf, type LiveState } from './states.ts';
import { correctedIn, programStatus, type LiveStatus } from './status.ts';

const TICK_MS = 250;
/** How often it is looked which pictures can be read. */
const LOOK_MS = 3000;
/** Lines of the moods by hand that don't count and are told. */
const MOST_FAULTS = 5;

/** A show that runs, from outside: what it tells, and what can be asked of it. */
export class LiveShow {
  readonly #options: LiveShowOptions;
  readonly #analysis: SupervisedAnalyser;
  readonly #states = new ReplaySubject<LiveState>(1);
  readonly #program: BehaviorSubject<ProgramState>;
  readonly #sources: BehaviorSubject<Source>;
  readonly #controls = new Subject<Control>();
  readonly #galleries = new Subject<ShowGallery>();
  readonly #closed = new Subject<void>();
  /** The first source was opened. Before that nothing is kept: a show that never began can't be resumed. */
  readonly #sourceOpened = new Subject<void>();
  readonly #counters = new LiveCounters();
  readonly #firsts = new FirstCounts();
  /** The clip whose first picture was counted last. */
  #counted: unknown;
  readonly #night: KeptNight;
  readonly #pictures: PictureWatch;
  readonly #failsWithFirstSource: boolean;
  #chosen: Chosen;
  #gallery: ShowGallery;
  #moodsByHand: MoodsByHand;
  #watching: Subscription | undefined;
  #sourceStatus: LiveStatus['source'];
  #analysisStatus: AnalysisStatus;
  #refusal: string | undefined;
  /** Settles when no model is being switched to. */
  #switching: Promise<unknown> = Promise.resolve();
  /** Resolves when the last state is written. */
  #saved: Promise<undefined> = Promise.resolve(undefined);

  private constructor(options: LiveShowOptions, begin: Beginning) {
    const { analysis, source, sourceName, modelName, gallery } = begin;
    this.#options = options;
    this.#failsWithFirstSource = !begin.isResumed;
    this.#chosen = { source: sourceName, model: modelName, begunWith: begunWith(options) };
    this.#gallery = gallery;
    this.#moodsByHand = gallery.moodsByHand;
    this.#night = new KeptNight(begin.night);
    this.#analysis = analysis;
    this.#program = new BehaviorSubject(begin.initial);
    this.#sources = new BehaviorSubject(source);
    this.#sourceStatus = opening(source);
    this.#pictures = new PictureWatch({
      gallery: () => this.#gallery,
      program: () => this.#program.value,
      warn: options.warn,
    });
    this.#analysisStatus = { state: 'running', message: '', restarts: 0, model: analysis.model };
    analysis.status.subscribe((status) => {
      if (status.state === 'restarting' && this.#analysisStatus.state === 'running') {
        options.warn(`the analysis is started again, the show goes on: ${status.message}`);
      }
      this.#analysisStatus = status;
    });
  }

  /**
   * Opens the model and its pictures, and starts the show: with the source and the model of the run before, where that
   * began with the same ones as this. Rejects with the errors of either.
   */
  static async start(options: LiveShowOptions): Promise<LiveShow> {
    const begin = await beginningOf(options);
    const show = new LiveShow(options, begin);
    show.#begin(begin);
    return show;
  }

  /**
   * Starts with the newest. Fails when the first source of a show without a state file of a run before can't be opened;
   * else it goes on until `close`.
   */
  get states(): Observable<LiveState> {
    return this.#states;
  }

  /** The newest state of the program. */
  get program(): ProgramState {
    return this.#program.value;
  }

  /**
   * Does what the operator asks. A source is taken whether it is there or not: `status` tells, and it is tried until it
   * is there.
   *
   * Rejects with a SynestheteError where that can't be done (an unknown picture, bank or source, another model whose
   * gallery is not there, moods by hand that can't be written): then nothing has changed.
   */
  async control(control: Control): Promise<void> {
    if (control.control === 'source') {
      const source = this.#options.sourceNamed(control.source);
      this.#sourceStatus = opening(source);
      this.#chosen = { ...this.#chosen, source: control.source };
      this.#sources.next(source);
    } else if (control.control === 'model') await this.#switchModel(control.model);
    else {
      const change = this.#changeOfMoods(control);
      // All other controls are done in the same call.
      if (change !== undefined) await change;
    }
    this.#refusal = undefined;
    this.#controls.next(control);
    // The program answers in the same call.
    const refusal = this.#refusal as string | undefined;
    if (refusal !== undefined) throw new SynestheteError('USAGE', refusal);
  }

  /** The moods of pictures by hand: a table to be looked at, and to be put in the place of the one that is there. */
  get moodsByHand(): Pick<MoodsByHand, 'csv' | 'replace'> {
    return this.#moodsByHand;
  }

  /** The pictures that the show draws on now. */
  get gallery(): ShowGallery {
    return this.#gallery;
  }

  status(): LiveStatus {
    const { clips: total, dropped, lost, lastLoss, gaps } = this.#counters;
    const { model, ...analysis } = this.#analysisStatus;
    return {
      source: this.#sourceStatus,
      analysis,
      model,
      modelName: this.#chosen.model,
      models: this.#options.models,
      ...programStatus(this.#program.value),
      firsts: this.#firsts.summary(),
      moods: this.#moodsStatus(),
      clips: { total, dropped, lost, lastLoss },
      gaps,
    };
  }

  async close(): Promise<void> {
    this.#closed.next();
    this.#watching?.unsubscribe();
    await Promise.all([this.#analysis.close(), this.#saved]);
  }

  #begin({ gallery, night }: Pick<Beginning, 'gallery' | 'night'>): void {
    const { stateFile, warn, hopSamples } = this.#options;
    const startedAtMs = performance.now();
    if (stateFile !== undefined) {
      const states = this.#program.pipe(skipUntil(this.#sourceOpened), takeUntil(this.#closed));
      const saved = keepSaved(stateFile, states, () => this.#kept(), warn);
      this.#saved = lastValueFrom(saved, { defaultValue: undefined });
    }
    this.#follow(gallery.changes);
    interval(LOOK_MS)
      .pipe(takeUntil(this.#closed))
      .subscribe(() => void this.#pictures.look());
    liveShow({
      sources: this.#sources,
      failsWithFirstSource: this.#failsWithFirstSource,
      analysis: this.#analysis,
      galleries: this.#galleries,
      controls: this.#controls,
      pictureNews: this.#pictures.news,
      ticks: interval(TICK_MS),
      hopSamples,
      nowSeconds: () => (performance.now() - startedAtMs) / 1000,
      initial: this.#program.value,
      night: night && resumedNight(night),
      counters: this.#counters,
      onNight: (now) => {
        this.#night.take(now, Date.now());
      },
      onSource: (event) => {
        this.#onSource(event);
      },
      onStep: (step) => {
        this.#onStep(step);
      },
    })
      .pipe(takeUntil(this.#closed))
      .subscribe(this.#states);
    void this.#pictures.look();
  }

  #onSource(event: SourceEvent): void {
    this.#sourceOpened.next();
    if (event.kind === 'gap') this.#counters.gaps += 1;
    if (event.kind !== 'status') return;
    const { state, message } = event;
    const before = this.#sourceStatus;
    // That nobody feeds sound is no trouble.
    if (isAway(state) && !isAway(before.state) && before.kind !== 'feed') this.#options.warn(message);
    this.#sourceStatus = { ...before, state, message };
  }

  #kept(): Kept {
    return { chosen: this.#chosen, night: this.#night.value };
  }

  #onStep({ event, state, effects }: ProgramStep): void {
    if (event !== undefined) this.#countFirst(event, state);
    const nothing = this.#program.value.allowed.length > 0 ? nothingToShow(state) : undefined;
    if (nothing !== undefined) this.#options.warn(nothing);
    this.#program.next(state);
    for (const effect of effects) {
      if (effect.kind === 'refused') this.#refusal = effect.message;
      else if (effect.kind === 'show' && effect.image !== null) void this.#pictures.check(effect.image);
    }
  }

  /** Of music only, and each clip once: it is matched again when the operator changes something. */
  #countFirst(event: ProgramEvent, { gate, match }: ProgramState): void {
    const clip = clipOf(event);
    const first = match?.candidates[0];
    if (clip === undefined || clip === this.#counted || !gate.open || first === undefined) return;
    this.#counted = clip;
    this.#firsts.add(first.id);
  }

  /** @returns undefined for any other control */
  #changeOfMoods(control: Control): Promise<void> | undefined {
    if (control.control === 'mood-undo') return this.#moodsByHand.undo();
    if (control.control === 'mood-redo') return this.#moodsByHand.redo();
    if (control.control !== 'mood') return undefined;
    const { image, valence, arousal } = control;
    const name = this.#gallery.filesOf(image)?.name;
    if (name === undefined) throw new SynestheteError('USAGE', `the picture ${image} is not in the gallery`);
    return this.#moodsByHand.set(name, { valence, arousal });
  }

  #moodsStatus(): LiveStatus['moods'] {
    const { canUndo, canRedo, faults } = this.#moodsByHand;
    const byHand = correctedIn(this.#gallery.catalogue);
    return { byHand, canUndo, canRedo, faultCount: faults.length, faults: faults.slice(0, MOST_FAULTS) };
  }

  /** One after the other: each has the gallery of its own model. */
  #switchModel(name: string): Promise<void> {
    const recipe = this.#options.modelNamed(name);
    const switched = this.#switching.then(async () => {
      let opened: OpenedGallery | undefined;
      const model = await this.#analysis.switchModel(recipe, async (facts) => {
        opened = await this.#options.gallery.open(facts);
        if (this.#isEmptied(opened)) {
          throw new SynestheteError(
            'NO_INDEX',
            `the gallery has no pictures for the model ${name}: index it with that`,
          );
        }
        return opened.pictures;
      });
      for (const line of model.fallbacks) this.#options.warn(line);
      this.#chosen = { ...this.#chosen, model: name };
      this.#firsts.clear();
      this.#moodsByHand = opened!.moodsByHand;
      this.#take(opened!);
      this.#follow(opened!.changes);
    });
    this.#switching = switched.catch(() => undefined);
    return switched;
  }

  #take(gallery: ShowGallery): void {
    this.#gallery = gallery;
    this.#galleries.next(gallery);
  }

  /** A gallery that was emptied, as by an index of a disk that was away, must not end the show. */
  #isEmptied({ catalogue }: ShowGallery): boolean {
    return catalogue.pictures.length === 0 && this.#gallery.catalogue.pictures.length > 0;
  }

  #follow(changes: Observable<ShowGallery>): void {
    this.#watching?.unsubscribe();
    this.#watching = changes.subscribe((gallery) => {
      if (this.#isEmptied(gallery)) {
        this.#options.warn('the gallery is empty now: the pictures that it had stay until it has some again');
      } else this.#take(gallery);
    });
  }
}

function isAway(state: LiveStatus['source']['state']): boolean {
  return state === 'lost' || state === 'retrying';
}

function opening({ name, kind }: Source): LiveStatus['source'] {
  return { name, kind, state: 'opening', message: `opening ${name}` };
}
