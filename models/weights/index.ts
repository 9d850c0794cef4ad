export { assertFiniteTensors } from './finite.ts';
export { floatToHalf, halfToFloat } from './half.ts';
export {
  MOODS_BY_HAND,
  assertSameArchitecture,
  readModelDescription,
  trainedMetrics,
  writeModelDescription,
  type ModelDescription,
  type NewModelDescription,
} from './model-description.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  writeSafetensors,
  type Tensor,
} from './safetensors.ts';
