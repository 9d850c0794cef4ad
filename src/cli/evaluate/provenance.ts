import { MOODS_BY_HAND, type ModelDescription } from '../../../models/weights/index.ts';
import type { FilesToEvaluate, Split } from './labelled-files.ts';

/** What the figures measure: without it, a result can't be distinguished from a recollection. */
export interface Provenance {
  readonly split: Split;
  /** The splits that the model has learnt from, as far as its description says. */
  readonly learnt: { readonly image: readonly string[]; readonly music: readonly string[] };
  /** For a refined model: the pictures whose moods by hand it has also learnt, in any split. */
  readonly byHand?: readonly { readonly name: string; readonly files: number }[];
  /** With --folds: how the folds of the model's own figures were made; null for a model that doesn't say. */
  readonly folds?: ModelDescription['folds'] | null;
}

export function provenanceOf(
  { data, folds }: Pick<ModelDescription, 'data' | 'folds'>,
  options: { readonly split: Split; readonly folds?: true },
): Provenance {
  const splitsOf = (kind: 'image' | 'music') => [
    ...new Set(data.flatMap((set) => (set.kind === kind ? (set.splits ?? []) : []))),
  ];
  const byHand = setsByHand(data);
  return {
    split: options.split,
    learnt: { image: splitsOf('image'), music: splitsOf('music') },
    ...(byHand.length > 0 && { byHand }),
    ...(options.folds === true && { folds: folds ?? null }),
  };
}

/** The same for people. */
export function provenanceLines({ split, learnt, byHand = [], folds }: Provenance): string {
  const splits = (names: readonly string[]) => (names.length === 0 ? 'unknown splits' : names.join(', '));
  const lines = [
    `split ${split}; the model has learnt from pictures of ${splits(learnt.image)} and music of ${splits(learnt.music)}`,
  ];
  for (const { name, files } of byHand) {
    lines.push(
      `and from ${files} moods by hand (${name}); its own figures in model.json, under "base", are of the model before that`,
    );
  }
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

/**
 * Which of the figures show what a model remembers, a line each, as far as its description says: by the name of the
 * split, since the files of its sets are unknown. `all` contains every split. Pictures with moods by hand have no
 * split: they may be in any.
 */
export function inSampleLines(
  { data }: Pick<ModelDescription, 'data'>,
  files: FilesToEvaluate,
  split: Split,
): string[] {
  const given = [files.images, files.music, files.imageCategories, files.musicCategories];
  const isEvaluated = (kind: 'image' | 'music'): boolean => given.some((part) => part?.kind === kind);
  const kinds = (['image', 'music'] as const).filter(
    (kind) =>
      isEvaluated(kind) &&
      data.some(
        ({ kind: ofSet, splits = [] }) =>
          ofSet === kind && splits.some((learnt) => split === 'all' || learnt === split),
      ),
  );
  const lines: string[] = [];
  if (kinds.length > 0) {
    lines.push(
      `the model was trained on ${kinds.map((kind) => KIND_NAMES[kind]).join(' and ')} of ${split === 'all' ? 'splits that are among these' : `a split ${split}, too`}: where these are the same files, the figures show what it remembers, not how good it is`,
    );
  }
  for (const { name, files: count } of isEvaluated('image') ? setsByHand(data) : []) {
    lines.push(
      `the model was trained on moods by hand of ${count} pictures (${name}): where they are among those evaluated, the figures of pictures show what it remembers`,
    );
  }
  return lines;
}

function setsByHand(data: ModelDescription['data']): { readonly name: string; readonly files: number }[] {
  return data.flatMap(({ name, terms, files }) => (terms === MOODS_BY_HAND ? [{ name, files }] : []));
}
