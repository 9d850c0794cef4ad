import { readFile, truncate, writeFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  writeSafetensors,
  type Tensor,
} from '../../../models/weights/index.ts';
import { failure } from '../rejection.ts';

function tensor(shape: number[], ...values: number[]): Tensor {
  return { shape, data: Float32Array.from(values) };
}

/** A file as the format's description has it, byte by byte. */
function handmade(header: string, data: Uint8Array): Buffer {
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([start, Buffer.from(header), data]);
}

const ONE_AND_MINUS_TWO = Buffer.from([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);

t.test('reads what other programs write', async (t) => {
  const header =
    '{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"n":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"h":{"dtype":"F16","shape":[1],"data_offsets":[16,18]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[18,20]},"d":{"dtype":"F64","shape":[1],"data_offsets":[20,28]},"e":{"dtype":"F32","shape":[0,3],"data_offsets":[28,28]}}   ';
  const rest = Buffer.alloc(20);
  rest.writeBigInt64LE(7n, 0);
  rest.writeUInt16LE(0x3c00, 8);
  rest.writeUInt16LE(0xbf80, 10);
  rest.writeDoubleLE(0.5, 12);
  const path = join(t.testdir({}), 'torch.safetensors');
  await writeFile(path, handmade(header, Buffer.concat([ONE_AND_MINUS_TWO, rest])));

  const { tensors, metadata } = await readSafetensors(path);
  t.same(metadata, { format: 'pt' });
  t.same(Object.fromEntries(tensors), {
    w: tensor([2, 1], 1, -2),
    n: tensor([], 7),
    h: tensor([1], 1),
    b: tensor([1], -1),
    d: tensor([1], 0.5),
    e: tensor([0, 3]),
  });
  t.same([...(await readSafetensors(path, (name) => name === 'w')).tensors.keys()], ['w']);
});

t.test('writes what the format asks for', async (t) => {
  const path = join(t.testdir({}), 'w.safetensors');
  await writeSafetensors(
    path,
    new Map([
      ['b', tensor([2], 1, -2)],
      ['a', tensor([1, 1], 1)],
    ]),
    { a: 'é' },
    (name) => (name === 'a' ? 'float16' : 'float32'),
  );
  const bytes = await readFile(path);
  const headerLength = Number(bytes.readBigUInt64LE());
  t.equal(headerLength % 8, 0, 'values are aligned');
  t.same(JSON.parse(bytes.subarray(8, 8 + headerLength).toString()), {
    __metadata__: { a: 'é' },
    b: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    a: { dtype: 'F16', shape: [1, 1], data_offsets: [8, 10] },
  });
  t.same(bytes.subarray(8 + headerLength), Buffer.concat([ONE_AND_MINUS_TWO, Buffer.from([0, 0x3c])]));
});

t.test('any tensors come back bit for bit, and the order of the map does not matter', async () => {
  const anyTensor = fc.array(fc.nat(4), { maxLength: 3 }).chain((shape) => {
    const length = shape.reduce((product, extent) => product * extent, 1);
    return fc.float32Array({ minLength: length, maxLength: length }).map((data) => ({ shape, data }));
  });
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string({ minLength: 1 }), anyTensor, { maxKeys: 5 }), async (named) => {
      const entries = Object.entries(named).filter(
        ([name]) => name !== '__metadata__' && name !== '__proto__',
      );
      const encoded = Buffer.concat(encodeSafetensors(new Map(entries)));
      const again = Buffer.concat(encodeSafetensors(new Map(entries.reverse())));
      const { tensors } = await decodeSafetensors('memory', encoded);
      const bits = ({ data }: Tensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      return (
        encoded.equals(again) &&
        tensors.size === entries.length &&
        entries.every(([name, original]) => {
          const read = tensors.get(name)!;
          return bits(read).equals(bits(original)) && String(read.shape) === String(original.shape);
        })
      );
    }),
    { numRuns: 50 },
  );
});

t.test('a file torn anywhere is one clear error', async (t) => {
  const path = join(t.testdir({}), 'torn.safetensors');
  await writeSafetensors(
    path,
    new Map([
      ['w', tensor([3], 1, 2, 3)],
      ['v', tensor([2], 4, 5)],
    ]),
  );
  const whole = await readFile(path);
  for (let length = 0; length < whole.length; length++) {
    await writeFile(path, whole.subarray(0, length));
    const message = await failure('BAD_WEIGHTS', () => readSafetensors(path));
    if (!message.startsWith(path)) t.fail(message);
  }
  await writeFile(path, whole);
  await truncate(path, whole.length - 4);
  t.match(
    await failure('BAD_WEIGHTS', () => readSafetensors(path)),
    /torn: its tensors end at byte \d+, the file after/,
  );
});

t.test('a header that lies is refused', async (t) => {
  const cases: [string, string, RegExp][] = [
    ['not JSON', '{"w":', /not JSON/],
    ['no object', '[]', /not a JSON object/],
    [
      'unknown type',
      '{"w":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}',
      /w is of the unknown type F99/,
    ],
    [
      'wrong size',
      '{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}',
      /w \(F32, 3\) needs 12 bytes and is given 8/,
    ],
    ['backwards', '{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}', /is given -8/],
    ['fraction', '{"w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}', /w has no usable shape/],
    ['no offsets', '{"w":{"dtype":"F32","shape":[2]}}', /w has no usable data_offsets/],
    ['metadata', '{"__metadata__":{"a":1}}', /__metadata__/],
    ['surplus', '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', /4 bytes follow/],
    ['hole', '{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', /before tensor w/],
    [
      'overlap',
      '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"v":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
      /v overlap/,
    ],
    ['beyond', '{"w":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]}}', /torn/],
  ];
  for (const [name, header, expected] of cases) {
    t.match(
      await failure('BAD_WEIGHTS', () =>
        decodeSafetensors('lies.safetensors', handmade(header, ONE_AND_MINUS_TWO)),
      ),
      expected,
      name,
    );
  }
  const random = Buffer.from('PK\u0003\u0004 this is a zip archive, as torch saves them');
  t.match(
    await failure('BAD_WEIGHTS', () => decodeSafetensors('x.pt', random)),
    /x\.pt .*header of a possible length/,
  );
});

t.test('what is not there or not a file', async (t) => {
  const folder = t.testdir({});
  t.match(
    await failure('FILE_NOT_FOUND', () => readSafetensors(join(folder, 'no'))),
    /no can't be read: it does not/,
  );
  await failure('NOT_A_FILE', () => readSafetensors(folder));
});

t.test('a failed write leaves nothing behind', async (t) => {
  const folder = t.testdir({});
  const path = join(folder, 'w.safetensors');
  const large = new Map([['w', tensor([1], 70000)]]);
  t.match(
    await failure('BAD_WEIGHTS', () => writeSafetensors(path, large, {}, () => 'float16')),
    /w holds 70000/,
  );
  const wrong = new Map([['w', tensor([3], 1, 2)]]);
  t.match(await failure('BAD_WEIGHTS', () => writeSafetensors(path, wrong)), /w has 2 values, not 3/);
  t.match(
    await failure('WRITE_FAILED', () => writeSafetensors(join(folder, 'no', 'w'), new Map())),
    /folder/,
  );
  t.same(await readdir(folder), []);
});
