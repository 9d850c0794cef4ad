import { basename } from 'node:path';
import type { Mood } from '../../models/model/index.ts';
import type { AnalysisStatus, ModelInfo } from '../../streams/analysis/index.ts';
import {
  upcoming,
  type Catalogue,
  type ProgramSettings,
  type ProgramState,
} from '../../streams/program/index.ts';
import type { ChannelLevel, Source, SourceStatus } from '../../streams/sources/index.ts';
import type { FirstsSummary } from './first-counts.ts';
import { revisionOf } from './revision.ts';
import { UPCOMING } from './states.ts';

/** How a show is doing, for the console and the terminal. */
export interface LiveStatus {
  readonly source: {
    /** Of a device its description, once it is known. */
    readonly name: string;
    readonly kind: Source['kind'];
  } & Omit<SourceStatus, 'kind' | 'state'> & {
      readonly state: SourceStatus['state'] | 'opening';
      /** What each channel holds that the sound comes with; none where the sound is made here, or before it comes. */
      readonly channels: readonly ChannelLevel[];
      /** Numbers of those that are to be heard, from 1 on; null: all. Absent where there are none to choose from. */
      readonly chosenChannels?: readonly number[] | null;
    };
  readonly analysis: Omit<AnalysisStatus, 'model'>;
  readonly model: ModelInfo;
  /** The present model's name among `models`, the names of those that can be switched to. */
  readonly modelName: string;
  readonly models: readonly string[];
  readonly settings: ProgramSettings;
  readonly pictures: {
    readonly total: number;
    readonly allowed: number;
    /** Revision of the gallery: see `GalleryPage`. */
    readonly revision: string;
  };
  readonly bank: string | null;
  readonly banks: readonly string[];
  readonly bans: readonly string[];
  readonly hold: boolean;
  readonly pin: string | null;
  readonly blackout: boolean;
  readonly clips: {
    readonly total: number;
    readonly dropped: number;
    readonly lost: number;
    /** Why the last one was lost; empty when none was. */
    readonly lastLoss: string;
  };
  readonly gaps: number;
  /** What comes next on the main screen, should the music stay as it is. */
  readonly upcoming: readonly string[];
  /**
   * How each of them fits the music: 1 is the best of all pictures that may be shown, 0 as good as blind choice. null
   * for a picture that is no candidate.
   */
  readonly upcomingFits: readonly (number | null)[];
  /** Where in the plane the program looks for pictures now, after fit and push; null before any music. */
  readonly target: Mood | null;
  /** Which pictures ranked first how often in this show; null for a replay, which does not count them. */
  readonly firsts: FirstsSummary | null;
  /** Moods of pictures by hand; null for a replay, where they can't be changed. */
  readonly moods: {
    /** Pictures that have one. */
    readonly byHand: number;
    readonly canUndo: boolean;
    readonly canRedo: boolean;
    /** How many rows of their table don't count, and the first of them, a line each. */
    readonly faultCount: number;
    readonly faults: readonly string[];
  } | null;
  /** How many pictures each list of `KeptOutQuery` holds; null for a replay, where they can't be changed. */
  readonly keptOut: {
    readonly marked: number;
    readonly hidden: number;
    readonly allowed: number;
    readonly canUndo: boolean;
    readonly canRedo: boolean;
  } | null;
}

const corrected = new WeakMap<Catalogue, number>();

/** How many pictures of a catalogue have a mood by hand. */
export function correctedIn(catalogue: Catalogue): number {
  const known = corrected.get(catalogue);
  if (known !== undefined) return known;
  const count = catalogue.pictures.filter((picture) => picture.corrected !== undefined).length;
  corrected.set(catalogue, count);
  return count;
}

/** The part of the status that comes from the program. */
export function programStatus(
  state: ProgramState,
): Omit<
  LiveStatus,
  'source' | 'analysis' | 'model' | 'modelName' | 'models' | 'clips' | 'gaps' | 'firsts' | 'moods' | 'keptOut'
> {
  const { settings, catalogue, allowed, bans, hold, pin, blackout, bankInForce, match } = state;
  const next = upcoming(state, UPCOMING.inStatus);
  return {
    settings,
    pictures: { total: catalogue.pictures.length, allowed: allowed.length, revision: revisionOf(catalogue) },
    bank: bankInForce,
    banks: catalogue.banks,
    bans: [...bans],
    hold,
    pin,
    blackout: blackout.on,
    upcoming: next,
    upcomingFits: next.map((id) => match?.candidates.find((candidate) => candidate.id === id)?.fit ?? null),
    target: match?.target ?? null,
  };
}

/** Reduces files and folders to their own names, and each message, which may name them, to one word. */
export function withoutPaths({
  source,
  analysis,
  model,
  modelName,
  models,
  clips,
  moods,
  ...rest
}: LiveStatus): LiveStatus {
  const { name, kind, state, device, channels, chosenChannels } = source;
  return {
    ...rest,
    source: {
      name: kind === 'file' ? basename(name) : name,
      kind,
      device,
      state,
      message: state,
      channels,
      ...(chosenChannels !== undefined && { chosenChannels }),
    },
    analysis: { ...analysis, remedy: undefined, message: analysis.message === '' ? '' : analysis.state },
    model: { ...model, folder: basename(model.folder), fallbacks: [] },
    modelName: basename(modelName),
    models: models.map((name) => basename(name)),
    moods: moods && { ...moods, faults: [] },
    clips: { ...clips, lastLoss: clips.lastLoss === '' ? '' : 'lost' },
  };
}
