export { centred, mapCentred, mapCoordinates, type CoordinateMap } from './coordinates.ts';
export { pictureEncodersIdentity } from './encoders.ts';
export { fromSquare } from './from-square.ts';
export { readCoordinates } from './graphs.ts';
export {
  ARCHITECTURE,
  architectureOf,
  encodeParts,
  ONNX_FILE,
  readParts,
  WEIGHTS_FILE,
  type CdcmlModelParts,
} from './model-file.ts';
export { moodOfEmbedding, project, systemOf } from './network.ts';
export { openCdcml } from './open.ts';
export {
  cdcmlSettingsSchema,
  DEFAULT_CDCML_SETTINGS,
  type CategorySettings,
  type CdcmlSettings,
  type SideSettings,
} from './settings.ts';
export { tasted, type Reference, type Taste } from './taste.ts';
export { deviationsOf, type ErrorModel } from './uncertainty.ts';
export { WITHIN } from './within.ts';
