import { SynestheteError } from '../../../models/errors.ts';
import type { ComparedSystem, ComparisonRun } from './runs.ts';

/** Flags that are settings of all runs. */
export interface CommonFlags {
  readonly epochs?: number;
  readonly endToEnd?: true;
  readonly pairsForm?: 'dense' | 'sampled';
}

type Settings = Readonly<Record<string, unknown>>;

/** What all runs have in common unless the settings say otherwise. */
const COMMON = { imageBackbone: 'efficientnet-lite0', frozen: true };

/**
 * L3-Net has no backbone to freeze. `l3` in the settings holds what differs for it, for example fewer pixels.
 * @param own those of --settings; flags take precedence
 * @throws SynestheteError USAGE for settings that the comparison chooses itself
 */
export function settingsOfRun(
  run: ComparisonRun,
  own: Settings,
  flags: CommonFlags,
): Record<string, unknown> {
  const { l3 } = own;
  if (l3 !== undefined && !isSettings(l3))
    throw new SynestheteError('USAGE', 'l3 in --settings must be an object of settings');
  for (const name of ['system', 'terms', 'seed']) {
    if (!(name in own) && !(l3 !== undefined && name in l3)) continue;
    throw new SynestheteError(
      'USAGE',
      `${name} in --settings is for compare to choose: leave it out${name === 'seed' ? ' and name --seeds' : ''}`,
    );
  }
  const { system, terms, seed } = run;
  const settings: Record<string, unknown> = { ...COMMON, ...own, ...ofFlags(flags), system, seed };
  delete settings['l3'];
  if (terms) settings['terms'] = terms;
  if (system !== 'l3-net') return settings;
  return { ...settings, ...ownSettingsOf(run, own), frozen: false, imageBackbone: 'resnet50' };
}

function ofFlags({ epochs, endToEnd, pairsForm }: CommonFlags): Settings {
  return {
    ...(epochs !== undefined && { epochs }),
    ...(endToEnd === true && { frozen: false }),
    ...(pairsForm !== undefined && { pairs: pairsForm }),
  };
}

/** Settings of a system that differ from those of all others. */
export function ownSettingsOf({ system }: ComparedSystem, { l3 }: Settings): Settings {
  return system === 'l3-net' && isSettings(l3) ? { ...l3 } : {};
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
