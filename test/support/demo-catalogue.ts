import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { openEngine } from '../../models/engine/index.ts';
import { openModel } from '../../models/families/index.ts';
import { PLAIN_ATTENTION } from '../../models/model/index.ts';
import { folderGallery } from '../../src/show/index.ts';

/** The built-in pictures as the built-in model reads them, out of the index that `npm run build` makes. */
export async function demoCatalogue(t: Test) {
  const model = await openModel(undefined, { engine: await openEngine('cpu') });
  const { fingerprint, ranking } = model;
  const { score, width } = ranking;
  const middle = { valence: 0.5, arousal: 0.5 };
  const facts = {
    fingerprint,
    folder: '',
    engine: '',
    fallbacks: [],
    ranking: score,
    width,
    music: { mean: middle, sd: middle },
    attention: PLAIN_ATTENTION,
  };
  const { catalogue } = await folderGallery({
    folder: fileURLToPath(new URL('../../demo/gallery', import.meta.url)),
    indexFolder: fileURLToPath(new URL('../../dist/demo-index', import.meta.url)),
    notice: t.comment.bind(t),
  }).open(facts);
  await model.close();
  return catalogue;
}
