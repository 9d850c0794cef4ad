import { messageOf, remedyOf } from '../../models/errors.ts';
import type { Notice } from '../../models/remedy.ts';
import { SupervisedAnalyser, type ModelRecipe } from '../../streams/analysis/index.ts';
import {
  bankFault,
  initialState,
  type ProgramSettings,
  type ProgramState,
} from '../../streams/program/index.ts';
import type { Source } from '../../streams/sources/index.ts';
import type { GalleryProvider, OpenedGallery } from '../show/index.ts';
import { nothingToShow } from '../show/index.ts';
import { lastNight } from './kept-night.ts';
import type { Chosen, SavedNight } from './saved-show.ts';
import { readSavedShow } from './state-file.ts';

export interface LiveShowOptions {
  /** Names of the models that can be switched to; the show begins with the first. */
  readonly models: readonly string[];
  /** @throws SynestheteError for an unknown name */
  readonly modelNamed: (name: string) => ModelRecipe;
  readonly gallery: GalleryProvider;
  /** Name of the source that the show begins with. */
  readonly source: string;
  /** Numbers of the channels that the show begins with, as the command line names them. */
  readonly channels?: readonly number[];
  /** Opens that source, or another one that the operator asks for. @throws SynestheteError for any other name */
  readonly sourceNamed: (name: string) => Source;
  /**
   * Rejects where the source that the show begins with is missing. Not called when the last run began with the same
   * source: a show that restarts itself goes on, and waits for it.
   */
  readonly checkSource?: () => Promise<void>;
  /** The settings of this start; they take precedence over those kept from the last run. */
  readonly settings: Partial<ProgramSettings>;
  readonly defaults: ProgramSettings;
  readonly hopSamples: number;
  /** The file that keeps the show between runs; undefined: none. */
  readonly stateFile?: string;
  /** Called with one line for a person, about a fault that doesn't stop the show. */
  readonly warn: Notice;
}

/** What a show begins with. */
export interface ShowStart {
  readonly analysis: SupervisedAnalyser;
  readonly gallery: OpenedGallery;
  readonly source: Source;
  readonly sourceName: string;
  readonly modelName: string;
  readonly initial: ProgramState;
  /** The moods of the music of the run before, if it was in this night. */
  readonly night: SavedNight | undefined;
  /** Whether this show resumes a saved one. */
  readonly isResumed: boolean;
}

/** Opens what a show begins with. Rejects with the errors of the model and of its gallery. */
export async function openShowStart(options: LiveShowOptions): Promise<ShowStart> {
  const { stateFile, warn } = options;
  const saved = stateFile === undefined ? undefined : await readSavedShow(stateFile, warn);
  const last = lastChosen(saved?.chosen, options);
  if (saved?.chosen?.begunWith.source !== options.source) await options.checkSource?.();
  const [sourceName, source] = await firstOf([last.source, options.source], options.sourceNamed, warn);
  if (sourceName === last.source && last.channels !== undefined) {
    source.choice?.choose(last.channels ?? undefined);
  }
  const [modelName, { analysis, gallery }] = await firstOf(
    [last.model, options.models[0]!],
    (name) => openModel(name, options),
    warn,
  );
  const settings = { ...options.defaults, ...saved?.settings, ...options.settings };
  const initial = initialState(settings, gallery.catalogue, saved?.show);
  for (const line of analysis.model.fallbacks) warn(line);
  const nothing = nothingToShow(initial);
  if (nothing === undefined) warnOfBank(initial, warn);
  else warn(nothing);
  if (initial.blackout.on) {
    warn(
      'the show begins in blackout, as the last run ended: B in the console, or the control blackout, ends it',
    );
  }
  const night = lastNight(saved, Date.now());
  const isResumed = saved !== undefined;
  return { analysis, gallery, source, sourceName, modelName, initial, night, isResumed };
}

async function openModel(
  name: string,
  { gallery, modelNamed }: LiveShowOptions,
): Promise<Pick<ShowStart, 'analysis' | 'gallery'>> {
  let opened: OpenedGallery | undefined;
  const analysis = await SupervisedAnalyser.start(modelNamed(name), async (model) => {
    opened = await gallery.open(model);
    return opened.pictures;
  });
  return { analysis, gallery: opened! };
}

export function begunWith({ source, models, channels }: LiveShowOptions): Chosen['begunWith'] {
  return { source, models, ...(channels !== undefined && { channels }) };
}

/** The names that the last run chose, as far as they can still be chosen. */
function lastChosen(
  last: Chosen | undefined,
  options: LiveShowOptions,
): { readonly source?: string; readonly channels?: readonly number[] | null; readonly model?: string } {
  if (last === undefined) return {};
  const { source, models, channels = [] } = last.begunWith;
  const areSame =
    models.length === options.models.length && models.every((name, i) => name === options.models[i]);
  return {
    ...(source === options.source && { source: last.source }),
    ...(source === options.source &&
      last.channels !== undefined &&
      channels.join() === (options.channels ?? []).join() && { channels: last.channels }),
    ...(areSame && { model: last.model }),
  };
}

/** Opens what the last run chose or, where it chose nothing or that can't be opened, the first of this run. */
async function firstOf<T>(
  [last, first]: readonly [string | undefined, string],
  open: (name: string) => T | Promise<T>,
  warn: Notice,
): Promise<readonly [string, T]> {
  if (last !== undefined && last !== first) {
    try {
      return [last, await open(last)];
    } catch (error) {
      const reason = messageOf(error);
      warn(
        `the show begins with ${first}, for ${last} of the last run can't be opened: ${reason}`,
        remedyOf(error),
      );
    }
  }
  return [first, await open(first)];
}

/** Warns of a bank that can't be shown, so that nobody takes all pictures for it. */
function warnOfBank({ settings, bankInForce, catalogue }: ProgramState, warn: (line: string) => void): void {
  const { bank } = settings;
  if (bank === bankInForce) return;
  warn(`all pictures are shown, for the bank ${bankFault(catalogue, bank!)}`);
}
