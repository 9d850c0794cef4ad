export { attend, attendStep, type Attended } from './attend.ts';
export { smoothMood, smoothStep, type ClipReading, type MusicMood, type Smoothed } from './mood.ts';
export { followNight, nightStep, type FeltInNight, type Night } from './night.ts';
export { targetOf, type Aim } from './target.ts';
