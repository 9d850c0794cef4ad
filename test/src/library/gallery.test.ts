import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { embeddingRanking, type Model } from '../../../models/model/index.ts';
import { OpenModel } from '../../../src/library/model.ts';
import { formulaGallery, grid } from '../../support/formula-gallery.ts';
import { formulaModel, formulaReading } from '../../support/formula-model.ts';

/** Nine pictures over the plane, the lowest three in the bank `low`. */
async function nine(t: Test, model: Model = formulaModel()) {
  const folder = t.testdir({});
  await mkdir(join(folder, 'low'));
  await formulaGallery(folder, grid(3), (i) => (i < 3 ? `low/p${i}.png` : `p${i}.png`));
  const open = new OpenModel(model, false);
  if (model.fingerprint !== formulaModel().fingerprint) await open.indexGallery(folder);
  return open.openGallery(folder);
}

const CLIP = {
  file: 'song.wav',
  kind: 'music',
  startSeconds: 0,
  durationSeconds: 2,
  unsafe: null,
  model: formulaModel().fingerprint,
} as const;

t.test('a mood finds the pictures that are nearest in the plane', async (t) => {
  const gallery = await nine(t);
  t.match(gallery, { size: 9, banks: ['low'] });
  const found = gallery.search({ valence: 1, arousal: 0.9 }, { count: 2 });
  t.match(found, [{ file: 'p8.png' }, { file: 'p5.png' }]);
  t.match(gallery.picture(found[0]!.id), { file: 'p8.png', bank: null, width: 64, height: 64 });
  t.equal(gallery.picture('0'.repeat(16)), undefined);
  t.equal(gallery.search({ valence: 1, arousal: 1 }).length, 9);
  const low = gallery.search({ valence: 1, arousal: 0.9 }, { bank: 'low' });
  t.match(low, [{ file: 'low/p2.png', bank: 'low' }, { file: 'low/p1.png' }, { file: 'low/p0.png' }]);
});

t.test('a prediction is compared by the ranking of its model', async (t) => {
  const gallery = await nine(t);
  const clip = { ...CLIP, ...formulaReading(0, 1) };
  t.match(gallery.search(clip, { count: 1 }), [{ file: 'p6.png', fit: 1 }]);
  t.throws(() => gallery.search({ ...clip, model: 'another' }), { code: 'OTHER_MODEL' });
});

t.test('with a model that ranks embeddings, a mood still means the plane', async (t) => {
  const model: Model = { ...formulaModel(), fingerprint: 'e0'.repeat(32), ranking: embeddingRanking(512) };
  const gallery = await nine(t, model);
  t.match(gallery.search({ valence: 0.5, arousal: 1 }, { count: 1 }), [{ file: 'p7.png' }]);
  // An embedding that says the opposite of the mood beside it.
  const embedding = new Float32Array(512);
  embedding.set([1, 0]);
  embedding[511] = 1;
  const clip = { ...CLIP, ...formulaReading(0, 1, embedding), model: model.fingerprint };
  t.match(gallery.search(clip, { count: 1 }), [{ file: 'low/p2.png' }]);
});

t.test('what can not be searched for is reported', async (t) => {
  const gallery = await nine(t);
  const mood = { valence: 0.5, arousal: 0.5 };
  t.throws(() => gallery.search({ ...mood, arousal: 1.5 }), {
    code: 'USAGE',
    message: 'arousal is 1.5: search with a number from 0 to 1',
  });
  t.throws(() => gallery.search({ valence: NaN, arousal: 0 }), { code: 'USAGE' });
  t.throws(() => gallery.search(mood, { count: 0 }), { code: 'USAGE' });
  t.throws(() => gallery.search(mood, { bank: 'high' }), {
    code: 'USAGE',
    message: 'the gallery has no bank high: choose low',
  });
});
