export { Osc } from './osc.ts';
