import { rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeFolders } from '../../make-folders.ts';
import { sha256 } from '../../checksum.ts';
import { hardwareOf } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import type { Tensor } from '../../weights/index.ts';
import { removeHalfWritten, writeFailure } from '../../write-whole.ts';
import { readCheckpoint } from './checkpoint.ts';
import { dataStatistics } from './data-statistics.ts';
import { readTrainingData } from './data.ts';
import type { SplitData, TrainingData } from './data.ts';
import { initialWeights, openBackbone, weightSums } from './initial-weights.ts';
import { Journal } from './journal.ts';
import { judgedPairs } from './judged-pairs.ts';
import { readLists } from './lists.ts';
import type { JudgedSplit, TrainingLists } from './lists.ts';
import { Media } from './media.ts';
import { tellMemory } from './memory.ts';
import { SplitPredictor } from './predictions.ts';
import type { StateValues } from './predictions.ts';
import { writeReport } from './report.ts';
import type { TrainContext, TrainRequest, TrainResult } from './request.ts';
import { writeResult } from './result.ts';
import { inputsOf } from './resume.ts';
import type { Run, RunOnData } from './run.ts';
import { systemSettings } from './settings.ts';
import { valuesOf } from './stage.ts';
import { trainMoods, trainNetwork } from './stages.ts';
import { networkStep } from './step.ts';
import { bestScore, validate } from './validation.ts';
import type { Validation } from './validation.ts';

export const CHECKPOINT_FILE = 'checkpoint.safetensors';

/**
 * Trains a system and writes its folder. After being killed at any moment it continues with `resume`, and gives the
 * same weights as an uninterrupted training on the same engine with the same number of threads.
 *
 * @returns undefined when the signal was aborted, with a checkpoint written unless the data was still being read
 * @throws SynestheteError USAGE, also for sources other than those of the checkpoint; OTHER_ARCHITECTURE for a checkpoint of other settings, or weights that don't fit;
 *   DIVERGED; NO_MEMORY; WRITE_FAILED; the errors of `readTrainingData`
 */
export async function train(request: TrainRequest, context: TrainContext): Promise<TrainResult | undefined> {
  const out = resolve(request.out);
  const checkpointPath = join(out, CHECKPOINT_FILE);
  const found = await readCheckpoint(checkpointPath);
  if (found && !request.resume) {
    throw new SynestheteError('USAGE', `${out} holds a training already`, { remedy: { kind: 'resume' } });
  }
  if (!request.resume) await refuseFinished(out);
  const inputs = inputsOf(checkpointPath, found, request, context);
  const { settings, sources } = inputs;
  const lists = await readLists(sources, request.judging, context.notice);
  const backbone = await openBackbone(settings, sources, context.engine);
  const run: Run = {
    ...inputs,
    ...{ request, context, out, checkpointPath, found, backbone },
    system: systemSettings(settings, backbone?.features ?? 0),
    signal: context.signal ?? new AbortController().signal,
  };
  try {
    // Refuse everything possible before reading the data, which may take long: σ changes no shape.
    const hasPairs = sources.pairs !== undefined;
    const hardware = hardwareOf(context.engine);
    const step = networkStep({ system: run.system, settings, sigma: 1, hasPairs, hardware });
    const initial = found ? undefined : await initialWeights(run, step);
    const budgetBytes = tellMemory(run, step);
    return await inFolder(out, async () => {
      const data = await dataOf(run, lists, budgetBytes);
      const statistics = await dataStatistics(data.train, run.system);
      const journal = new Journal(join(out, 'metrics.jsonl'), found?.record.progress.metricsBytes ?? 0);
      try {
        return await trained({ ...run, data, statistics, journal }, initial);
      } finally {
        journal.close();
      }
    });
  } catch (error) {
    if (run.signal.aborted && error === run.signal.reason) return undefined;
    throw error;
  } finally {
    await backbone?.close();
  }
}

/** Files that a training writes whole. */
const WRITTEN = [CHECKPOINT_FILE, 'weights.safetensors', 'model.json', 'report.html'];

/**
 * Makes the folder of a training and has `work` fill it.
 * @throws SynestheteError WRITE_FAILED; the errors of `work`, with no empty folder left behind
 */
