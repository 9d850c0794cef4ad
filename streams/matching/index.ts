export {
  smoothMood,
  smoothStep,
  type ClipReading,
  type Felt,
  type MusicMood,
  type Smoothed,
} from './mood.ts';
