export { Analyser, type Analysis } from './analyser.ts';
