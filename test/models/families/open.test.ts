import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { sha256 } from '../../../models/checksum.ts';
import { openEngine } from '../../../models/engine/index.ts';
import { openModel, type Architectures } from '../../../models/families/index.ts';
import { fingerprintOf } from '../../../models/model/index.ts';
import {
  readModelDescription,
  writeModelDescription,
  writeSafetensors,
  type NewModelDescription,
} from '../../../models/weights/index.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { failure } from '../rejection.ts';

const engine = await openEngine('cpu', { threads: 1 });

/** A folder with a model of the architecture `formula` and two files of weights. */
async function modelFolder(t: Test, change: Partial<NewModelDescription> = {}): Promise<string> {
  const folder = t.testdir({});
  const weights = [];
  for (const file of ['picture.safetensors', 'music.safetensors']) {
    const path = join(folder, file);
    await writeSafetensors(path, new Map([['w', { shape: [3], data: Float32Array.of(1, 2, file.length) }]]));
    weights.push({ file, sha256: sha256(await readFile(path)) });
  }
  await writeModelDescription(join(folder, 'model.json'), {
    ...formulaModel().description,
    weights,
    ...change,
  });
  return folder;
}

const architectures: Architectures = {
  formula: async () => async (folder, description, with_) => ({
    ...formulaModel(),
    folder,
    description,
    engine: with_.description,
    fingerprint: fingerprintOf(description),
  }),
  broken: async () => {
    throw new Error('is imported only when it is needed');
  },
};

t.test('a folder is opened by its architecture, on the engine that is given', async (t) => {
  const folder = await modelFolder(t);
  const model = await openModel(folder, { engine, architectures });
  t.equal(model.folder, folder);
  t.equal(model.engine, engine.description);
  t.match(model.description, { architecture: { name: 'formula' }, sigma: 0.38 });
  t.match(model.fingerprint, /^[0-9a-f]{64}$/);
});

t.test('the fingerprint changes with what readings depend on, and with nothing else', async (t) => {
  const description = await readModelDescription(join(await modelFolder(t), 'model.json'));
  const same = [
    { ...description, date: '2027-01-01T00:00:00Z', metrics: { r2: 1 } },
    { ...description, weights: description.weights.toReversed() },
  ];
  for (const other of same) t.equal(fingerprintOf(other), fingerprintOf(description));
  const others = [
    { ...description, sigma: 0.4 },
    { ...description, features: { ...description.features, normalisation: 'log' } },
    { ...description, architecture: { name: 'formula', settings: { width: 2 } } },
    { ...description, weights: description.weights.map((file) => ({ ...file, sha256: 'a'.repeat(64) })) },
  ];
  for (const other of others) t.not(fingerprintOf(other), fingerprintOf(description));
});

t.test('weights that are missing, torn or of another training are reported by name', async (t) => {
  const folder = await modelFolder(t);
  const path = join(folder, 'music.safetensors');
  const open = () => openModel(folder, { engine, architectures });
  const whole = await readFile(path);
  await appendFile(path, 'x');
  t.match(await failure('BAD_WEIGHTS', open), /music\.safetensors is torn or not the file/);
  await writeFile(path, whole.subarray(0, whole.length - 4));
  t.match(await failure('BAD_WEIGHTS', open), /music\.safetensors is torn/);
  await rm(path);
  t.match(await failure('BAD_WEIGHTS', open), /music\.safetensors is missing/);
  await mkdir(path);
  t.match(await failure('BAD_WEIGHTS', open), /music\.safetensors is missing/);
  await rm(path, { recursive: true });
  await writeFile(path, whole);
  await open();
});

t.test('weights outside of the folder are refused', async (t) => {
  for (const file of ['../w.safetensors', '/etc/hostname', 'a/../../w', '..']) {
    const folder = await modelFolder(t, { weights: [{ file, sha256: 'a'.repeat(64) }] });
    const message = await failure('BAD_MODEL', () => openModel(folder, { engine, architectures }));
    t.match(message, /outside its folder/, file);
  }
});

t.test('an architecture that is not known is named, whatever its name', async (t) => {
  for (const name of ['gpt', 'toString', '__proto__']) {
    const folder = await modelFolder(t, { architecture: { name, settings: {} } });
    const message = await failure('OTHER_ARCHITECTURE', () => openModel(folder, { engine, architectures }));
    t.match(message, `the architecture ${name}, which this program does not know (it knows formula, broken)`);
  }
});

t.test('no folder, no model.json, a torn model.json', async (t) => {
  const folder = await modelFolder(t);
  const open = (path: string) => openModel(path, { engine, architectures });
  const [description, empty] = [join(folder, 'model.json'), join(folder, 'empty')];
  t.match(await failure('FILE_NOT_FOUND', () => open(join(folder, 'none'))), /none does not exist/);
  t.match(await failure('NOT_A_FILE', () => open(description)), /model\.json is not a folder/);
  await mkdir(empty);
  t.match(await failure('FILE_NOT_FOUND', () => open(empty)), /empty has no model\.json/);
  await writeFile(description, (await readFile(description)).subarray(0, 200));
  t.match(await failure('BAD_MODEL', () => open(folder)), /model\.json is not JSON: it is torn/);
});