async function inFolder<T>(out: string, work: () => Promise<T>): Promise<T> {
  let made: string | undefined;
  try {
    made = await makeFolders(out);
  } catch (error) {
    throw writeFailure(out, error);
  }
  try {
    await removeHalfWritten(out, WRITTEN);
    return await work();
  } catch (error) {
    if (made !== undefined) {
      // Folders that are not empty stay.
      for (let folder = out; folder.length >= made.length; folder = dirname(folder))
        await rmdir(folder).catch(() => undefined);
    }
    throw error;
  }
}

async function refuseFinished(out: string): Promise<void> {
  const isThere = await stat(join(out, 'model.json')).then(
    () => true,
    () => false,
  );
  if (isThere) throw new SynestheteError('USAGE', `${out} holds a model already: name another folder`);
}

/**
 * Reads the data, which must be that of the checkpoint.
 * @param budgetBytes for features of clips
 */
async function dataOf(run: Run, lists: TrainingLists, budgetBytes: number): Promise<TrainingData> {
  const { settings, sources, context, system, backbone, found, checkpointPath, signal } = run;
  const read = await readTrainingData(sources, lists, {
    system,
    media: new Media(context.cache, context.readStretch),
    backbone,
    imageVariants: settings.augment ? settings.imageVariants : 0,
    clipVariants: settings.augment ? settings.clipVariants : 0,
    seed: settings.seed,
    budgetBytes,
    onProgress: context.onReading ?? (() => undefined),
    notice: context.notice,
    signal,
  });
  const fingerprint = sha256([read.fingerprint, ...(await weightSums(sources))].join('\n'));
  for (const line of read.skipped) context.notice(`left out: ${line}`);
  if (found && found.record.dataFingerprint !== fingerprint) {
    throw new SynestheteError(
      'OTHER_ARCHITECTURE',
      `${checkpointPath} was trained on other data: the manifests, the files that they name or the initial weights have changed; start again in another folder`,
    );
  }
  return { ...read, fingerprint };
}

/** @returns undefined when it was stopped */
async function trained(run: RunOnData, initial: StateValues | undefined): Promise<TrainResult | undefined> {
  const { settings, sources, changes, request, context, out, backbone, system, data, statistics } = run;
  tellChange(run);
  const network = await trainNetwork(run, initial);
  if (!network) return undefined;
  let weights = network.weights;
  if (system.moods === 'afterwards') {
    const reader = await SplitPredictor.open(context.engine, system, false, run.signal);
    const moods = await trainMoods(run, network, reader);
    if (!moods) return undefined;
    await reader.close();
    weights = new Map<string, Tensor>([...weights, ...moods]);
  }
  const state = { ...valuesOf(weights), ...statistics };
  const validation = await judge('val', data.val, run, state);
  const test = data.test && (await judge('test', data.test, run, state));
  const ranking = bestScore(validation);
  await writeReport(out, settings);
  await writeResult(out, {
    ...{ system, settings, changes, sources, data, statistics, weights, backbone, validation, ranking },
    dataTerms: request.dataTerms,
  });
  const { step, bestEpoch, elapsedSeconds } = network.progress;
  const done = network.progress.network ?? { steps: step, bestEpoch, seconds: elapsedSeconds };
  return {
    ...{ out, architecture: system, settings, validation, test, ranking, skipped: data.skipped },
    trainedOn: {
      images: data.train.pictures.length,
      clips: data.train.clips.length,
      listedPairs: data.pairs?.length ?? null,
    },
    ...done,
  };
}

/** Reports a changed learning rate. */
function tellChange({ changes, found, context, journal }: RunOnData): void {
  const change = changes.at(-1);
  if (!change || changes.length <= (found?.record.changes.length ?? 0)) return;
  const { step, learningRate, was } = change;
  context.notice(`the learning rate is ${learningRate} from here on; up to step ${step} it was ${was}`);
  journal.write({ kind: 'change', stage: 'network', ...change });
}

/** Judges the finished weights on a split. */
async function judge(
  name: JudgedSplit,
  split: SplitData,
  { request, context, system, data, signal }: RunOnData,
  state: StateValues,
): Promise<Validation> {
  const reader = await SplitPredictor.open(context.engine, system, true, signal);
  const read = { pictures: await reader.pictures(split, state), clips: await reader.clips(split, state) };
  await reader.close();
  const listed = data.judgedPairs?.split === name ? data.judgedPairs.list : undefined;
  const pairs = request.judging && judgedPairs(name, data, split, listed);
  return validate(split, data, system, state, read, pairs);
}
