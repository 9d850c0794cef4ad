import { concatMap, connect, filter, from, map, merge, type Observable } from 'rxjs';
import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import type { AnalysisPool } from '../../streams/analysis/index.ts';
import { clips } from '../../streams/clips/index.ts';
import { LEVEL_HOP_SAMPLES, levels, type Level } from '../../streams/levels/index.ts';
import {
  attendStep,
  nightStep,
  smoothStep,
  type Attended,
  type MusicMood,
  type Night,
  type Smoothed,
  matchCriteria,
  toClipMood,
  matchedClip,
  matchEvent,
  type AnalysedClip,
} from '../../streams/matching/index.ts';
import { advance, type ProgramState } from '../../streams/program/index.ts';
import { oneAfterAnother, type Source } from '../../streams/sources/index.ts';
import type { ShowStep } from '../show/index.ts';

export interface ReplayInputs {
  /**
   * Played one after the other. Give them blocks of LEVEL_HOP_SAMPLES, so that every machine gets the same result, and
   * let them wait for `AnalysisPool.ready`, so that the analysis can follow.
   */
  readonly sources: readonly Source[];
  /** With its pictures set. */
  readonly analysis: Pick<AnalysisPool, 'analyse' | 'match' | 'model'>;
  readonly initial: ProgramState;
  readonly hopSamples: number;
}

/** What one event of the sound brings about. */
export interface ReplayMoment {
  readonly step: ShowStep;
  /** Set where the event was a level. */
  readonly level?: Level;
  /** Set where the event was a match. */
  readonly mood?: MusicMood;
}

/**
 * A live show over recorded sound: the same levels, clips, matching and program, on the sound's own clock. Analyses
 * clips ahead, several at once, and takes them in order: each has its effect at the moment its last sample is heard, as
 * if the analysis took no time. So the same sound and settings give the same show, bit for bit.
 */
export function replay({ sources, analysis, initial, hopSamples }: ReplayInputs): Observable<ReplayMoment> {
  const show = new ReplayedShow(analysis, initial);
  return oneAfterAnother(sources).pipe(
    connect((sound) =>
      merge(
        sound.pipe(
          levels(),
          map((level) => () => Promise.resolve(show.onLevel(level))),
        ),
        sound.pipe(
          clips({ hopSamples, isEarly: true }),
          map((clip) => {
            const analysed = analysis.analyse(clip);
            // The error is thrown when the clip's turn comes.
            analysed.catch(() => undefined);
            return async () => show.onClip(toClipMood(await analysed));
          }),
        ),
      ),
    ),
    concatMap((take) => from(take())),
    filter((moment) => moment !== undefined),
  );
}

class ReplayedShow {
  readonly #analysis: Pick<AnalysisPool, 'match' | 'model'>;
  readonly #criteriaOf = matchCriteria();
  #state: ProgramState;
  #attended: Attended<AnalysedClip> | undefined;
  #mood: Smoothed | undefined;
  #night: Night | undefined;

  constructor(analysis: Pick<AnalysisPool, 'match' | 'model'>, initial: ProgramState) {
    this.#analysis = analysis;
    this.#state = initial;
  }

  onLevel(level: Level): ReplayMoment {
    const atSeconds = (level.atSample + LEVEL_HOP_SAMPLES) / SAMPLE_RATE_HZ;
    const { rms, onset } = level;
    return { step: this.#advance({ kind: 'level', atSeconds, rms, onset }), level };
  }

  async onClip(heard: AnalysedClip): Promise<ReplayMoment | undefined> {
    this.#attended = attendStep(this.#attended, heard, this.#analysis.model!.attention);
    const { clip } = this.#attended;
    this.#mood = smoothStep(this.#mood, clip, this.#state.settings.smoothingSeconds);
    if (this.#mood === undefined) return undefined;
    const { mood } = this.#mood;
    this.#night = nightStep(this.#night, { clip, mood }, () => this.#analysis.model!.music);
    const sample = { clip, mood, night: this.#night.spread };
    const match = await matchedClip(this.#analysis, sample, this.#criteriaOf(this.#state), this.#state);
    return { step: this.#advance({ ...matchEvent(match), atSeconds: clip.endSeconds }), mood };
  }

  #advance(event: NonNullable<ShowStep['event']>): ShowStep {
    const step = advance(this.#state, event);
    this.#state = step.state;
    return step;
  }
}
