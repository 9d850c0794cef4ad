export { bankFault, catalogueOf, isInBank, type Catalogue, type CataloguePicture } from './catalogue.ts';
export { noRepeatWithin, upcoming } from './choose.ts';
export { controlSchema, type Control } from './control.ts';
export { displayFitsSchema, displayNameSchema, fitSchema, type DisplayFits } from './display-fits.ts';
export { advance, runProgram, type ProgramStep } from './program.ts';
export { changedSettings } from './changed-settings.ts';
export { DEFAULT_GATE_DECIBELS, gateAt } from './gate-levels.ts';
export {
  DEFAULT_PROGRAM_SETTINGS,
  LIVE_SCREENS,
  programSettingsSchema,
  type ProgramSettings,
} from './settings.ts';
export {
  initialState,
  isShowable,
  mayStay,
  remembered,
  showStateOf,
  type Candidate,
  type ProgramEffect,
  type ProgramEvent,
  type ProgramState,
  type Reason,
  type Remembered,
} from './state.ts';
