import type { Model } from '../../../models/model/index.ts';
import {
  clipId,
  evaluateModel,
  GALLERY_PICTURES,
  indexPairs,
  listedPairFigures,
  pictureId,
  readPairs,
  separation,
  sidesOf,
  type Evaluation,
  type ListedPairFigures,
  type Separation,
  type SimilarityPair,
  type TargetOf,
} from '../../../models/training/index.ts';
import { warn } from '../terminal/failure.ts';
import {
  hasBoth,
  type FilesToEvaluate,
  type LabelledFiles,
  type RowPrediction,
  type Split,
} from './labelled-files.ts';
import { playNight, type NightOptions } from './play-night.ts';
import { predictFiles, type PredictFilesOptions } from './predict-files.ts';
import type { NightFigures } from './show.ts';

/** How well a model tells the categories of one manifest apart. */
interface CategoryFigures extends Separation {
  /** Pictures, or clips. */
  readonly n: number;
}

export interface EvaluationReport extends Evaluation {
  /** For the pairs of a file, where one was given. */
  readonly pairs?: ListedPairFigures;
  /** For manifests with categories, where they were given. */
  readonly categories?: { readonly image?: CategoryFigures; readonly music?: CategoryFigures };
  /** For a night of the split's music, where the options ask for it. */
  readonly show?: NightFigures;
  /** Files that were left out with `--skip-bad`. */
  readonly skipped: number;
}

/** The figures, and the predictions behind those of similarity and ranking: of files with both ratings. */
export interface Measured {
  readonly report: EvaluationReport;
  readonly images: readonly RowPrediction[];
  readonly clips: readonly RowPrediction[];
  /** For each clip the index of the picture that ranks first; empty without pictures. */
  readonly firsts: readonly number[];
}

/** Pairs of a file, with the names that errors give to the file and to what is evaluated. */
interface ListedPairs {
  readonly path: string;
  readonly list: readonly SimilarityPair[];
  readonly of: string;
}

/** @throws SynestheteError those of `readPairs` */
export async function listedPairs(path: string, split: Split): Promise<ListedPairs> {
  const of = split === 'all' ? 'the whole of the manifests' : `the split ${split} of the manifests`;
  return { path, list: await readPairs(path), of };
}

/**
 * Runs the model on the files and computes its figures.
 *
 * @throws SynestheteError those of `predictFiles`, `indexPairs` and `playNight`
 */
export async function measure(
  files: FilesToEvaluate,
  model: Model,
  options: PredictFilesOptions & {
    readonly pairs?: ListedPairs | undefined;
    /** Also plays a night, where both pictures and music were given. */
    readonly show?: NightOptions | undefined;
  },
): Promise<Measured> {
  const { predictions, skipped } = await predictFiles(files, model, options);
  const { images = [], music: clips = [] } = predictions;
  const firsts: number[] = [];
  const evaluation = await evaluateModel(
    model,
    labelled(images),
    labelled(clips),
    await defaultTarget(),
    (clip, picture) => void (firsts[clip] = picture),
  );
  const pairs = options.pairs && (await figuresOfPairs(options.pairs, model, images, clips));
  if (evaluation.n.pairs > 0 && evaluation.galleries === null) {
    warn(
      `the split has ${evaluation.n.withBoth.images} pictures with both ratings: galleries of ${GALLERY_PICTURES} are drawn from that many or more, and are left out`,
    );
  }
  const image = separated(files.imageCategories, predictions.imageCategories);
  const music = separated(files.musicCategories, predictions.musicCategories);
  const categories = { ...(image && { image }), ...(music && { music }) };
  const report = {
    ...evaluation,
    ...(pairs && { pairs }),
    ...(Object.keys(categories).length === 0 ? {} : { categories }),
    ...(options.show && { show: await playNight(files, predictions, model, options.show) }),
    skipped,
  };
  const withBoth = (predictions: readonly RowPrediction[]) => predictions.filter(({ row }) => hasBoth(row));
  return { report, images: withBoth(images), clips: withBoth(clips), firsts };
}

/** @throws SynestheteError BAD_TABLE where most pairs are of other pictures or clips */
async function figuresOfPairs(
  { path, list, of }: ListedPairs,
  model: Model,
  images: readonly RowPrediction[],
  clips: readonly RowPrediction[],
): Promise<ListedPairFigures> {
  const ids = {
    pictures: images.map(({ row }) => pictureId(row)),
    clips: clips.map(({ row, clip }) => clipId(row, clip!.index)),
  };
  const predictions = (items: readonly RowPrediction[]) => items.map(({ prediction }) => prediction);
  return listedPairFigures(
    model,
    predictions(images),
    predictions(clips),
    indexPairs(path, list, { ...ids, of }, warn),
  );
}

/** Where the program looks for pictures at its default fit, without a push by the operator. */
async function defaultTarget(): Promise<TargetOf> {
  const [{ targetOf }, { DEFAULT_PROGRAM_SETTINGS }] = await Promise.all([
    import('../../../streams/matching/index.ts'),
    import('../../../streams/program/index.ts'),
  ]);
  const { fit } = DEFAULT_PROGRAM_SETTINGS;
  return (prediction, night, gallery) =>
    targetOf(prediction, night, { gallery, fit, offset: { valence: 0, arousal: 0 } });
}

function labelled(predictions: readonly RowPrediction[]) {
  return predictions.map(({ row, prediction }) => ({
    name: row.file,
    prediction,
    label: row.rating ?? row.partialRating!,
  }));
}

function separated(
  files: LabelledFiles | undefined,
  predictions: readonly RowPrediction[] = [],
): CategoryFigures | undefined {
  if (files === undefined) return undefined;
  return {
    n: predictions.length,
    ...separation(
      predictions.map(({ row, prediction }) => ({ mood: prediction, sides: sidesOf(files.manifest, row) })),
    ),
  };
}
