import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { sha256 } from '../../../../models/checksum.ts';
import { writeModelFolder } from '../../../../models/training/on-encoders/model-folder.ts';
import { formulaModel } from '../../../support/formula-model.ts';

const { description } = formulaModel();
const weights = (value: number) => [Uint8Array.of(value), Uint8Array.of(9)];
const encoder = {
  file: 'picture-encoder.onnx',
  sha256: sha256('x'),
  write: (path: string) => writeFile(path, 'x'),
};

t.test('a model takes the place of another as a whole, and what is no model stays', async (t) => {
  const folder = t.testdir({});
  const out = join(folder, 'deep', 'model');
  await writeModelFolder(out, weights(1), description, [encoder]);
  t.same((await readdir(out)).sort(), ['model.json', 'picture-encoder.onnx', 'weights.safetensors']);
  await writeFile(join(out, 'README.md'), 'a card');
  await mkdir(join(out, 'encoders'));
  await symlink(out, join(folder, 'link'));
  const written = await writeModelFolder(join(folder, 'link'), weights(2), description, []);
  t.same((await readdir(out)).sort(), ['README.md', 'encoders', 'model.json', 'weights.safetensors'], 'no encoder of the model before'); // prettier-ignore
  t.equal(await readlink(join(folder, 'link')), out, 'a link stays one');
  const bytes = await readFile(join(out, 'weights.safetensors'));
  t.same([...bytes], [2, 9]);
  t.same(written.weights, [{ file: 'weights.safetensors', sha256: sha256(bytes) }]);
});

t.test('a model that can not be written leaves the one before as it was', async (t) => {
  const folder = t.testdir({});
  const out = join(folder, 'model');
  await writeModelFolder(out, weights(1), description, []);
  const failing = { ...encoder, write: () => Promise.reject(new Error('the disk has gone')) };
  await t.rejects(writeModelFolder(out, weights(2), description, [failing]), /the disk has gone/);
  // Weights that are written, and a description that is refused.
  await t.rejects(writeModelFolder(out, weights(3), { ...description, sigma: -1 }, []), /sigma/);
  t.same([...(await readFile(join(out, 'weights.safetensors')))], [1, 9]);
  t.same(await readdir(folder), ['model']);
});
