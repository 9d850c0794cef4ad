import { CLIP_ENCODERS, PICTURE_ENCODERS } from '../../encoders/index.ts';
import type { Engine } from '../../engine/index.ts';
import type {
  CoordinateMap,
  CategorySettings,
  CdcmlSettings,
  SideSettings,
} from '../../families/on-encoders/index.ts';
import type { Mood } from '../../model/index.ts';
import type { Example } from './examples.ts';
import { coordinatesOf, fitCoordinates } from './fit-coordinates.ts';
import type { Block } from './fit-coordinates.ts';
import { groupFolds } from './folds.ts';
import type { TeacherRows } from './teacher.ts';

/** Most rows from which the coordinates are learnt; the cost grows with the square. */
const MOST_MAPPED = 4000;

/** The training data of one branch, pictures or music. */
export interface Branch {
  readonly examples: readonly Example[];
  readonly map: CoordinateMap;
  /** Row-major [examples, size]. */
  readonly coordinates: Float32Array;
  readonly size: number;
  /** Mean of the ratings of the originals of the first set. */
  readonly mean: Mood;
  /** Fold of each example, from 0. */
  readonly folds: Int32Array;
  readonly rows: TeacherRows;
  /** Example of each of the teacher's rows. */
  readonly rowExamples: readonly number[];
}

/** Weights of the blocks of an encoder's features; by default 1. */
const BLOCK_WEIGHTS: Readonly<Record<string, number>> = {
  rhythm: 0.5,
  harmony: 0.5,
  intervals: 0.2,
  penultimate: 1.5,
  mean: 1.5,
  max: 1.5,
};

/**
 * Blocks of the features of pictures, in the order of the encoders. An ONNX encoder comes last; it is one block, and weighs as
 * much as all bundled ones beside it together.
 */
export function pictureBlocks({ picture: { encoders, onnx } }: CdcmlSettings): Block[] {
  const bundled = Object.values(PICTURE_ENCODERS)
    .filter(({ name }) => encoders.includes(name))
    .flatMap(({ blocks }) => blocks.map((width) => ({ width, weight: 1 })));
  if (onnx === undefined) return bundled;
  return [...bundled, { width: onnx.output.width, weight: Math.max(1, bundled.length) }];
}

/** Blocks of the features of clips, in the order of the encoders. */
export function clipBlocks({ music }: CdcmlSettings): Block[] {
  return music.encoders.flatMap((wanted) =>
    CLIP_ENCODERS.find(({ name }) => name === wanted)!.blocks.map(({ name, width }) => ({
      width,
      weight: BLOCK_WEIGHTS[name] ?? 1,
    })),
  );
}

/**
 * @param seed of the folds
 * @throws SynestheteError ENGINE_FAILED
 */
export async function prepareBranch(
  engine: Engine,
  examples: readonly Example[],
  blocks: readonly Block[],
  settings: SideSettings,
  { folds: foldCount, seed }: { readonly folds: number; readonly seed: number },
): Promise<Branch> {
  const originals = examples.filter(({ isOriginal }) => isOriginal);
  const mapped = spread(originals, MOST_MAPPED).map(({ features }) => features);
  const { limit, components } = settings;
  const map = await fitCoordinates(engine, mapped, { blocks, limit, components });
  const coordinates = await coordinatesOf(engine, map, examples.map(({ features }) => features)); // prettier-ignore
  const size = map.components.length / map.mean.length;
  const mean = meanRating(examples[0]!.set, originals);
  const folds = groupFolds(
    examples.map(({ group, set }) => ({ group, kind: set.name })),
    foldCount,
    seed,
  );

  const indices = examples.map((_, i) => i);
  const isRated = (i: number): boolean => (examples[i]!.rating ?? examples[i]!.partialRating) !== undefined;
  const rated = indices.filter(isRated);
  const categorised = indices.filter((i) => !isRated(i));
  const chosen = [...rated, ...spread(categorised, Math.max(0, settings.rows - rated.length))];
  const deviationOf = deviations(examples, settings.categories, mean);
  const targets = new Float32Array(2 * chosen.length);
  const known = new Uint8Array(2 * chosen.length);
  const chosenCoordinates = new Float32Array(chosen.length * size);
  chosen.forEach((example, row) => {
    const { valence, arousal } = deviationOf(examples[example]!);
    targets.set([valence ?? 0, arousal ?? 0], 2 * row);
    known.set([valence === undefined ? 0 : 1, arousal === undefined ? 0 : 1], 2 * row);
    chosenCoordinates.set(coordinates.subarray(example * size, (example + 1) * size), row * size);
  });
  return {
    examples,
    map,
    coordinates,
    size,
    mean,
    folds,
    rowExamples: chosen,
    rows: {
      count: chosen.length,
      size,
      coordinates: chosenCoordinates,
      corpus: Uint8Array.from(chosen, (i) => (isRated(i) ? 0 : 1)),
      targets,
      known,
      mean: [mean.valence, mean.arousal],
      weights: Float32Array.from(chosen, (i) => examples[i]!.weight),
    },
  };
}

/** At most `count` of the items, evenly spread over them. */
export function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]!);
}

function meanRating(set: Example['set'], originals: readonly Example[]): Mood {
  const rated = originals.flatMap((example) =>
    example.set === set && example.rating ? [example.rating] : [],
  );
  if (rated.length === 0) throw new RangeError('the first set must have ratings');
  const mean = (axis: keyof Mood) => rated.reduce((sum, rating) => sum + rating[axis], 0) / rated.length;
  return { valence: mean('valence'), arousal: mean('arousal') };
}

/**
 * The teacher's target, as deviation from the mean. For a rated file it is its rating (undefined on a missing axis);
 * for a file with a category, the category's place around the mean of all files with one (so that a corpus with more
 * pleasant files has no influence); for a file with both, a point between them.
 */
function deviations(
  examples: readonly Example[],
  { centres, spread: scale, pull }: CategorySettings,
  mean: Mood,
): (example: Example) => Partial<Mood> {
  const known = examples.flatMap(({ category, isOriginal }) =>
    category !== undefined && isOriginal ? [centres[category]!] : [],
  );
  const middle = (axis: keyof Mood) => known.reduce((sum, centre) => sum + centre[axis], 0) / known.length;
  const middles = { valence: middle('valence'), arousal: middle('arousal') };
  return ({ rating, partialRating, category }) => {
    const axis = (name: keyof Mood): number | undefined => {
      const value = (rating ?? partialRating)?.[name];
      const ofRating = value === undefined ? undefined : value - mean[name];
      if (category === undefined || (value === undefined && partialRating !== undefined)) return ofRating;
      const ofCategory = scale[name] * (centres[category]![name] - middles[name]);
      return ofRating === undefined ? ofCategory : ofRating + pull * (ofCategory - ofRating);
    };
    const [valence, arousal] = [axis('valence'), axis('arousal')];
    return { ...(valence !== undefined && { valence }), ...(arousal !== undefined && { arousal }) };
  };
}
