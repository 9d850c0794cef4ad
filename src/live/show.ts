import {
  BehaviorSubject,
  interval,
  lastValueFrom,
  ReplaySubject,
  skipUntil,
  Subject,
  takeUntil,
  type Observable,
} from 'rxjs';
import { SynestheteError } from '../../models/errors.ts';
import type { AnalysisStatus, SupervisedAnalyser } from '../../streams/analysis/index.ts';
import type { AnalysedClip } from '../../streams/matching/index.ts';
import type { Control, ProgramState } from '../../streams/program/index.ts';
import type { Source, SourceEvent } from '../../streams/sources/index.ts';
import {
  FirstCounts,
  nothingToShow,
  programStatus,
  type LiveState,
  type LiveStatus,
  type MoodsByHand,
  type OpenedGallery,
  type ShowGallery,
  type ShowStep,
} from '../show/index.ts';
import { LiveCounters } from './counters.ts';
import { HeardSource } from './heard-source.ts';
import { liveShow, type ControlRequest } from './live.ts';
import { PictureWatch } from './picture-watch.ts';
import { ShowPictures } from './show-pictures.ts';
import { openShowStart, begunWith, type ShowStart, type LiveShowOptions } from './start.ts';
import { KeptNight, resumedNight } from './kept-night.ts';
import type { Chosen } from './saved-show.ts';
import { keepSaved, type Kept } from './state-file.ts';

const TICK_MS = 250;
/** Time between two checks of which pictures can be read. */
const LOOK_MS = 3000;

/** A running show from outside: its states, its status and its controls. */
export class LiveShow {
  readonly #options: LiveShowOptions;
  readonly #analysis: SupervisedAnalyser;
  readonly #states = new ReplaySubject<LiveState>(1);
  readonly #program: BehaviorSubject<ProgramState>;
  readonly #sources: BehaviorSubject<Source>;
  readonly #requests = new Subject<ControlRequest>();
  readonly #closed = new Subject<void>();
  /**
   * Whether the first source was opened. Before that the state is not kept: a show that never began can't be resumed.
   */
  readonly #sourceOpened = new Subject<void>();
  readonly #counters = new LiveCounters();
  readonly #firsts = new FirstCounts();
  /** The clip whose first picture was counted last. */
  #counted: AnalysedClip | undefined;
  readonly #night: KeptNight;
  readonly #pictures: ShowPictures;
  readonly #watch: PictureWatch;
  readonly #failsWithFirstSource: boolean;
  #chosen: Chosen;
  readonly #heard: HeardSource;
  #analysisStatus: AnalysisStatus;
  /** Settles when no switch of models is in progress. */
  #switching: Promise<unknown> = Promise.resolve();
  /** Resolves when the last state is written. */
  #saved: Promise<undefined> = Promise.resolve(undefined);

