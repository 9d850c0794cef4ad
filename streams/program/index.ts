export { controlSchema, type Control } from './control.ts';
