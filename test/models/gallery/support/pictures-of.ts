import { openGallery, type Picture } from '../../../../models/gallery/index.ts';
import { formulaModel } from '../../../support/formula-model.ts';

/** The pictures of a gallery that the formula model has indexed, by row. */
export async function picturesOf(gallery: string): Promise<Picture[]> {
  const opened = await openGallery(gallery, { model: formulaModel() });
  opened.close();
  return Array.from({ length: opened.snapshot.count }, (_, row) => opened.snapshot.picture(row));
}
