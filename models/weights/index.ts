export { floatToHalf, halfToFloat } from './half.ts';
export {
  assertSameArchitecture,
  readModelDescription,
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
