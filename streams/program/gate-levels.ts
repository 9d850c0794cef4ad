import type { ProgramSettings } from './settings.ts';

/** The level below which music is silence again lies so much under the one at which sound becomes music. */
const HYSTERESIS_DECIBELS = 6;

export const DEFAULT_GATE_DECIBELS = -50;

/** Both levels of the noise gate. @param decibels full scale: at which root mean square sound counts as music */
export function gateAt(decibels: number): Pick<ProgramSettings, 'gateOpensRms' | 'gateClosesRms'> {
  return {
    gateOpensRms: 10 ** (decibels / 20),
    gateClosesRms: 10 ** ((decibels - HYSTERESIS_DECIBELS) / 20),
  };
}
