import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import { SynestheteError } from '../../../models/errors.ts';
import { openModel } from '../../../models/families/index.ts';
import { CLIP_SAMPLES, createFeatureExtractor } from '../../../models/features/index.ts';
import { readModelDescription } from '../../../models/weights/index.ts';
import {
  cutTo,
  overflowing,
  spoiltModel,
  without,
  withNumber,
  type Spoil,
} from '../../support/spoilt-model.ts';
import '../../support/shared-sessions.ts';

t.setTimeout(300_000);

const engine = await openEngine('cpu', { threads: 1 });
const extractor = await createFeatureExtractor();
const samples = Float32Array.from({ length: CLIP_SAMPLES }, (_, i) => 0.5 * Math.sin(i / 10));
const clip = { samples, before: new Float32Array(), features: extractor.extract(samples) };

async function reasonOf(promise: Promise<unknown>): Promise<SynestheteError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof SynestheteError) return error;
  throw error;
}

/** Models that are refused before they see anything: what hears music only never opens the picture encoders. */
const REFUSED: Readonly<Record<string, readonly [Spoil, RegExp]>> = {
  'a weight that is not a number': [withNumber('mood.1.weight', Number.NaN), /mood\.1\.weight holds NaN/],
  'an infinite weight of pictures': [
    withNumber('image.fc.bias', -Infinity),
    /image\.fc\.bias holds -Infinity/,
  ],
  'a map of music that is not a number': [withNumber('music.map.scale', Number.NaN), /music\.map\.scale/],
  'a reference that is not a number': [withNumber('reference.ratings', Number.NaN), /reference\.ratings/],
  'no projection of pictures': [without('image.fc.weight'), /image\.fc\.weight is missing/],
  'no projection of music': [without('music.fc.bias'), /music\.fc\.bias is missing/],
  'no predictor of similarity': [without('similarity.0.weight'), /similarity\.0\.weight is missing/],
  'too short a projection of pictures': [cutTo('image.fc.weight', 100), /image\.fc\.weight is \[100, 768\]/],
  'too short a layer of moods': [cutTo('mood.0.norm.running_var', 7), /mood\.0\.norm\.running_var is \[7\]/],
  'too few components of pictures': [cutTo('picture.map.components', 5), /image\.fc\.weight/],
  'too few components of music': [cutTo('music.map.components', 5), /music\.fc\.weight/],
  'a map that does not fit': [cutTo('music.map.bound', 9), /music\.map\.… don't fit/],
};

for (const [name, [spoil, message]] of Object.entries(REFUSED)) {
  t.test(`a model with ${name} is refused`, async (t) => {
    const folder = await spoiltModel(t.testdir({}), spoil);
    const error = await reasonOf(openModel(folder, { engine }));
    t.match(error.code, /^(?:BAD_WEIGHTS|OTHER_ARCHITECTURE)$/);
    t.match(error.message, message);
    t.notMatch(error.message, '\n');
  });
}

t.test('a map for other features than the encoders give is refused with the first input', async (t) => {
  const narrower: Spoil = (tensors) => {
    for (const side of ['picture', 'music']) {
      for (const part of ['mean', 'scale', 'bound', 'centre']) cutTo(`${side}.map.${part}`, 100)(tensors);
      const { shape, data } = tensors.get(`${side}.map.components`)!;
      tensors.set(`${side}.map.components`, {
        shape: [shape[0]!, 100],
        data: data.slice(0, 100 * shape[0]!),
      });
    }
  };
  const model = await openModel(await spoiltModel(t.testdir({}), narrower), { engine });
  t.teardown(() => model.close());
  const { width, height } = model.pictureInput;
  const pixels = new Uint8Array(width * height * 3).fill(99);
  t.match((await reasonOf(model.embedPictures([pixels]))).code, 'BAD_WEIGHTS');
  t.match((await reasonOf(model.embedClips([clip]))).code, /^(?:BAD_WEIGHTS|ENGINE_FAILED)$/);
});

t.test('a model whose finite weights overflow gives no prediction', async (t) => {
  const overflow: Spoil = (tensors) => {
    for (const name of ['image.fc.weight', 'music.fc.weight']) overflowing(name)(tensors);
  };
  const folder = await spoiltModel(t.testdir({}), overflow);
  const model = await openModel(folder, { engine });
  t.teardown(() => model.close());
  const { width, height } = model.pictureInput;
  const pixels = new Uint8Array(width * height * 3).fill(99);
  for (const [read, of] of [
    [() => model.embedPictures([pixels]), 'a picture'],
    [() => model.explained!().embedPictures([pixels]), 'a picture'],
    [() => model.embedClips([clip]), 'a clip'],
  ] as const) {
    const error = await reasonOf(read());
    t.match(error, { code: 'BAD_MODEL' });
    t.equal(
      error.message,
      `the model in ${folder} gives numbers that are not finite for ${of}: train it again, or name another`,
    );
  }
});

t.test('a description without weights, or without those of its architecture, is refused', async (t) => {
  const folder = await spoiltModel(t.testdir({}), () => undefined);
  const path = join(folder, 'model.json');
  const description = await readModelDescription(path);
  for (const weights of [[], [{ file: 'model.json', sha256: '0'.repeat(64) }]]) {
    await writeFile(path, JSON.stringify({ ...description, weights }));
    const error = await reasonOf(openModel(folder, { engine }));
    t.match(error.code, weights.length === 0 ? 'BAD_MODEL' : 'BAD_WEIGHTS');
    t.match(error.message, /model\.json/);
  }
  const { sha256 } = await import('../../../models/checksum.ts');
  await writeFile(join(folder, 'notes.txt'), 'no weights');
  const weights = [{ file: 'notes.txt', sha256: sha256('no weights') }];
  await writeFile(path, JSON.stringify({ ...description, weights }));
  t.match(await reasonOf(openModel(folder, { engine })), {
    code: 'BAD_MODEL',
    message: /its weights don't list weights\.safetensors/,
  });
});
