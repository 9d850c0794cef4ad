export { ENGINE_NAMES } from './engine.ts';
export type { Engine, EngineName, EngineOptions, NamedValues, Session, Value } from './engine.ts';
export { openEngine, parseEngineName } from './open.ts';
export { Stepper } from './stepper.ts';
