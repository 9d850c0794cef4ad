import type { Model, Mood } from '../model/index.ts';
import { FormerIndex } from './former.ts';
import { defaultIndexFolder, layoutOf } from './layout.ts';

/** What the index holds of a picture besides what a show needs. */
export interface IndexedPicture {
  readonly file: string;
  /** The model's own reading. */
  readonly prediction: Mood;
  readonly embedding: Float32Array;
}

/**
 * The pictures of an index with their embeddings, one after the other, in the order of their files; none where there is no index.
 * @throws SynestheteError BAD_INDEX
 */
export async function* indexedPictures(
  gallery: string,
  model: Pick<Model, 'fingerprint'>,
  indexFolder = defaultIndexFolder(gallery),
): AsyncGenerator<IndexedPicture, void, undefined> {
  const index = await FormerIndex.open(layoutOf(indexFolder, model).index);
  try {
    for (const [row, { file, valence, arousal }] of index.entries.entries()) {
      yield { file, prediction: { valence, arousal }, embedding: await index.embeddingNumbers(row) };
    }
  } finally {
    await index.close();
  }
}
