import { writeFile } from 'node:fs/promises';
import type { OnnxEncoderFile } from '../../encoders/index.ts';
import {
  ONNX_FILE,
  architectureOf,
  encodeParts,
  type CdcmlModelParts,
} from '../../families/on-encoders/index.ts';
import type { Attention, Mood } from '../../model/index.ts';
import { meanPoint, meanSimilarity, type PlanePoints } from '../../plane.ts';
import type { ModelDescription, NewModelDescription } from '../../weights/index.ts';
import { type ManifestLine } from '../index.ts';
import type { Example, LabelledSet } from './examples.ts';
import type { Figures } from './figures.ts';
import { writeModelFolder } from './model-folder.ts';
import type { Trained } from './student.ts';
import { FOLDS, FOLD_SEED } from './taught.ts';

/** The results of a training besides the weights. */
export interface Findings {
  /** Ratings of the first set of each. */
  readonly truths: { readonly image: PlanePoints; readonly music: PlanePoints };
  readonly sigma: number;
  readonly figures: Figures;
  readonly teacherFigures: Figures;
  readonly losses: Trained['losses'];
  readonly attention: Attention | undefined;
}

export interface WriteOptions {
  readonly images: readonly LabelledSet[];
  readonly music: readonly LabelledSet[];
  readonly splits: readonly NonNullable<ManifestLine['split']>[];
  readonly folder: string;
  readonly date: string;
  /** The model's ONNX encoder, which is written into its folder. */
  readonly onnx?: (OnnxEncoderFile & { readonly terms: string }) | undefined;
}

/**
 * Writes the folder of a model, whole or not at all.
 * @returns the contents of model.json
 * @throws SynestheteError USAGE when the folder is a file; WRITE_FAILED
 */
export async function writeModel(
  parts: CdcmlModelParts,
  found: Findings,
  { pictures, clips }: { readonly pictures: readonly Example[]; readonly clips: readonly Example[] },
  options: WriteOptions,
): Promise<ModelDescription> {
  const { truths, sigma, figures, teacherFigures, losses, attention } = found;
  const { onnx } = options;
  const weights = encodeParts(parts);
  const rms = ({ valence, arousal }: CdcmlModelParts['errors']['image']): Mood => ({
    valence: Math.sqrt(valence.mean),
    arousal: Math.sqrt(arousal.mean),
  });
  const description: Omit<NewModelDescription, 'weights'> = {
    date: options.date,
    architecture: architectureOf(parts),
    features: {
      normalisation: 'features of frozen encoders, standardised (part of the weights)',
      mean: [],
      deviation: [],
    },
    sigma,
    constant: {
      similarity: meanSimilarity(truths.image, truths.music, sigma),
      image: meanPoint(truths.image),
      music: meanPoint(truths.music),
    },
    uncertainty: { image: rms(parts.errors.image), music: rms(parts.errors.music) },
    spread: { music: deviationOf(truths.music) },
    ...(attention && { attention }),
    data: [
      ...options.images.map((set) => dataOf(set, 'image', pictures, options)),
      ...options.music.map((set) => dataOf(set, 'music', clips, options)),
    ],
    metrics: {
      leftOut: { ...figures },
      teacher: { ...teacherFigures },
      losses: Object.fromEntries(
        Object.entries(losses).map(([term, values]) => [term, Array.from(values, short)]),
      ),
    },
    folds: {
      pictures: `${FOLDS} folds of themes (rated pictures) and of files (others), seed ${FOLD_SEED}; each read by a teacher and a network trained without its fold`,
      music: `${FOLDS} folds of songs, seed ${FOLD_SEED}; each read by a teacher and a network trained without its fold`,
      nested: 'settings are not chosen in this training; see the model card for how the defaults were',
    },
    ...(onnx && {
      pictureEncoder: {
        file: onnx.name,
        terms: onnx.terms,
        assumed: onnx.isAssumed ? ['mean', 'deviation'] : [],
      },
    }),
  };
  const others = onnx
    ? [
        {
          file: ONNX_FILE,
          sha256: onnx.settings.sha256,
          write: (path: string) => writeFile(path, onnx.bytes),
        },
      ]
    : [];
  const written = await writeModelFolder(options.folder, weights, description, others);
  return { format: 'synesthete-model', formatVersion: 1, ...written };
}

/** A single-precision number without the digits that doubles add to it. */
function short(value: number): number {
  return Number(value.toPrecision(7));
}

function deviationOf({ valence, arousal }: PlanePoints): Mood {
  const deviation = (values: ArrayLike<number>): number => {
    const all = Array.from(values);
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    return Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
  };
  return { valence: deviation(valence), arousal: deviation(arousal) };
}

function dataOf(
  set: LabelledSet,
  kind: 'image' | 'music',
  examples: readonly Example[],
  { splits }: WriteOptions,
): ModelDescription['data'][number] {
  const used = examples.filter((example) => example.set === set);
  return {
    name: set.name,
    terms: set.terms,
    kind,
    files: new Set(used.map(({ entry }) => entry.file)).size,
    labels: used.some(({ rating, partialRating }) => (rating ?? partialRating) !== undefined)
      ? 'ratings'
      : 'categories',
    splits: [...splits],
  };
}
