import { SynestheteError } from '../../../models/errors.ts';
import type { Model, Prediction } from '../../../models/model/index.ts';
import {
  CATEGORY_COLUMNS,
  entriesOfSplit,
  parseScale,
  readManifest,
  sidesOf,
  type Manifest,
  type ManifestLine,
  type Scale,
  type SPLITS,
} from '../../../models/training/index.ts';
import type {
  FeatureProcesses,
  FilePrediction,
  FileRequest,
  PredictionStore,
} from '../../../streams/file-inference/index.ts';
import { warn } from '../terminal/failure.ts';

export type Split = (typeof SPLITS)[number] | 'all';

/** The rows of one manifest that take part. */
export interface LabelledFiles {
  readonly kind: 'image' | 'music';
  readonly manifest: string;
  readonly rows: readonly ManifestLine[];
}

/** The manifests that were given, each a part of the evaluation. */
export interface FilesToEvaluate {
  readonly images?: LabelledFiles;
  readonly music?: LabelledFiles;
  readonly imageCategories?: LabelledFiles;
  readonly musicCategories?: LabelledFiles;
}

/**
 * Reads all manifests, before anything that takes long.
 * @throws SynestheteError USAGE when none was given; those of the manifests.
 */
export async function labelledFiles(
  options: Partial<Record<keyof FilesToEvaluate, string>> & {
    readonly split: Split;
    readonly scale?: string;
  },
): Promise<FilesToEvaluate> {
  const { images, music, imageCategories, musicCategories, split } = options;
  if ([images, music, imageCategories, musicCategories].every((path) => path === undefined)) {
    throw new SynestheteError(
      'USAGE',
      'nothing to evaluate on: give --images and --music, one of them, or --image-categories or --music-categories',
    );
  }
  const ratings = { split, scale: options.scale === undefined ? undefined : parseScale(options.scale) };
  return {
    ...(images === undefined ? {} : { images: await ratedFiles(images, 'image', ratings) }),
    ...(music === undefined ? {} : { music: await ratedFiles(music, 'music', ratings) }),
    ...(imageCategories === undefined
      ? {}
      : { imageCategories: await categorisedFiles(imageCategories, 'image', split) }),
    ...(musicCategories === undefined
      ? {}
      : { musicCategories: await categorisedFiles(musicCategories, 'music', split) }),
  };
}

/**
 * Reads a manifest with ratings; a row may lack one of the two.
 * @throws SynestheteError those of `readManifest` and `entriesOfSplit`.
 */
async function ratedFiles(
  path: string,
  kind: LabelledFiles['kind'],
  { split, scale }: { readonly split: Split; readonly scale?: Scale | undefined },
): Promise<LabelledFiles> {
  const manifest = await readManifest(path, {
    mayLackOne: true,
    medium: kind,
    notice: warn,
    ...(scale !== undefined && { scale }),
  });
  return { kind, manifest: path, rows: rowsOf(manifest, split) };
}

/**
 * Reads a manifest with categories.
 * @throws SynestheteError as `ratedFiles`, and BAD_TABLE where a category is missing or not known.
 */
async function categorisedFiles(
  path: string,
  kind: LabelledFiles['kind'],
  split: Split,
): Promise<LabelledFiles> {
  const manifest = await readManifest(path, { categories: CATEGORY_COLUMNS });
  const rows = rowsOf(manifest, split);
  for (const row of rows) sidesOf(path, row);
  return { kind, manifest: path, rows };
}

function rowsOf(manifest: Manifest, split: Split): readonly ManifestLine[] {
  return split === 'all' ? manifest.entries : entriesOfSplit(manifest, split);
}

/** Whether a row has both valence and arousal. */
export function hasBoth({ rating }: ManifestLine): boolean {
  return rating !== undefined;
}

/** A file with its rows: sound is decoded once for all of its stretches. */
interface RowsOfFile extends FileRequest {
  readonly rows: readonly ManifestLine[];
}

/** The requests of a manifest's rows, a file each, in the order of the manifest. */
export function requestsOf({ kind, rows }: LabelledFiles): RowsOfFile[] {
  const ofFile = new Map<string, ManifestLine[]>();
  for (const row of rows) {
    const others = ofFile.get(row.file);
    if (others === undefined) ofFile.set(row.file, [row]);
    else others.push(row);
  }
  return [...ofFile].map(([file, its]) => ({
    file,
    kind,
    rows: its,
    ...(kind === 'image'
      ? {}
      : {
          stretches: its.map(({ startSeconds = 0, endSeconds }) => ({ startSeconds, endSeconds })),
        }),
  }));
}

export interface RowPrediction {
  readonly row: ManifestLine;
  readonly prediction: Prediction;
  /** For sound: which clip of the row it is, from 0, and where it starts in the file. */
  readonly clip?: { readonly index: number; readonly startSeconds: number };
}

export interface PredictRowsOptions {
  readonly store: PredictionStore | undefined;
  readonly threads: FeatureProcesses;
  /** Takes the error of each file that can't be read, or throws it. */
  readonly failed: (error: SynestheteError) => void;
  readonly damaged: (line: string) => void;
  /** Called after each file. */
  readonly step: () => void;
}

/**
 * Runs the model on the files of a manifest. A sound file gives a prediction for each clip; one that fails in its
 * middle gives none.
 */
export async function predictRows(
  requests: readonly RowsOfFile[],
  model: Model,
  { failed, step, ...options }: PredictRowsOptions,
): Promise<RowPrediction[]> {
  const { readFiles } = await import('../../../streams/file-inference/index.ts');
  const predictions: RowPrediction[] = [];
  let ofFile: RowPrediction[] = [];
  for await (const event of readFiles(requests, model, options)) {
    if (event.kind === 'prediction') {
      ofFile.push(rowPrediction(event.request.rows, event.of, ofFile));
      continue;
    }
    if (event.kind === 'failed') failed(event.error);
    else for (const prediction of ofFile) predictions.push(prediction);
    ofFile = [];
    step();
  }
  return predictions;
}

/** @param before the predictions so far of the same file, in their order */
function rowPrediction(
  rows: readonly ManifestLine[],
  of: FilePrediction,
  before: readonly RowPrediction[],
): RowPrediction {
  const { prediction } = of;
  if (of.kind === 'image') return { row: rows[0]!, prediction };
  const row = rows[of.clip.stretch]!;
  // Clips of overlapping stretches alternate.
  const last = before.findLast((other) => other.row === row);
  const index = last === undefined ? 0 : last.clip!.index + 1;
  return { row, prediction, clip: { index, startSeconds: of.clip.startSeconds } };
}
