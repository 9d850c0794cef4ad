import { catchError, EMPTY, from, map, type Observable } from 'rxjs';
import { CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import type { Mood, Reading } from '../../models/serving/index.ts';
import type { Analysis, SupervisedAnalyser } from '../../streams/analysis/index.ts';
import type { Ranked, RankedPicture } from '../../models/ranking/index.ts';
import type { ClipReading, Felt } from '../../streams/matching/index.ts';
import type { Newest } from '../../streams/operators/index.ts';
import type { Candidate, Catalogue, ProgramEvent, ProgramState } from '../../streams/program/index.ts';
import type { LiveCounters } from './counters.ts';

/** How many of the best pictures the program gets to choose from. */
const CANDIDATES = 64;

/** A clip that was analysed. */
export interface HeardClip extends ClipReading {
  readonly arrivedAtMs: number;
  readonly elapsedMs: number;
}

/** What the program asks of the matching. */
export interface Demand {
  readonly catalogue: Catalogue;
  readonly allowedRows: readonly number[];
  /** One byte for each picture: 1 where it may be shown. */
  readonly allowed: Uint8Array;
  readonly offset: Mood;
}

/** Pictures that fit a moment of the music. */
export interface MatchedClip {
  readonly mood: Felt<HeardClip>;
  readonly candidates: readonly Candidate[];
  readonly shown: readonly Candidate[];
}

/** @throws TypeError for an analysis without a model. */
export function felt({ result }: Newest<Analysis>): HeardClip {
  return heardClip(result);
}

export function heardClip({ clip, reading, model, rms, elapsedMs }: Analysis): HeardClip {
  if (reading === undefined) throw new TypeError('a show needs an analysis with a model');
  const endSeconds = (clip.startSample + CLIP_SAMPLES) / SAMPLE_RATE_HZ;
  return { reading, model, rms, endSeconds, arrivedAtMs: clip.arrivedAtMs, elapsedMs };
}

/** Makes the demands of successive states; the bytes are made anew only when the pictures that are allowed change. */
export function demands(): (state: ProgramState) => Demand {
  let last: Demand | undefined;
  return ({ catalogue, allowed: allowedRows, settings }) => {
    const isSame = last?.catalogue === catalogue && last.allowedRows === allowedRows;
    const allowed = isSame ? last!.allowed : bytesOf(allowedRows, catalogue.pictures.length);
    last = { catalogue, allowedRows, allowed, offset: settings.moodOffset };
    return last;
  };
}

function bytesOf(rows: readonly number[], count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (const row of rows) bytes[row] = 1;
  return bytes;
}

/**
 * One match, or none when it fails, as when the analysis is lost in the middle or the gallery changes: that is counted,
 * and the next clip brings the next. None for the mood that a model before the present one felt, which means nothing to it.
 */
export function matchPictures(
  analysis: Pick<SupervisedAnalyser, 'match' | 'model'>,
  mood: Felt<HeardClip>,
  demand: Demand,
  state: ProgramState,
  counters: Pick<LiveCounters, 'lose'>,
): Observable<MatchedClip> {
  if (mood.clip.model !== analysis.model.fingerprint) return EMPTY;
  return from(rankedFor(analysis, mood.mood, demand, state)).pipe(
    map((ranked) => matchedClip(mood, ranked, demand.catalogue)),
    catchError((error: unknown) => {
      counters.lose(error);
      return EMPTY;
    }),
  );
}

/** Asks for the pictures that fit a mood, and how those do that are on show. */
export function rankedFor(
  analysis: Pick<SupervisedAnalyser, 'match'>,
  { valence, arousal, valenceSd, arousalSd, embedding }: Reading,
  { allowed, offset, catalogue }: Demand,
  { screens }: ProgramState,
): Promise<Ranked> {
  // The mood is told all the same.
  if (catalogue.pictures.length === 0) return Promise.resolve({ best: [], also: [] });
  const onShow = screens.flatMap(({ image }) => catalogue.indexOf.get(image ?? '') ?? []);
  return analysis.match({
    reading: { valence, arousal, valenceSd, arousalSd, embedding },
    offset,
    allowed,
    count: CANDIDATES,
    alsoIndices: onShow,
  });
}

export function matchedClip(
  mood: Felt<HeardClip>,
  { best, also }: Ranked,
  catalogue: Catalogue,
): MatchedClip {
  const candidate = ({ index, score, fit }: RankedPicture): Candidate => ({
    id: catalogue.pictures[index]!.id,
    score,
    fit,
  });
  return { mood, candidates: best.map(candidate), shown: also.map(candidate) };
}

/** The match as the program takes it. */
export function matchEvent(
  { mood, candidates, shown }: MatchedClip,
  atSeconds: number,
): Extract<ProgramEvent, { kind: 'match' }> & { readonly clip: HeardClip } {
  const { valence, arousal, confidence } = mood.mood;
  const match = { mood: { valence, arousal, confidence }, candidates, shown };
  return { kind: 'match', atSeconds, match, clip: mood.clip };
}
