export { ENGINE_NAMES } from './names.ts';
export type { Engine, NamedValues, Session, Value } from './engine.ts';
export { engineKey, hardwareOf } from './engine.ts';
export { openEngine, parseEngineName } from './open.ts';
export { Stepper } from './stepper.ts';
