export { floatToHalf, halfToFloat } from './half.ts';
export {
  assertSameArchitecture,
  readModelDescription,
  writeModelDescription,
  type Architecture,
  type ModelDescription,
  type NewModelDescription,
} from './model-description.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  writeSafetensors,
  type StoredPrecision,
  type Tensor,
  type Weights,
} from './safetensors.ts';
