import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readNpy, writeNpy } from '../../../models/features/index.ts';

const folder = await mkdtemp(join(tmpdir(), 'synesthete-npy-'));

t.test('what is written is what NumPy writes', async (t) => {
  const path = join(folder, 'numpy.npy');
  await writeNpy(path, { rows: 2, columns: 3, values: Float32Array.of(0, 1, -2, 0.5, 1e9, 3) });
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117, ' ') + '\n';
  const numbers = '00000000 0000803f 000000c0 0000003f 286b6e4e 00004040'.replaceAll(' ', '');
  const expected = Buffer.concat([
    Buffer.from('934e554d505901007600', 'hex'),
    Buffer.from(header),
    Buffer.from(numbers, 'hex'),
  ]);
  t.equal(expected.length, 128 + 24);
  t.same(await readFile(path), expected);
});

t.test('a matrix comes back as it went', async (t) => {
  const path = join(folder, 'matrix.npy');
  const values = Float32Array.from({ length: 193 * 87 }, (_, i) => Math.sin(i) * 10 ** (i % 30));
  await writeNpy(path, { rows: 193, columns: 87, values });
  t.same(await readNpy(path), { rows: 193, columns: 87, values });
});

t.test('numbers that are no such matrix are not written', async (t) => {
  await t.rejects(
    writeNpy(join(folder, 'x.npy'), { rows: 2, columns: 2, values: new Float32Array(3) }),
    RangeError,
  );
});

t.test('a file that cannot be written or read is named', async (t) => {
  const path = join(folder, 'nowhere', 'x.npy');
  await t.rejects(writeNpy(path, { rows: 1, columns: 1, values: new Float32Array(1) }), {
    code: 'WRITE_FAILED',
    message: /^.*nowhere.*$/,
  });
  await t.rejects(readNpy(path), { code: 'FILE_NOT_FOUND', message: /^.*nowhere.*$/ });
});

t.test('another kind of file is refused with what it is', async (t) => {
  const path = join(folder, 'good.npy');
  await writeNpy(path, { rows: 2, columns: 2, values: new Float32Array(4) });
  const good = await readFile(path, 'latin1');
  const files = {
    text: ['hello', /is no \.npy file/],
    nothing: ['', /is no \.npy file/],
    'version 2': [good.replace('Y\x01', 'Y\x02'), /version 2/],
    float64: [good.replace('<f4', '<f8'), /<f8/],
    'columns first': [good.replace('False,', 'True, '), /'fortran_order': True/],
    'three axes': [good.replace('(2, 2), }', '(2,2,1)}'), /\(2,2,1\)/],
    'cut off': [good.slice(0, -4), /not as long as 2 × 2/],
  } as const;
  for (const [name, [content, message]] of Object.entries(files)) {
    const bad = join(folder, 'bad.npy');
    await writeFile(bad, content, 'latin1');
    await t.rejects(readNpy(bad), { code: 'USAGE', message }, name);
  }
});
