import { stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { SynestheteError } from '../../../models/errors.ts';
import {
  DEFAULT_KERNEL_SETTINGS,
  FileStatistics,
  kernelSettingsSchema,
  trainKernelModel,
  type KernelSettings,
  type LabelledSet,
} from '../../../models/kernel-regression/index.ts';
import { CATEGORY_COLUMNS, parseScale, readManifest, SPLITS } from '../../../models/learning/index.ts';
import { Stopped } from '../../../models/learning/trainer/index.ts';
import type { ModelDescription } from '../../../models/weights/index.ts';
import { warn } from '../failure.ts';
import { print } from '../output.ts';
import { Progress } from '../progress.ts';
import { tellSkipped } from '../skipped.ts';
import { termsOfSets } from './data-terms.ts';
import { trainContext, type EngineFlags } from './session.ts';

/** Flags of `train --system kernel` alone. */
export interface KernelFlags {
  readonly imageCategories?: readonly string[];
  readonly musicCategories?: readonly string[];
  readonly splits?: readonly string[];
  readonly overwrite?: true;
}

interface KernelCommandFlags extends KernelFlags, EngineFlags {
  readonly images?: string;
  readonly music?: string;
  readonly scale?: string;
  readonly skipBad?: true;
  readonly out: string;
  readonly resume?: true;
  readonly dataTerms?: readonly string[];
  readonly json?: true;
}

/** Choices of folds that the figures of model.json are means over. */
const FIGURE_SEEDS = 6;

/**
 * `train --system kernel`: no steps and no checkpoints, but statistics of files, which are cached, and then a
 * regression. Interrupted, the same command goes on from the cache.
 *
 * @param given settings of --settings and of flags; `system` is one of them.
 * @throws SynestheteError USAGE, and those of `readManifest` and `trainKernelModel`
 */
export async function trainKernelCommand(
  flags: KernelCommandFlags,
  given: Readonly<Record<string, unknown>>,
): Promise<void> {
  const settings = settingsOf(given);
  const splits = splitsOf(flags.splits ?? ['train', 'val']);
  if (flags.resume === true) {
    throw new SynestheteError(
      'USAGE',
      '--resume is not needed with --system kernel: the same command without it goes on from the cache',
    );
  }
  if (flags.overwrite !== true) await refuseFinished(flags.out);
  const { images, music } = flags;
  if (images === undefined || music === undefined) {
    throw new SynestheteError('USAGE', 'train needs --images and --music, with ratings');
  }
  const manifests = [images, music, ...(flags.imageCategories ?? []), ...(flags.musicCategories ?? [])];
  const terms = termsOfSets(flags.dataTerms ?? [], manifests.map(nameOfSet));
  const scale = flags.scale === undefined ? {} : { scale: parseScale(flags.scale) };
  const rated = async (path: string) => setOf(await readManifest(path, scale), terms);
  const categorised = async (path: string) =>
    setOf(await readManifest(path, { categories: CATEGORY_COLUMNS }), terms);
  const sets = {
    images: [await rated(images), ...(await Promise.all((flags.imageCategories ?? []).map(categorised)))],
    music: [await rated(music), ...(await Promise.all((flags.musicCategories ?? []).map(categorised)))],
  };

  const context = await trainContext(flags, null);
  if (flags.json !== true) await print(`engine: ${context.engine.description}\n`);
  const source = await FileStatistics.open({ ...context, layers: settings.picture.layers });
  const failed: SynestheteError[] = [];
  let shown: { readonly stage: string; readonly progress: Progress } | undefined;
  try {
    const model = await stoppedAsUndefined(
      trainKernelModel({
        ...sets,
        splits,
        settings,
        source,
        engine: context.engine,
        folder: flags.out,
        date: new Date().toISOString(),
        seeds: FIGURE_SEEDS,
        skipBad: flags.skipBad === true,
        skipped: (error) => failed.push(error),
        isStopped: context.isStopped,
        progress: ({ stage, total, done }) => {
          if (shown?.stage !== stage) {
            shown?.progress.stop();
            shown = { stage, progress: new Progress(stage, { total }) };
          }
          if (done > 0) shown.progress.step();
        },
      }),
    );
    shown?.progress.stop();
    if (model === undefined) {
      warn('interrupted; the same command goes on from where it was');
      return;
    }
    const files = [...sets.images, ...sets.music].flatMap(({ manifest }) => manifest.entries);
    tellSkipped(failed, files.length);
    await print(flags.json === true ? jsonOf(model, flags.out, failed) : describe(model, flags.out));
  } finally {
    shown?.progress.stop();
    await source.close();
  }
}

/** An engine that can leave a run throws `Stopped` of its own accord. */
async function stoppedAsUndefined<T>(training: Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await training;
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}

async function refuseFinished(out: string): Promise<void> {
  const isThere = await stat(join(out, 'model.json')).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new SynestheteError(
    'USAGE',
    `${out} holds a model already: name another folder, or --overwrite replaces it`,
  );
}

function settingsOf(given: Readonly<Record<string, unknown>>): KernelSettings {
  const all: Record<string, unknown> = { ...DEFAULT_KERNEL_SETTINGS, ...given };
  delete all['system'];
  const parsed = kernelSettingsSchema.safeParse(all);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new SynestheteError(
    'USAGE',
    `settings of the kernel regression, ${path.join('.') || 'the whole'}: ${message}`,
  );
}

function splitsOf(names: readonly string[]): (typeof SPLITS)[number][] {
  return names.map((name) => {
    const split = SPLITS.find((known) => known === name.trim());
    if (split !== undefined) return split;
    throw new SynestheteError('USAGE', `--splits: "${name}" is no split; splits are ${SPLITS.join(', ')}`);
  });
}

function nameOfSet(manifest: string): string {
  return parse(manifest).name;
}

function setOf(manifest: LabelledSet['manifest'], terms: ReturnType<typeof termsOfSets>): LabelledSet {
  const name = nameOfSet(manifest.path);
  return { name, terms: terms(name) ?? 'not stated', manifest };
}

function jsonOf(model: ModelDescription, out: string, failed: readonly SynestheteError[]): string {
  const { architecture, sigma, constant, metrics } = model;
  const skipped = failed.map(({ message }) => message);
  return `${JSON.stringify({ out, architecture: architecture.name, sigma, constant, metrics, skipped })}\n`;
}

function describe({ metrics }: ModelDescription, out: string): string {
  const figures = Object.entries((metrics['leftOut'] ?? {}) as Record<string, unknown>).flatMap(
    ([name, value]) => {
      if (typeof value !== 'object' || value === null || !('mean' in value) || !('deviation' in value))
        return [];
      return [
        `${name.padEnd(28)} ${Number(value.mean).toFixed(3)} ± ${Number(value.deviation).toFixed(3)}\n`,
      ];
    },
  );
  return [
    `left out by theme and by song, over ${FIGURE_SEEDS} choices of folds:\n`,
    ...figures,
    `written to ${out}\n`,
  ].join('');
}
