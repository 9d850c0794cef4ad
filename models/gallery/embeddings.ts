import type { Model, Mood } from '../model/index.ts';
import { PreviousIndex } from './previous-index.ts';
import { defaultIndexFolder, layoutOf } from './layout.ts';

/** What an index holds of a picture for training. */
export interface IndexedPicture {
  readonly file: string;
  /** The model's own prediction. */
  readonly prediction: Mood;
  readonly embedding: Float32Array;
}

/**
 * The pictures of an index with their embeddings, in the order of their files; none when there is no index.
 * @throws SynestheteError BAD_INDEX
 */
export async function* indexedPictures(
  gallery: string,
  model: Pick<Model, 'fingerprint'>,
  indexFolder = defaultIndexFolder(gallery),
): AsyncGenerator<IndexedPicture, void, undefined> {
  const index = await PreviousIndex.open(layoutOf(indexFolder, model).index);
  try {
    for (const [row, { file, valence, arousal }] of index.entries.entries()) {
      yield { file, prediction: { valence, arousal }, embedding: await index.embeddingNumbers(row) };
    }
  } finally {
    await index.close();
  }
}
