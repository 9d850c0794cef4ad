export { Osc, type OscOptions } from './osc.ts';
