export { Parts, type Part } from './parts.ts';
export { Night, type LabelledSong } from './night.ts';
export { replay, type ReplayMoment } from './replay.ts';
export { reportPage } from './report.ts';
export { servedReplay } from './served-replay.ts';
export { Timeline } from './timeline.ts';
export { writeVideo } from './video.ts';
