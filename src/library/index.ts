/**
 * Synesthete for Node programs: open a model, predict the mood of pictures and sound, index and search a gallery, run a show.
 *
 * Nothing here prints. What a person should know goes to `onNotice`, and failures are a {@link SynestheteError}.
 * @module synesthete
 */
export {
  openModel,
  type EngineName,
  type GalleryOptions,
  type IndexOptions,
  type IndexReport,
  type Model,
  type ModelOptions,
} from './model.ts';
export type { Mood, Prediction, PredictOptions } from './prediction.ts';
export type { Gallery, Match, Picture, SearchOptions } from './gallery.ts';
export { startShow, type Show, type ShowOptions } from './show.ts';
export type { Sound } from './sound.ts';
export { SynestheteError, type ErrorCode } from '../../models/errors.ts';
export type { Remedy } from '../../models/remedy.ts';
export type { ScreenOnShow, ShowMessage, ShowState } from '../server/protocol/index.ts';
export type { Control, ProgramSettings as ShowSettings } from '../../streams/program/index.ts';
