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
import { attend, followNight, smoothMood, type Night } from '../../streams/matching/index.ts';
import { newestWins } from '../../streams/operators/index.ts';
import {
  runProgram,
  type Control,
  type ProgramState,
  type ProgramStep,
} from '../../streams/program/index.ts';
import { inSuccession, type Source, type SourceEvent } from '../../streams/sources/index.ts';
import { LiveCounters } from './counters.ts';
import type { ShowGallery } from './gallery.ts';
import { demands, felt, matchEvent, matchPictures, type Demand } from './match.ts';
import type { PictureNews } from './picture-watch.ts';
import { liveStates, type LiveState } from './states.ts';

/** All that a live show is made of. */
export interface LiveInputs {
  /** The newest one is heard. */
  readonly sources: Observable<Source>;
  /** The show fails with the first source, should that fail before it gave any sound. */
  readonly failsWithFirstSource: boolean;
  readonly analysis: Pick<SupervisedAnalyser, 'analyse' | 'match' | 'setPictures' | 'model'>;
  /** Galleries that take the place of the one that the show began with. */
  readonly galleries: Observable<ShowGallery>;
  /** What the operator wants. */
  readonly controls: Observable<Control>;
  /** Which pictures can be read. */
  readonly pictureNews: Observable<PictureNews>;
  /** Time goes on while no sound comes: a few times a second. */
  readonly ticks: Observable<unknown>;
  readonly hopSamples: number;
  /** Seconds of the show, from 0 on. */
  readonly nowSeconds: () => number;
  readonly initial: ProgramState;
  /** Of a run before, to go on with. */
  readonly night: Night | undefined;
  readonly counters: LiveCounters;
  /** Gets the night so far, after each clip. */
  readonly onNight: (night: Night) => void;
  /** Gets every event of the source. */
  readonly onSource: (event: SourceEvent) => void;
  /** Gets every step of the program. */
  readonly onStep: (step: ProgramStep) => void;
}

/** The show: source → clips → analysis → mood → fit and push → matching → program → displays. */
export function liveShow(inputs: LiveInputs): Observable<LiveState> {
  const { analysis, counters, hopSamples, nowSeconds } = inputs;
  return defer(() => {
    const program = new BehaviorSubject(inputs.initial);
    const demanded = program.pipe(map(demands()), distinctUntilChanged(isSameDemand));
    const succession = inSuccession({ firstMayFail: inputs.failsWithFirstSource });
    const sound = inputs.sources.pipe(succession, tap(inputs.onSource), share());
    const moods = sound.pipe(
      clips({ hopSamples, isEarly: true }),
      counters.countClips(),
      newestWins((clip) => analysed(clip, inputs)),
      counters.countDrops(),
      map(felt),
      attend(() => analysis.model.attention),
      smoothMood(() => program.value.settings.smoothingSeconds),
      followNight(inputs.night, () => analysis.model.music, inputs.onNight),
    );
    const matches = combineLatest([moods, demanded]).pipe(
      newestWins(([mood, demand]) => matchPictures(analysis, mood, demand, program.value, counters)),
      map(({ result }) => result),
    );
    return merge(
      sound.pipe(
        levels(),
        map(({ rms, onset }) => ({ kind: 'level', atSeconds: nowSeconds(), rms, onset }) as const),
      ),
      matches.pipe(map((match) => matchEvent(match, nowSeconds()))),
      inputs.controls.pipe(
        map((control) => ({ kind: 'control', atSeconds: nowSeconds(), control }) as const),
      ),
      inputs.galleries.pipe(
        tap(({ pictures }) => {
          analysis.setPictures(pictures);
        }),
        map(({ catalogue }) => ({ kind: 'catalogue', atSeconds: nowSeconds(), catalogue }) as const),
      ),
      inputs.pictureNews.pipe(map((news) => ({ ...news, atSeconds: nowSeconds() }))),
      inputs.ticks.pipe(map(() => ({ kind: 'tick', atSeconds: nowSeconds() }) as const)),
    ).pipe(
      runProgram(inputs.initial),
      tap((step) => {
        inputs.onStep(step);
        program.next(step.state);
      }),
      liveStates(() => performance.now()),
      finalize(() => {
        program.complete();
      }),
    );
  });
}

/** A clip that is lost with the analysis process is one that was dropped: the show goes on without it. */
function analysed(clip: Clip, { analysis, counters }: LiveInputs): Observable<Analysis> {
  return from(analysis.analyse(clip)).pipe(
    catchError((error: unknown) => {
      counters.lose(error);
      return EMPTY;
    }),
  );
}

function isSameDemand(one: Demand, other: Demand): boolean {
  return (
    one.catalogue === other.catalogue &&
    one.allowedRows === other.allowedRows &&
    one.aim.offset === other.aim.offset &&
    one.aim.fit === other.aim.fit
  );
}
