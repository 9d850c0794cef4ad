import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { defaultIndexFolder, indexGallery, openGallery } from '../../../models/gallery/index.ts';
import { layoutOf } from '../../../models/gallery/layout.ts';
import { fingerprintOf, type Model } from '../../../models/model/index.ts';
import { until } from '../../streams/sources/support/processes.ts';
import { emptyFolder } from '../../support/folder.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { putMany } from './support/pictures.ts';

/** The formula model refined: all it says is by so much more pleasant. It reads no picture. It lies in a folder of its own. */
async function refinedModel(folder: string, by: number): Promise<Model> {
  const base = formulaModel();
  const weights = [{ file: 'weights.safetensors', sha256: '0'.repeat(64) }];
  const description = { ...base.description, sigma: by, weights };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.json'), JSON.stringify(description));
  return {
    ...base,
    ...{ folder, description, fingerprint: fingerprintOf(description) },
    embedPictures: () => Promise.reject(new Error('a picture is read again for a taste')),
    refines: {
      base: base.fingerprint,
      of: ({ valence, arousal }) => ({ valence: valence + by, arousal, valenceSd: 0.1, arousalSd: 0.1 }),
    },
  };
}

async function galleryOf(t: Test, pictures: number) {
  const folder = emptyFolder(t);
  const gallery = join(folder, 'gallery');
  await putMany(gallery, pictures);
  await indexGallery(gallery, formulaModel());
  return { gallery, mine: join(folder, 'mine') };
}

const indexOf = (gallery: string, model: Model) => layoutOf(defaultIndexFolder(gallery), model).index;

t.test('an index whose refined model was overwritten is removed, unless a show uses it', async (t) => {
  const { gallery, mine } = await galleryOf(t, 3);
  const first = await refinedModel(mine, 0.01);
  t.match(await indexGallery(gallery, first), { pictures: 3, read: 0 });
  await indexGallery(gallery, first);
  t.ok(existsSync(indexOf(gallery, first)), 'its model is there');
  t.match(await indexGallery(gallery, formulaModel()), { hasChanged: false });
  t.ok(existsSync(indexOf(gallery, first)), 'for runs with another model too');

  const show = await openGallery(gallery, { model: first });
  show.follow(() => undefined);
  await until(async () =>
    (await readdir(defaultIndexFolder(gallery))).some((name) => name.includes('.used-')),
  );
  const second = await refinedModel(mine, 0.02);
  await indexGallery(gallery, second);
  t.ok(existsSync(indexOf(gallery, first)), 'a show uses it');
  show.close();
  await until(
    async () => !(await readdir(defaultIndexFolder(gallery))).some((name) => name.includes('.used-')),
  );
  await indexGallery(gallery, second);
  t.notOk(existsSync(indexOf(gallery, first)));
  t.ok(existsSync(indexOf(gallery, second)));
  t.ok(
    existsSync(indexOf(gallery, formulaModel())),
    'one that is no refinement stays whatever becomes of its model',
  );
});

t.test(
  'an index stays where it is unknown whether its model is gone, or it could not be made again',
  async (t) => {
    const { gallery, mine } = await galleryOf(t, 2);
    const first = await refinedModel(join(mine, 'taste'), 0.01);
    await indexGallery(gallery, first);
    await rename(mine, `${mine} away`);
    await indexGallery(gallery, formulaModel());
    t.ok(existsSync(indexOf(gallery, first)), 'the disk may be away');
    await mkdir(join(mine, 'taste'), { recursive: true });
    await writeFile(join(mine, 'taste', 'model.json'), '{');
    await indexGallery(gallery, formulaModel());
    t.ok(existsSync(indexOf(gallery, first)), 'it may be written just now');
    await rm(join(mine, 'taste'), { recursive: true });
    const base = indexOf(gallery, formulaModel());
    await rename(base, `${base}.aside`);
    await indexGallery(gallery, await refinedModel(`${mine} again`, 0.02)).catch(() => undefined);
    t.ok(existsSync(indexOf(gallery, first)), 'the index of the model before is not there');
    await rename(`${base}.aside`, base);
    // A mark of a process that was killed counts for nothing.
    await writeFile(
      `${indexOf(gallery, first)}.used-1-00000000`,
      '{"pid":999999999,"started":"1","host":"here"}',
    );
    const longAgo = Date.now() / 1000 - 7200;
    await utimes(`${indexOf(gallery, first)}.used-1-00000000`, longAgo, longAgo);
    await indexGallery(gallery, formulaModel());
    t.notOk(existsSync(indexOf(gallery, first)));
    t.notOk((await readdir(defaultIndexFolder(gallery))).some((name) => name.includes('.used-')));
  },
);

t.test('pictures that only a removed index had stay for an hour', async (t) => {
  const { gallery, mine } = await galleryOf(t, 2);
  const first = await refinedModel(mine, 0.01);
  await indexGallery(gallery, first);
  const gone = (await openGallery(gallery, { model: first })).snapshot.picture(0);
  await rm(join(gallery, gone.file));
  await indexGallery(gallery, formulaModel());
  const twoHoursAgo = Date.now() / 1000 - 7200;
  for (const path of [gone.rendition, gone.thumbnail]) await utimes(path, twoHoursAgo, twoHoursAgo);
  await rm(mine, { recursive: true });
  await indexGallery(gallery, formulaModel());
  t.notOk(existsSync(indexOf(gallery, first)));
  t.ok(existsSync(gone.rendition), 'a display may show it still');
});

t.test(
  'refined moods: what is gone is not noted, and what is known not again; progress; an end',
  async (t) => {
    const { gallery, mine } = await galleryOf(t, 3);
    const model = await refinedModel(mine, 0.01);
    const noted: string[] = [];
    const told: string[] = [];
    const watched: Model = {
      ...model,
      refines: {
        base: model.refines!.base,
        of: (prediction, embedding) => {
          noted.push((prediction as { file?: string }).file!);
          return model.refines!.of(prediction, embedding);
        },
      },
    };
    const onProgress = ({ stage, done, total }: { stage: string; done: number; total: number }) =>
      told.push(`${stage} ${done}/${total}`);
    await rm(join(gallery, '001.png'));
    const aborted = AbortSignal.abort(new Error('ended'));
    await t.rejects(indexGallery(gallery, watched, { signal: aborted }), { message: 'ended' });
    t.same(noted, [], 'an end before the first is one');
    await rename(join(gallery, '000.png'), join(gallery, 'renamed.png'));
    t.match(await indexGallery(gallery, watched, { onProgress }), { pictures: 2, read: 0 });
    t.same(noted.sort(), ['000.png', 'sea/002.png']);
    t.same(told.slice(0, 2), ['refining 0/2', 'refining 2/2']);
    t.match(await indexGallery(gallery, watched, { onProgress }), { pictures: 2, hasChanged: false });
    t.equal(noted.length, 2, 'nothing is noted again');
  },
);
