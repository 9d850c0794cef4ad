import { NEVER } from 'rxjs';
import type { GalleryProvider, OpenedGallery, ShowGallery } from '../src/show/index.ts';
import type { ModelInfo } from '../streams/analysis/index.ts';
import { catalogueOf } from '../streams/program/index.ts';

/**
 * A gallery of any size without files: points and vectors drawn from a seed. The cost of matching depends only on their
 * number and width.
 * @param file stands for the rendition of every picture
 */
export function syntheticGallery(count: number, file: string): GalleryProvider {
  return {
    open: (model) =>
      Promise.resolve({
        ...galleryFor(model, count, file),
        moodsByHand: NOT_BY_HAND,
        listsByHand: NO_LISTS,
        changes: NEVER,
      }),
  };
}

const refused = () => Promise.reject(new Error('nothing is set by hand in a bench'));

const NOT_BY_HAND: OpenedGallery['moodsByHand'] = {
  ...{ canUndo: false, canRedo: false, faults: [] },
  ...{ set: refused, undo: refused, redo: refused, csv: refused, replace: refused },
};

const NO_LISTS: OpenedGallery['listsByHand'] = {
  ...{ canUndo: false, canRedo: false },
  ...{ set: refused, undo: refused, redo: refused },
};

function galleryFor({ width }: ModelInfo, count: number, file: string): ShowGallery {
  let seed = 1;
  const random = () => {
    seed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    return ((seed ^ (seed >>> 13)) >>> 0) / 2 ** 32;
  };
  const vectors = new Float32Array(count * width);
  for (let i = 0; i < vectors.length; i++) vectors[i] = random() - 0.5;
  const moods = new Float32Array(2 * count);
  for (let i = 0; i < moods.length; i++) moods[i] = random();
  const pictures = Array.from({ length: count }, (_, row) => ({
    id: row.toString(16).padStart(16, '0'),
    bank: '',
    unsafe: false,
    valence: moods[2 * row]!,
    arousal: moods[2 * row + 1]!,
  }));
  const files = { rendition: file, thumbnail: file, width: 1920, height: 1080 };
  return {
    catalogue: catalogueOf(pictures),
    judged: { marked: [], hidden: [], allowed: [] },
    pictures: { count, vectors, moods },
    filesOf: (id) => ({ name: id, ...files }),
  };
}
