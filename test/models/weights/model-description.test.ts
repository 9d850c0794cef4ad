import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import {
  assertSameArchitecture,
  readModelDescription,
  writeModelDescription,
  type NewModelDescription,
} from '../../../models/weights/index.ts';
import { failure } from '../rejection.ts';

const model: NewModelDescription = {
  date: '2026-11-23T20:00:00Z',
  architecture: { name: 'cdcml', settings: { imageBackbone: 'efficientnet-lite0', embedding: 512 } },
  features: { normalisation: 'standardise', mean: [1, -2], deviation: [0.5, 3] },
  sigma: 0.3844,
  constant: { similarity: 0.4, image: { valence: 0.5, arousal: 0.3 }, music: { valence: 0.6, arousal: 0.7 } },
  data: [{ name: 'OASIS', terms: 'free for research', kind: 'image', files: 723, labels: 'ratings' }],
  metrics: { similarity: { mse: 0.02 } },
  folds: { pictures: 'five by theme', music: 'five by song', nested: 'three in each' },
  weights: [{ file: 'music.safetensors', sha256: 'a'.repeat(64) }],
};

t.test('what was written is read', async (t) => {
  const path = join(t.testdir({}), 'model.json');
  await writeModelDescription(path, model);
  t.same(await readModelDescription(path), { format: 'synesthete-model', formatVersion: 1, ...model });
});

t.test('what is wrong is named', async (t) => {
  const path = join(t.testdir({}), 'model.json');
  await writeModelDescription(path, model);
  const written = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ sigma: 0 }, /model\.json, sigma: /],
    [{ sigma: 'wide' }, /sigma: /],
    [{ format: 'gltf' }, /does not describe a model of synesthete/],
    [{ formatVersion: 2 }, /format version 2, this program reads 1/],
    [{ date: 'yesterday' }, /date: /],
    [{ weights: [{ file: 'x', sha256: 'short' }] }, /weights\.0\.sha256/],
    [{ constant: { ...model.constant, similarity: 1.5 } }, /constant\.similarity/],
    [
      { features: { normalisation: 'x', mean: [1], deviation: [] } },
      /features: the numbers of means and deviations must be equal/,
    ],
    [{ colour: 'red' }, /colour/],
  ];
  for (const [change, expected] of cases) {
    await writeFile(path, JSON.stringify({ ...written, ...change }));
    t.match(await failure('BAD_MODEL', () => readModelDescription(path)), expected);
  }
  await writeFile(path, JSON.stringify(written).slice(0, 100));
  t.match(await failure('BAD_MODEL', () => readModelDescription(path)), /not JSON: it is torn/);
  await writeFile(path, 'null');
  t.match(await failure('BAD_MODEL', () => readModelDescription(path)), /does not describe/);
  await failure('FILE_NOT_FOUND', () => readModelDescription(`${path}.no`));
});

t.test('what could not be read is not written', async (t) => {
  const folder = t.testdir({});
  await failure('BAD_MODEL', () =>
    writeModelDescription(join(folder, 'model.json'), { ...model, sigma: NaN }),
  );
  t.same(await readdir(folder), []);
});

t.test('another architecture is named, with what is needed', async (t) => {
  const { architecture } = model;
  assertSameArchitecture('c.json', architecture, {
    name: 'cdcml',
    settings: { embedding: 512, imageBackbone: 'efficientnet-lite0' },
  });
  t.match(
    await failure('OTHER_ARCHITECTURE', () => {
      assertSameArchitecture('c.json', architecture, { name: 'sp-net', settings: {} });
    }),
    /c\.json holds a model of the architecture cdcml, sp-net is needed/,
  );
  t.match(
    await failure('OTHER_ARCHITECTURE', () => {
      assertSameArchitecture('c.json', architecture, {
        name: 'cdcml',
        settings: { ...architecture.settings, imageBackbone: 'resnet50' },
      });
    }),
    /imageBackbone "efficientnet-lite0", cdcml with imageBackbone "resnet50" is needed/,
  );
});
