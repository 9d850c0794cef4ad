import { catchError, EMPTY, from, type Observable } from 'rxjs';
import { CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { byHand } from '../../models/moods/index.ts';
import type { Mood } from '../../models/model/index.ts';
import type { Analysis, SupervisedAnalyser } from '../../streams/analysis/index.ts';
import { spreadOf, type MoodSpread, type RankedPicture } from '../../models/ranking/index.ts';
import { targetOf, type Aim, type ClipReading, type FeltInNight } from '../../streams/matching/index.ts';
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
  readonly aim: Aim;
}

/** Pictures that fit a moment of the music. */
export interface MatchedClip {
  readonly mood: FeltInNight<HeardClip>;
  /** Where in the plane they were looked for. */
  readonly target: Mood;
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
  const { arrivedAtMs, hand, soundSamples = CLIP_SAMPLES } = clip;
  const soundSeconds = soundSamples / SAMPLE_RATE_HZ;
  return { reading: byHand(reading, hand), model, rms, endSeconds, soundSeconds, arrivedAtMs, elapsedMs };
}

/**
 * Makes the demands of successive states; what is made of the pictures that are allowed is made again only when those
 * change.
 */
export function demands(): (state: ProgramState) => Demand {
  let last: Demand | undefined;
  return ({ catalogue, allowed: allowedRows, settings: { fit, moodOffset: offset } }) => {
    const isSame = last?.catalogue === catalogue && last.allowedRows === allowedRows;
    const allowed = isSame ? last!.allowed : bytesOf(allowedRows, catalogue.pictures.length);
    const gallery = isSame ? last!.aim.gallery : moodsOf(allowedRows, catalogue);
    last = { catalogue, allowedRows, allowed, aim: { gallery, fit, offset } };
    return last;
  };
}

function bytesOf(rows: readonly number[], count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (const row of rows) bytes[row] = 1;
  return bytes;
}

function moodsOf(rows: readonly number[], { pictures }: Catalogue): MoodSpread | undefined {
  return rows.length === 0 ? undefined : spreadOf(rows.map((row) => pictures[row]!));
}

/**
 * One match, or none when it fails, as when the analysis is lost in the middle or the gallery changes: that is counted,
 * and the next clip brings the next. None for the mood that a model before the present one felt, which means nothing to it.
 */
export function matchPictures(
  analysis: Pick<SupervisedAnalyser, 'match' | 'model'>,
  mood: FeltInNight<HeardClip>,
  demand: Demand,
  state: ProgramState,
  counters: Pick<LiveCounters, 'lose'>,
): Observable<MatchedClip> {
  if (mood.clip.model !== analysis.model.fingerprint) return EMPTY;
  return from(matchedClip(analysis, mood, demand, state)).pipe(
    catchError((error: unknown) => {
      counters.lose(error);
      return EMPTY;
    }),
  );
}

/** Stretches and pushes the mood, and asks for the pictures that fit there, and how those do that are on show. */
export async function matchedClip(
  analysis: Pick<SupervisedAnalyser, 'match'>,
  mood: FeltInNight<HeardClip>,
  { allowed, aim, catalogue }: Demand,
  { screens }: ProgramState,
): Promise<MatchedClip> {
  const { reading, offset } = targetOf(mood.mood, mood.night, aim);
  const target = { valence: reading.valence + offset.valence, arousal: reading.arousal + offset.arousal };
  // The mood is told all the same.
  if (catalogue.pictures.length === 0) return { mood, target, candidates: [], shown: [] };
  const onShow = screens.flatMap(({ image }) => catalogue.indexOf.get(image ?? '') ?? []);
  const { best, also } = await analysis.match({
    reading,
    offset,
    allowed,
    count: CANDIDATES,
    alsoIndices: onShow,
  });
  const candidate = ({ index, score, fit }: RankedPicture): Candidate => ({
    id: catalogue.pictures[index]!.id,
    score,
    fit,
  });
  return { mood, target, candidates: best.map(candidate), shown: also.map(candidate) };
}

/** The match as the program takes it. */
export function matchEvent(
  { mood, target, candidates, shown }: MatchedClip,
  atSeconds: number,
): Extract<ProgramEvent, { kind: 'match' }> & { readonly clip: HeardClip } {
  const { valence, arousal, confidence } = mood.mood;
  const match = { mood: { valence, arousal, confidence }, target, candidates, shown };
  return { kind: 'match', atSeconds, match, clip: mood.clip };
}
