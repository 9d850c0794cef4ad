import { resolve } from 'node:path';
import { SynestheteError } from '../../errors.ts';
import { assertSameArchitecture } from '../../weights/index.ts';
import { formatScale } from '../scale.ts';
import type { Checkpoint, CheckpointRecord } from './checkpoint.ts';
import type { TrainContext, TrainRequest, TrainSources } from './request.ts';
import { completeSettings, type TrainingSettings } from './settings.ts';

/** The inputs of a training. */
export interface Inputs {
  readonly settings: TrainingSettings;
  readonly sources: TrainSources;
  /** Learning rates that a person changed during training. */
  readonly changes: CheckpointRecord['changes'];
}

/**
 * The given inputs for a new training, those of the checkpoint for a resumed one.
 * @param path of the checkpoint
 * @throws SynestheteError USAGE, also for sources other than those of the checkpoint; OTHER_ARCHITECTURE for other settings
 */
export function inputsOf(
  path: string,
  found: Checkpoint | null,
  request: TrainRequest,
  context: TrainContext,
): Inputs {
  const inputs = found
    ? checkedAgainst(path, found.record, request, context)
    : { settings: completeSettings(request.given), sources: completeSources(request), changes: [] };
  if (inputs.sources.pairs !== undefined && inputs.settings.pairs !== 'sampled') {
    throw new SynestheteError('USAGE', 'files of pairs need the sampled form of the losses', {
      remedy: { kind: 'give', settings: ['pairsForm'], value: 'sampled' },
    });
  }
  return inputs;
}

/** The sources as a checkpoint keeps them, as absolute paths. */
export function recordedSources(sources: TrainSources): CheckpointRecord['sources'] {
  const { images, music, pairs, scale, skipBad, imageWeights, musicWeights } = sources;
  return {
    images: resolve(images),
    music: resolve(music),
    skipBad,
    ...(pairs !== undefined && { pairs: resolve(pairs) }),
    ...(scale && { scale }),
    ...(imageWeights !== undefined && { imageWeights: resolve(imageWeights) }),
    ...(musicWeights !== undefined && { musicWeights: resolve(musicWeights) }),
  };
}

function completeSources({ sources, out, resume }: TrainRequest): TrainSources {
  const { images, music, skipBad = false, ...others } = sources ?? {};
  if (images !== undefined && music !== undefined) return { ...others, images, music, skipBad };
  throw new SynestheteError(
    'USAGE',
    resume ? `${out} holds no checkpoint to resume from` : 'a training needs both pictures and music',
    { remedy: { kind: 'give', settings: ['images', 'music'] } },
  );
}

/** The sources in words. */
const SOURCE_WORDS = {
  images: 'other pictures',
  music: 'other music',
  pairs: 'other pairs',
  imageWeights: 'other initial weights of the pictures',
  musicWeights: 'other initial weights of the music',
  scale: 'another scale',
  skipBad: 'unreadable files treated otherwise',
} as const satisfies Record<keyof TrainSources, string>;

function refuseOtherSources(out: string, recorded: TrainSources, given: Partial<TrainSources>): void {
  const before = described(recorded);
  const now = described(given);
  for (const name of Object.keys(SOURCE_WORDS) as (keyof TrainSources)[]) {
    if (now[name] === undefined || now[name] === before[name]) continue;
    throw new SynestheteError(
      'USAGE',
      `the training in ${out} was begun with ${SOURCE_WORDS[name]} (${before[name] ?? 'none given'}, not ${now[name]})`,
      { remedy: { kind: 'same-setting', setting: name } },
    );
  }
}

/** Sources for people, with absolute paths. */
function described(sources: Partial<TrainSources>): Partial<Record<keyof TrainSources, string>> {
  const { scale, skipBad, ...paths } = sources;
  return {
    ...Object.fromEntries(
      Object.entries(paths).flatMap(([name, path]) => (path === undefined ? [] : [[name, resolve(path)]])),
    ),
    ...(scale && { scale: formatScale(scale) }),
    ...(skipBad !== undefined && { skipBad: skipBad ? 'left out' : 'refused' }),
  };
}

type Json = CheckpointRecord['settings'];

/** The settings and sources of a checkpoint, after checking that the given ones agree with them. */
function checkedAgainst(
  path: string,
  record: CheckpointRecord,
  request: TrainRequest,
  context: TrainContext,
): Inputs {
  refuseOtherSources(request.out, record.sources, request.sources ?? {});
  const { provider, threads } = record.engine;
  const stored = { name: nameOf(record.settings), settings: record.settings };
  const given = Object.fromEntries(
    Object.entries(request.given).filter(([, value]) => value !== undefined),
  ) as Json;
  if (given['system'] !== undefined && given['system'] !== stored.name)
    assertSameArchitecture(path, stored, { name: nameOf(given), settings: {} });
  const completed = completeSettings({ ...record.settings, ...given });
  // Only the learning rate may change during training: a lower one helps after divergence.
  const { learningRate } = completed;
  const { learningRate: was, ...checked } = pick(completed as unknown as Json, Object.keys(given));
  const needed = { ...record.settings, ...checked };
  assertSameArchitecture(path, stored, { name: nameOf(needed), settings: needed });
  assertSameArchitecture(
    path,
    { name: stored.name, settings: { engine: provider, threads } },
    { name: stored.name, settings: { engine: context.engine.provider, threads: context.threads } },
  );
  const settings = completeSettings(record.settings);
  if (was === undefined || learningRate === settings.learningRate)
    return { settings, sources: record.sources, changes: record.changes };
  const { stage, step } = record.progress;
  if (stage > 0) {
    throw new SynestheteError(
      'USAGE',
      `the network in ${request.out} is trained already, with the learning rate ${settings.learningRate}`,
      { remedy: { kind: 'leave-out', settings: ['learningRate'] } },
    );
  }
  const change = { step, learningRate, was: settings.learningRate };
  return {
    settings: { ...settings, learningRate },
    sources: record.sources,
    changes: [...record.changes, change],
  };
}

function nameOf({ system }: Json): string {
  return typeof system === 'string' ? system : JSON.stringify(system);
}

function pick(values: Json, keys: readonly string[]): Json {
  return Object.fromEntries(keys.map((key) => [key, values[key]!]));
}
