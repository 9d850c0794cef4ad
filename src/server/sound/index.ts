export { SoundIn } from './sound-in.ts';
