import { CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import type { Mood } from '../../models/model/index.ts';
import { byHand } from '../../models/moods/index.ts';
import { spreadOf, type MoodSpread, type RankedPicture } from '../../models/ranking/index.ts';
import type { Analysis, SupervisedAnalyser } from '../analysis/index.ts';
import type { Candidate, Catalogue, ProgramEvent, ProgramState } from '../program/index.ts';
import type { ClipPrediction } from './mood.ts';
import type { MoodInNight } from './night.ts';
import { targetOf, type Aim } from './target.ts';

/** How many of the best pictures the program gets to choose from. */
const CANDIDATES = 64;

/** A clip with what the model reads in it. */
export interface AnalysedClip extends ClipPrediction {
  /** Milliseconds on the clock of `performance.now()`. */
  readonly arrivedAtMs: number;
  /** Milliseconds that the analysis took. */
  readonly elapsedMs: number;
}

/** What the program asks of the matching. */
export interface MatchCriteria {
  readonly catalogue: Catalogue;
  readonly allowedRows: readonly number[];
  /** One byte for each picture: 1 where it may be shown. */
  readonly allowed: Uint8Array;
  readonly aim: Aim;
}

/** Pictures that fit a moment of the music. */
export interface MatchedClip {
  readonly mood: MoodInNight<AnalysedClip>;
  /** Where in the plane they were looked for. */
  readonly target: Mood;
  readonly candidates: readonly Candidate[];
  readonly shown: readonly Candidate[];
}

/** A match as the program takes it, with the clip that it was made for. */
export type MatchEvent = Omit<Extract<ProgramEvent, { kind: 'match' }>, 'atSeconds'> & {
  readonly clip: AnalysedClip;
};

/** @throws TypeError for an analysis without a model */
export function toClipMood({ clip, prediction, model, rms, elapsedMs }: Analysis): AnalysedClip {
  if (prediction === undefined) throw new TypeError('a show needs an analysis with a model');
  const endSeconds = (clip.startSample + CLIP_SAMPLES) / SAMPLE_RATE_HZ;
  const { arrivedAtMs, hand, soundSamples = CLIP_SAMPLES } = clip;
  const soundSeconds = soundSamples / SAMPLE_RATE_HZ;
  return {
    prediction: byHand(prediction, hand),
    model,
    rms,
    endSeconds,
    soundSeconds,
    arrivedAtMs,
    elapsedMs,
  };
}

/**
 * The criteria of successive states. The bytes of the allowed pictures and the spread of their moods are computed again only
 * when the pictures change, and an unchanged state gives the same object.
 */
export function matchCriteria(): (state: ProgramState) => MatchCriteria {
  let last: MatchCriteria | undefined;
  return ({ catalogue, allowed: allowedRows, settings: { fit, moodOffset: offset } }) => {
    const isSame = last?.catalogue === catalogue && last.allowedRows === allowedRows;
    if (isSame && last!.aim.fit === fit && last!.aim.offset === offset) return last!;
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

/** Stretches and pushes the mood, and ranks the pictures that fit there, and those on show. Rejects as `analysis.match`. */
export async function matchedClip(
  analysis: Pick<SupervisedAnalyser, 'match'>,
  mood: MoodInNight<AnalysedClip>,
  { allowed, aim, catalogue }: MatchCriteria,
  { screens }: Pick<ProgramState, 'screens'>,
): Promise<MatchedClip> {
  const { prediction, offset } = targetOf(mood.mood, mood.night, aim);
  const target = {
    valence: prediction.valence + offset.valence,
    arousal: prediction.arousal + offset.arousal,
  };
  // Displays still learn the mood.
  if (catalogue.pictures.length === 0) return { mood, target, candidates: [], shown: [] };
  const onShow = screens.flatMap(({ image }) => catalogue.indexOf.get(image ?? '') ?? []);
  const { best, also } = await analysis.match({
    prediction,
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
export function matchEvent({ mood, target, candidates, shown }: MatchedClip): MatchEvent {
  const { valence, arousal, confidence } = mood.mood;
  const match = { mood: { valence, arousal, confidence }, target, candidates, shown };
  return { kind: 'match', match, clip: mood.clip };
}
