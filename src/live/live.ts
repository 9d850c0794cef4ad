import {
  BehaviorSubject,
  catchError,
  combineLatest,
  defer,
  distinctUntilChanged,
  EMPTY,
  finalize,
  from,
  map,
  merge,
  share,
  tap,
  type Observable,
} from 'rxjs';
import type { Analysis, SupervisedAnalyser } from '../../streams/analysis/index.ts';
import { clips, type Clip } from '../../streams/clips/index.ts';
import { levels } from '../../streams/levels/index.ts';
import {
  attend,
  followNight,
  matchCriteria,
  matchedClip,
  matchEvent,
  smoothMood,
  toClipMood,
  type AnalysedClip,
  type MatchCriteria,
  type MatchedClip,
  type MoodInNight,
  type Night,
} from '../../streams/matching/index.ts';
import { newestWins } from '../../streams/operators/index.ts';
import { runProgram, type Control, type ProgramState } from '../../streams/program/index.ts';
import { switchSources, type Source, type SourceEvent } from '../../streams/sources/index.ts';
import {
  liveStates,
  type LiveState,
  type ShowEvent,
  type ShowGallery,
  type ShowStep,
} from '../show/index.ts';
import { LiveCounters } from './counters.ts';
import type { PictureNews } from './picture-watch.ts';

/** What the operator asks of the program, and who learns how it answered. */
export interface ControlRequest {
  readonly control: Control;
  /** Called with the step that the request brought about, in the call that sends the request. */
  readonly answer: (step: ShowStep) => void;
}

/** An event of a live show: a control comes with its request. */
type LiveEvent =
  | Exclude<ShowEvent, { kind: 'control' }>
  | (Extract<ShowEvent, { kind: 'control' }> & Pick<ControlRequest, 'answer'>);

/** All that a live show is made of. */
export interface LiveInputs {
  /** The newest one is heard. */
  readonly sources: Observable<Source>;
  /** Whether the show fails when the first source fails before it gives any sound. */
  readonly failsWithFirstSource: boolean;
  readonly analysis: Pick<SupervisedAnalyser, 'analyse' | 'match' | 'setPictures' | 'model'>;
  /** Galleries that replace the one that the show began with. */
  readonly galleries: Observable<ShowGallery>;
  readonly requests: Observable<ControlRequest>;
  /** Which pictures can be read. */
  readonly pictureNews: Observable<PictureNews>;
  /** A few times a second, so that time goes on while no sound comes. */
  readonly ticks: Observable<unknown>;
  readonly hopSamples: number;
  /** Seconds of the show, from 0 on. */
  readonly nowSeconds: () => number;
  readonly initial: ProgramState;
  /** The night of the run before, when this show resumes it. */
  readonly night: Night | undefined;
  readonly counters: LiveCounters;
  /** Gets the night so far, after each clip. */
  readonly onNight: (night: Night) => void;
  /** Gets every event of the source. */
  readonly onSource: (event: SourceEvent) => void;
  /** Gets every step of the program. */
  readonly onStep: (step: ShowStep) => void;
}

/** The show: source → clips → analysis → mood → matching → program → displays. */
export function liveShow(inputs: LiveInputs): Observable<LiveState> {
  return defer(() => {
    // The one loop: the program's decisions say which pictures are ranked next, and for which mood.
    const loop = new BehaviorSubject(inputs.initial);
    const sound = inputs.sources.pipe(
      switchSources({ firstMayFail: inputs.failsWithFirstSource }),
      tap(inputs.onSource),
      share(),
    );
    return merge(
      sound.pipe(levels(), map(levelEvent)),
      sound.pipe(moods(inputs, loop), matches(inputs, loop), map(matchEvent)),
      inputs.requests.pipe(map(controlEvent)),
      inputs.galleries.pipe(map((gallery) => catalogueEvent(gallery, inputs))),
      inputs.pictureNews,
      inputs.ticks.pipe(map(() => ({ kind: 'tick' }) as const)),
    ).pipe(
      map((event) => ({ ...event, atSeconds: inputs.nowSeconds() })),
      runProgram<LiveEvent>(inputs.initial),
      tap((step) => {
        inputs.onStep(step);
        if (step.event?.kind === 'control') step.event.answer(step);
        loop.next(step.state);
      }),
      liveStates(() => performance.now()),
      finalize(() => {
        loop.complete();
      }),
    );
  });
}

/** The mood of the music, after each clip that was analysed. */
function moods(
  { analysis, counters, hopSamples, night, onNight }: LiveInputs,
  program: BehaviorSubject<ProgramState>,
) {
  return (sound: Observable<SourceEvent>): Observable<MoodInNight<AnalysedClip>> =>
    sound.pipe(
      clips({ hopSamples, isEarly: true }),
      counters.countClips(),
      newestWins((clip) => analysed(clip, analysis, counters)),
      counters.countDrops(),
      map(({ result }) => toClipMood(result)),
      attend(() => analysis.model.attention),
      smoothMood(() => program.value.settings.smoothingSeconds),
      followNight(night, () => analysis.model.music, onNight),
    );
}

/** The pictures that fit the newest mood, and again when the operator or the gallery changes what may come. */
function matches({ analysis, counters }: LiveInputs, program: BehaviorSubject<ProgramState>) {
  return (samples: Observable<MoodInNight<AnalysedClip>>): Observable<MatchedClip> =>
    combineLatest([samples, program.pipe(map(matchCriteria()), distinctUntilChanged())]).pipe(
      newestWins(([mood, criteria]) => matched(mood, criteria, program.value, analysis, counters)),
      map(({ result }) => result),
    );
}

/** A clip that is lost with the analysis process counts as lost, and the show continues. */
function analysed(
  clip: Clip,
  analysis: LiveInputs['analysis'],
  counters: LiveCounters,
): Observable<Analysis> {
  return from(analysis.analyse(clip)).pipe(countLoss(counters));
}

/**
 * One match. None, counted as a loss, when it fails, as when the analysis is lost in the middle or the gallery changes:
 * the next clip brings the next match. None either for a mood of another model than the present one, which can't
 * compare it.
 */
function matched(
  mood: MoodInNight<AnalysedClip>,
  criteria: MatchCriteria,
  state: ProgramState,
  analysis: LiveInputs['analysis'],
  counters: LiveCounters,
): Observable<MatchedClip> {
  if (mood.clip.model !== analysis.model.fingerprint) return EMPTY;
  return from(matchedClip(analysis, mood, criteria, state)).pipe(countLoss(counters));
}

function countLoss<T>(counters: LiveCounters) {
  return catchError<T, Observable<never>>((error: unknown) => {
    counters.lose(error);
    return EMPTY;
  });
}

function levelEvent({ rms, onset }: { readonly rms: number; readonly onset: boolean }) {
  return { kind: 'level', rms, onset } as const;
}

function controlEvent({ control, answer }: ControlRequest) {
  return { kind: 'control', control, answer } as const;
}

/** Pictures that the program may choose are ones that the analysis can rank already. */
function catalogueEvent({ pictures, catalogue }: ShowGallery, { analysis }: LiveInputs) {
  analysis.setPictures(pictures);
  return { kind: 'catalogue', catalogue } as const;
}
