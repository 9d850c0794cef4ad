import { hardwareOf } from '../../engine/index.ts';
import { initialState } from '../../networks/training/index.ts';
import type { Tensor } from '../../weights/index.ts';
import { BatchFeeder, FeatureFeeder } from './batches.ts';
import { CHECKPOINT_VERSION, writeCheckpoint } from './checkpoint.ts';
import type { CheckpointRecord, Progress } from './checkpoint.ts';
import type { SplitData } from './data.ts';
import { MoodPredictor, SplitPredictor } from './predictions.ts';
import type { Predictions, StateValues } from './predictions.ts';
import { recordedSources } from './resume.ts';
import type { RunOnData } from './run.ts';
import { runStage } from './run-stage.ts';
import { valuesOf } from './stage.ts';
import type { Stage, StageContext } from './stage.ts';
import { MOOD_STAGE, moodStep, networkStep } from './step.ts';
import { criterion, validate } from './validation.ts';
import type { Validation } from './validation.ts';

const CHECKPOINT_SECONDS = 60;

/** The result of a stage. */
export interface StageWeights {
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly progress: Progress;
}

/**
 * Trains the network, from its initial weights or from the checkpoint.
 * @param initial undefined when there is a checkpoint
 * @returns undefined when it was stopped
 */
export async function trainNetwork(
  run: RunOnData,
  initial: StateValues | undefined,
): Promise<StageWeights | undefined> {
  const { settings, context, system, found, data, statistics, signal } = run;
  if (found?.record.progress.stage === 1) return { weights: found.done, progress: found.record.progress };
  const { engine } = context;
  const step = networkStep({
    system,
    settings,
    sigma: data.sigma,
    hasPairs: data.pairs !== undefined,
    hardware: hardwareOf(engine),
  });
  const reader = await SplitPredictor.open(engine, system, system.moods !== 'afterwards', signal);
  const stage: Stage = {
    name: 'network',
    step,
    feeder: new BatchFeeder(data, system, settings, step),
    statistics,
    epochs: settings.epochs,
    patience: settings.patience,
    isTimed: true,
    learningRate: (epoch) =>
      settings.learningRate * settings.decayBy ** Math.floor((epoch - 1) / settings.decayEpochs),
    validate: async (state) => {
      const read = {
        pictures: await reader.pictures(data.val, state),
        clips: await reader.clips(data.val, state),
      };
      const validation = validate(data.val, data, system, state, read);
      const terms = { sim: settings.terms.includes('sim'), va: settings.terms.includes('va') };
      return { criterion: criterion(validation, terms), figures: figuresOf(validation) };
    },
  };
  const start = {
    progress: found?.record.progress ?? beginning(0, 0),
    now: found ? valuesOf(found.now) : initial!,
    best: found?.best ?? new Map<string, Tensor>(),
  };
  const result = await runStage(stage, start, stageContext(run, new Map()));
  await reader.close();
  return result.isStopped ? undefined : { weights: result.best, progress: result.progress };
}

/**
 * Trains a predictor of valence and arousal on the network's learned features.
 * @param reader of that network
 * @returns undefined when it was stopped
 */
export async function trainMoods(
  run: RunOnData,
  { weights, progress }: StageWeights,
  reader: SplitPredictor,
): Promise<ReadonlyMap<string, Tensor> | undefined> {
  const { settings, context, system, found, data, journal } = run;
  const { step: steps, bestEpoch, elapsedSeconds: seconds } = progress;
  const state = { ...valuesOf(weights), ...run.statistics };
  const read = async (split: SplitData): Promise<{ pictures: Predictions; clips: Predictions }> => ({
    pictures: await reader.pictures(split, state),
    clips: await reader.clips(split, state),
  });
  const [train, val] = [await read(data.train), await read(data.val)];
  const batch = Math.min(MOOD_STAGE.batch, settings.batch);
  const step = moodStep(system, batch, hardwareOf(context.engine));
  const moodPredictor = await MoodPredictor.open(context.engine, system);
  const stage: Stage = {
    name: 'moods',
    step,
    feeder: new FeatureFeeder(
      { features: train.pictures.features, items: data.train.pictures },
      { features: train.clips.features, items: data.train.clips },
      step,
      settings.seed,
    ),
    statistics: {},
    epochs: MOOD_STAGE.epochs,
    patience: MOOD_STAGE.patience,
    isTimed: false,
    learningRate: () => MOOD_STAGE.learningRate,
    validate: async (moodState) => {
      const withMoods = {
        pictures: { ...val.pictures, moods: await moodPredictor.read(val.pictures.features, moodState) },
        clips: { ...val.clips, moods: await moodPredictor.read(val.clips.features, moodState) },
      };
      const validation = validate(data.val, data, system, state, withMoods);
      return {
        criterion: criterion(validation, { sim: false, va: true }),
        figures: figuresOf(validation),
      };
    },
  };
  const isUnderWay = found?.record.progress.stage === 1;
  const start = {
    progress: isUnderWay
      ? found.record.progress
      : { ...beginning(1, journal.bytes), network: { steps, bestEpoch, seconds } },
    now: isUnderWay ? valuesOf(found.now) : initialState(step.trainable, settings.seed),
    best: isUnderWay ? found.best : new Map<string, Tensor>(),
  };
  const result = await runStage(stage, start, stageContext(run, weights));
  await moodPredictor.close();
  return result.isStopped ? undefined : result.best;
}

/** @param done weights of the previous stage */
function stageContext(run: RunOnData, done: ReadonlyMap<string, Tensor>): StageContext {
  const { settings, sources, changes, out, checkpointPath, request, context, data, journal } = run;
  const { engine, threads, onProgress } = context;
  return {
    engine,
    journal,
    out,
    maxSeconds: 60 * (request.maxMinutes ?? Infinity),
    checkpointSeconds: request.checkpointSeconds ?? CHECKPOINT_SECONDS,
    onProgress: onProgress ?? (() => undefined),
    notice: context.notice,
    signal: run.signal,
    save: (progress, now, best) =>
      writeCheckpoint(checkpointPath, {
        record: {
          format: 'synesthete-checkpoint',
          formatVersion: CHECKPOINT_VERSION,
          settings: settings as unknown as CheckpointRecord['settings'],
          changes: [...changes],
          sources: recordedSources(sources),
          dataFingerprint: data.fingerprint,
          engine: { provider: engine.provider, threads },
          progress,
        },
        now,
        best,
        done,
      }),
  };
}

function beginning(stage: number, metricsBytes: number): Progress {
  return {
    stage,
    step: 0,
    validatedStep: 0,
    bestEpoch: 0,
    bestCriterion: null,
    elapsedSeconds: 0,
    metricsBytes,
  };
}

/** The figures of a validation in metrics.jsonl. */
function figuresOf(validation: Validation): Record<string, unknown> {
  const { similarity, image, music, retrieval } = validation;
  return { similarity, image, music, retrieval };
}
