export { attend, attendStep, type Attended } from './attend.ts';
export {
  matchCriteria,
  matchedClip,
  matchEvent,
  toClipMood,
  type AnalysedClip,
  type MatchCriteria,
  type MatchedClip,
} from './match.ts';
export { smoothMood, smoothStep, type ClipPrediction, type MusicMood, type Smoothed } from './mood.ts';
export { followNight, nightStep, type MoodInNight, type Night } from './night.ts';
export { targetOf } from './target.ts';
