import type { ModelDescription } from '../../../models/weights/index.ts';
import type { FilesToEvaluate, Split } from './labelled-files.ts';

/** What figures are of: without it nobody can tell a result from a recollection. */
export interface Provenance {
  readonly split: Split;
  /** The splits that the model was learnt from, as far as its description tells. */
  readonly learnt: { readonly image: readonly string[]; readonly music: readonly string[] };
  /** With --folds: how those of the model's own figures were made; null for a model that doesn't say. */
  readonly folds?: ModelDescription['folds'] | null;
}

export function provenanceOf(
  { data, folds }: Pick<ModelDescription, 'data' | 'folds'>,
  options: { readonly split: Split; readonly folds?: true },
): Provenance {
  const splitsOf = (kind: 'image' | 'music') => [
    ...new Set(data.flatMap((set) => (set.kind === kind ? (set.splits ?? []) : []))),
  ];
  return {
    split: options.split,
    learnt: { image: splitsOf('image'), music: splitsOf('music') },
    ...(options.folds === true && { folds: folds ?? null }),
  };
}

/** The same for people. */
export function provenanceLines({ split, learnt, folds }: Provenance): string {
  const splits = (names: readonly string[]) => (names.length === 0 ? 'unknown splits' : names.join(', '));
  const lines = [
    `split ${split}; the model has learnt from pictures of ${splits(learnt.image)} and music of ${splits(learnt.music)}`,
  ];
  if (folds === null) lines.push('the model does not say how its folds were made');
  if (folds)
    lines.push(
      `folds of pictures: ${folds.pictures}`,
      `of music: ${folds.music}`,
      `choices: ${folds.nested}`,
    );
  return `${lines.join('\n')}\n`;
}

const KIND_NAMES = { image: 'pictures', music: 'music' } as const;

/** What figures are worth where the model may have seen the files. @param learnt at least one kind */
export function inSampleNotice(learnt: readonly (keyof typeof KIND_NAMES)[], split: Split): string {
  const kinds = learnt.map((kind) => KIND_NAMES[kind]).join(' and ');
  const trained = `the model was trained on ${kinds} of`;
  const of = split === 'all' ? 'splits that are among these' : `a split ${split}, too`;
  return `${trained} ${of}: where these are the same files, the figures tell what it remembers, not how good it is`;
}

/**
 * The kinds whose split the model was learnt from, as far as its description tells: by the name of the split, since the
 * files of its sets are not known. Of `all` any split is a part.
 */
export function learntKinds(
  { data }: Pick<ModelDescription, 'data'>,
  files: FilesToEvaluate,
  split: Split,
): ('image' | 'music')[] {
  const given = [files.images, files.music, files.imageCategories, files.musicCategories];
  return (['image', 'music'] as const).filter(
    (kind) =>
      given.some((part) => part?.kind === kind) &&
      data.some(
        ({ kind: ofSet, splits = [] }) =>
          ofSet === kind && splits.some((learnt) => split === 'all' || learnt === split),
      ),
  );
}
