import t from 'tap';
import type { GivenEncoder } from '../../../../models/encoders/onnx/input.ts';
import { outputOf, pooled } from '../../../../models/encoders/onnx/output.ts';

type Shapes = Readonly<Record<string, readonly number[]>>;

function output(
  shapes: Shapes,
  given: GivenEncoder = {},
  { batch = 1, layout = 'nchw', type = 'float32' } = {},
) {
  const outputs = Object.keys(shapes).map((name) => ({ name, type, shape: undefined }));
  const results = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { dtype: 'float32' as const, shape, data: new Float32Array() },
    ]),
  );
  const header = { inputs: [], outputs, metadata: new Map<string, string>(), externalFiles: [] };
  return outputOf('clip.onnx', header, results, { batch, layout: layout as 'nchw', given });
}

t.test('the output is chosen where that is clear', async (t) => {
  const cases: [Shapes, object][] = [
    [{ y: [1, 1280] }, { name: 'y', pooling: 'none', width: 1280 }],
    [
      { last_hidden_state: [1, 50, 768], image_embeds: [1, 512] },
      { name: 'image_embeds', width: 512 },
    ],
    [
      { last_hidden_state: [1, 257, 384], pooler_output: [1, 384] },
      { name: 'pooler_output', width: 384 },
    ],
    [{ a: [1, 64], pooler_output: [1, 32], image_embeds: [1, 16] }, { name: 'image_embeds' }],
    [
      { map: [1, 768, 7, 7], row: [1, 768] },
      { name: 'row', pooling: 'none' },
    ],
    [{ last_hidden_state: [1, 257, 384] }, { pooling: 'mean', width: 384 }],
    [{ map: [1, 768, 7, 9] }, { pooling: 'mean', width: 768 }],
    [{ scale: [], y: [1, 20] }, { name: 'y' }],
  ];
  for (const [shapes, expected] of cases) t.match(output(shapes), expected, JSON.stringify(shapes));
  t.match(output({ map: [1, 7, 9, 768] }, {}, { layout: 'nhwc' }), { pooling: 'mean', width: 768 });
  t.match(output({ y: [8, 20] }, {}, { batch: 8 }), { width: 20 });
  const two = { a: [1, 10], b: [1, 5, 20] };
  t.match(output(two, { output: 'b', pooling: 'first' }), { name: 'b', pooling: 'first', width: 20 });
  t.match(output(two, { output: 'a', pooling: 'mean' }), { name: 'a', pooling: 'none', width: 10 });
});

t.test('what is not clear is asked for', async (t) => {
  const two = { a: [1, 10], b: [1, 20], c: [1, 2, 3] };
  const name = { kind: 'name-encoder-output' };
  const leaveOut = { kind: 'leave-out', settings: ['encoderPooling'] };
  const cases: [Shapes, GivenEncoder, RegExp, object][] = [
    [two, {}, /^clip\.onnx gives "a" \[1, 10\], "b" \[1, 20\], "c" \[1, 2, 3\], and which/, name],
    [{ a: [1, 5, 8], b: [1, 8, 2, 2] }, {}, /which to learn from is not clear$/, name],
    [two, { output: 'd' }, /gives no output "d", only "a" \[1, 10\], "b"/, name],
    [two, { output: 'a', pooling: 'first' }, /gives no tokens in "a"/, leaveOut],
  ];
  for (const [shapes, given, message, remedy] of cases)
    t.throws(() => output(shapes, given), { code: 'USAGE', message, remedy });
});

t.test('what can be no features is refused', async (t) => {
  const cases: [Shapes, RegExp][] = [
    [{ y: [512] }, /gives "y" \[512\]; an output to learn from is float32, \[1, numbers\]/],
    [{ y: [1, 2, 3, 4, 5] }, /gives "y" \[1, 2, 3, 4, 5\]; an output/],
    [{ y: [50, 512] }, /an output to learn from/],
    [{ y: [1, 50_176] }, /50176 numbers a picture in "y", more than 8192; a pooled output has fewer/],
    [{ y: [1, 1] }, /gives a single number a picture in "y"/],
  ];
  for (const [shapes, message] of cases) t.throws(() => output(shapes), { code: 'BAD_ENCODER', message });
  t.throws(() => output({ y: [1, 8] }, {}, { type: 'int64' }), { code: 'BAD_ENCODER' });
  t.throws(() => output({ a: [1, 8], y: [8] }, { output: 'y' }), { code: 'BAD_ENCODER' });
});

t.test('tokens and maps are pooled', async (t) => {
  const value = (shape: number[], data: number[]) => ({
    dtype: 'float32' as const,
    shape,
    data: Float32Array.from(data),
  });
  const of = (pooling: 'none' | 'mean' | 'first') => ({ name: 'y', pooling, width: 2 });
  const rows = (found: Float32Array[]) => found.map((row) => [...row]);
  t.same(rows(pooled(value([2, 2], [1, 2, 3, 4]), of('none'), 'nchw')), [[1, 2], [3, 4]]); // prettier-ignore
  const tokens = value([1, 3, 2], [1, 10, 2, 20, 6, 60]);
  t.same(rows(pooled(tokens, of('mean'), 'nchw')), [[3, 30]]);
  t.same(rows(pooled(tokens, of('first'), 'nchw')), [[1, 10]]);
  const map = [1, 2, 3, 4, 10, 20, 30, 40];
  t.same(rows(pooled(value([1, 2, 2, 2], map), of('mean'), 'nchw')), [[2.5, 25]]);
  t.same(rows(pooled(value([1, 2, 2, 2], [1, 10, 2, 20, 3, 30, 4, 40]), of('mean'), 'nhwc')), [[2.5, 25]]);
  t.same(rows(pooled(value([2, 2, 1, 1], [1, 2, 3, 4]), of('mean'), 'nchw')), [[1, 2], [3, 4]]); // prettier-ignore
});