  private constructor(options: LiveShowOptions, begin: ShowStart) {
    const { analysis, source, sourceName, modelName, gallery } = begin;
    this.#options = options;
    this.#failsWithFirstSource = !begin.isResumed;
    this.#chosen = { source: sourceName, model: modelName, begunWith: begunWith(options) };
    this.#pictures = new ShowPictures(gallery, options.warn);
    this.#night = new KeptNight(begin.night);
    this.#analysis = analysis;
    this.#program = new BehaviorSubject(begin.initial);
    this.#sources = new BehaviorSubject(source);
    this.#heard = new HeardSource(source, options.warn);
    this.#watch = new PictureWatch({
      gallery: () => this.#pictures.gallery,
      program: () => this.#program.value,
      warn: options.warn,
    });
    this.#analysisStatus = { state: 'running', message: '', restarts: 0, model: analysis.model };
    analysis.status.subscribe((status) => {
      if (status.state === 'restarting' && this.#analysisStatus.state === 'running') {
        options.warn(`the analysis restarts, the show goes on: ${status.message}`);
      }
      this.#analysisStatus = status;
    });
  }

  /**
   * Opens the model and its pictures, and starts the show: with the source and the model of the run before, where that
   * began with the same ones as this. Rejects with the errors of either.
   */
  static async start(options: LiveShowOptions): Promise<LiveShow> {
    const begin = await openShowStart(options);
    const show = new LiveShow(options, begin);
    show.#begin(begin);
    return show;
  }

  /**
   * The states, starting with the newest. Fails when the show resumes no run and its first source can't be opened;
   * otherwise it goes on until `close`.
   */
  get states(): Observable<LiveState> {
    return this.#states;
  }

  /** The newest state of the program. */
  get program(): ProgramState {
    return this.#program.value;
  }

  /**
   * Does what the operator asks. Accepts a source that is not there: `status` says so, and the show tries it until it
   * is there.
   *
   * Rejects with a SynestheteError where it can't be done (an unknown picture, bank or source, another model without a
   * gallery, moods by hand that can't be written): then nothing has changed.
   */
  async control(control: Control): Promise<void> {
    if (control.control === 'source') {
      const source = this.#options.sourceNamed(control.source);
      this.#heard.change(source);
      const { model, begunWith } = this.#chosen;
      this.#chosen = { source: control.source, model, begunWith };
      this.#sources.next(source);
    } else if (control.control === 'channels') {
      this.#chosen = { ...this.#chosen, channels: this.#heard.chooseChannels(control.channels) };
    } else if (control.control === 'model') await this.#switchModel(control.model);
    else {
      const change = this.#pictures.applyControl(control, this.#program.value.screens[0]!.image);
      // All other controls are done in the same call.
      if (change !== undefined) await change;
    }
    const { effects } = await this.#ask(control);
    const refusal = effects.find((effect) => effect.kind === 'refused');
    if (refusal !== undefined) throw new SynestheteError('USAGE', refusal.message);
  }

  /** The step that a control brings about. */
  #ask(control: Control): Promise<ShowStep> {
    return new Promise((answer, reject) => {
      if (this.#requests.observed) this.#requests.next({ control, answer });
      else reject(new SynestheteError('USAGE', 'the show has ended: start it again'));
    });
  }

  /** The moods of pictures by hand: a table to read and to replace. */
  get moodsByHand(): Pick<MoodsByHand, 'csv' | 'replace'> {
    return this.#pictures.moodsByHand;
  }

  /** The pictures that the show draws on now. */
  get gallery(): ShowGallery {
    return this.#pictures.gallery;
  }

  status(): LiveStatus {
    const { clips: total, dropped, lost, lastLoss, gaps } = this.#counters;
    const { model, ...analysis } = this.#analysisStatus;
    return {
      source: this.#heard.status(),
      analysis,
      model,
      modelName: this.#chosen.model,
      models: this.#options.models,
      ...programStatus(this.#program.value),
      firsts: this.#firsts.summary(),
      moods: this.#pictures.moodsStatus(),
      keptOut: this.#pictures.keptOutStatus(),
      clips: { total, dropped, lost, lastLoss },
      gaps,
    };
  }

  async close(): Promise<void> {
    this.#closed.next();
    this.#pictures.close();
    this.#options.gallery.close?.();
    await Promise.all([this.#analysis.close(), this.#saved]);
  }

  #begin({ night }: Pick<ShowStart, 'night'>): void {
    const { stateFile, warn, hopSamples } = this.#options;
    const startedAtMs = performance.now();
    if (stateFile !== undefined) {
      const states = this.#program.pipe(skipUntil(this.#sourceOpened), takeUntil(this.#closed));
      const saved = keepSaved(stateFile, states, () => this.#kept(), warn);
      this.#saved = lastValueFrom(saved, { defaultValue: undefined });
    }
    interval(LOOK_MS)
      .pipe(takeUntil(this.#closed))
      .subscribe(() => void this.#watch.look());
    liveShow({
      sources: this.#sources,
      failsWithFirstSource: this.#failsWithFirstSource,
      analysis: this.#analysis,
      galleries: this.#pictures.changes,
      requests: this.#requests,
      pictureNews: this.#watch.news,
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
    void this.#watch.look();
  }

  #onSource(event: SourceEvent): void {
    this.#sourceOpened.next();
    if (event.kind === 'gap') this.#counters.gaps += 1;
    this.#heard.take(event);
  }

  #kept(): Kept {
    return { chosen: this.#chosen, night: this.#night.value };
  }

  #onStep({ event, state, effects }: ShowStep): void {
    if (event?.kind === 'match') this.#countFirst(event.clip, state);
    const nothing = this.#program.value.allowed.length > 0 ? nothingToShow(state) : undefined;
    if (nothing !== undefined) this.#options.warn(nothing);
    this.#program.next(state);
    for (const effect of effects) {
      if (effect.kind === 'show' && effect.image !== null) void this.#watch.check(effect.image);
    }
  }

  /** Counts clips of music only, and each once: a change by the operator matches it again. */
  #countFirst(clip: AnalysedClip, { gate, match }: ProgramState): void {
    const first = match?.candidates[0];
    if (clip === this.#counted || !gate.open || first === undefined) return;
    this.#counted = clip;
    this.#firsts.add(first.id);
  }

  /** One after the other: each has the gallery of its own model. */
  #switchModel(name: string): Promise<void> {
    const recipe = this.#options.modelNamed(name);
    const switched = this.#switching.then(async () => {
      let opened: OpenedGallery | undefined;
      const model = await this.#analysis.switchModel(recipe, async (facts) => {
        opened = await this.#options.gallery.open(facts);
        if (this.#pictures.isEmptied(opened)) {
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
      this.#pictures.replace(opened!);
    });
    this.#switching = switched.catch(() => undefined);
    return switched;
  }
}
