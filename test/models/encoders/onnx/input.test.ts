import t from 'tap';
import { inputOf, type GivenEncoder } from '../../../../models/encoders/onnx/input.ts';
import type { OnnxValue } from '../../../../models/graph/index.ts';

type Shape = NonNullable<OnnxValue['shape']>;

function input(
  shape: Shape | undefined,
  told: GivenEncoder = {},
  { metadata = {}, type = 'float32' }: { metadata?: Record<string, string>; type?: string } = {},
) {
  const header = {
    inputs: [{ name: 'x', type, shape }],
    outputs: [],
    metadata: new Map(Object.entries(metadata)),
    externalFiles: [],
  };
  return inputOf('clip.onnx', header, told);
}

const IMAGENET = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };
const FREE: Shape = ['batch', 3, 'height', 'width'];

t.test('layout, size and batch are read from the shape', async (t) => {
  const cases: [Shape, object][] = [
    [[1, 3, 224, 224], { layout: 'nchw', width: 224, height: 224, batch: 1 }],
    [['n', 3, 224, 320], { layout: 'nchw', width: 320, height: 224, batch: 1 }],
    [[8, 260, 260, 3], { layout: 'nhwc', width: 260, height: 260, batch: 8 }],
    [[null, 'num_channels', 64, 64], { layout: 'nchw' }],
    [['b', 64, 64, 'channels'], { layout: 'nhwc' }],
  ];
  for (const [shape, expected] of cases) {
    t.match(input(shape), { name: 'x', type: 'float32', colours: 'rgb', ...expected }, shape.join());
  }
});

t.test('what the file leaves open is given, or in its metadata', async (t) => {
  t.match(input(FREE, { size: 336 }), { width: 336, height: 336 });
  t.match(input([1, 3, 224, 224], { size: 224 }), { width: 224 });
  t.match(input(FREE, {}, { metadata: { image_size: '[256, 192]' } }), { height: 256, width: 192 });
  t.match(input(FREE, {}, { metadata: { input_size: '3, 288, 288' } }), { height: 288, width: 288 });
  t.match(input(FREE, { size: 224 }, { metadata: { image_size: '256' } }), { width: 224 });
  t.match(input([null, null, null, null], { size: 96, layout: 'nhwc' }), { layout: 'nhwc', width: 96 });
});

t.test(
  'mean and deviation are given, else in the metadata, else those of ImageNet, which is said',
  async (t) => {
    const shape = [1, 3, 224, 224];
    t.match(input(shape), { ...IMAGENET, isAssumed: true });
    const told = { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] } as const;
    t.match(input(shape, told, { metadata: { mean: '0', std: '1' } }), { ...told, isAssumed: false });
    const metadata: [Record<string, string>, object][] = [
      [
        { mean: '[0.4, 0.5, 0.6]', std: '0.2' },
        { mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.2, 0.2] },
      ],
      [
        { image_mean: '51 102 255', image_std: '51,51,51' },
        { mean: [0.2, 0.4, 1], deviation: [0.2, 0.2, 0.2] },
      ],
      [
        { 'Image.NominalPixelRange': 'Normalized_1_1' },
        { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
      ],
      [
        { 'Image.NominalPixelRange': 'NominalRange_0_255' },
        { mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255] },
      ],
    ];
    for (const [of, expected] of metadata)
      t.match(input(shape, {}, { metadata: of }), { ...expected, isAssumed: false });
    t.match(input(shape, {}, { metadata: { mean: '0.5', std: 'none' } }), { ...IMAGENET, isAssumed: true });
    t.match(input(shape, {}, { metadata: { 'Image.BitmapPixelFormat': 'Bgr8' } }), { colours: 'bgr' });
    t.match(input(shape, {}, { type: 'uint8' }), { type: 'uint8', isAssumed: false });
  },
);

t.test('what is missing is asked for by the name of its setting', async (t) => {
  const colours = ['encoderMean', 'encoderDeviation'];
  const cases: [Shape, GivenEncoder, RegExp, object][] = [
    [
      FREE,
      {},
      /takes "x" \[batch, 3, height, width\], .* which size it was trained on$/,
      { kind: 'give', settings: ['encoderSize'], example: '224' },
    ],
    [
      [null, null, null, null],
      {},
      /takes "x" \[\?, \?, \?, \?\], .* the axis of channels$/,
      { kind: 'give', settings: ['encoderLayout'], value: 'nchw or nhwc' },
    ],
    [
      [1, 3, 224, 224],
      { size: 300 },
      /contradicts the given size 300$/,
      { kind: 'leave-out', settings: ['encoderSize'] },
    ],
    [
      [1, 3, 224, 224],
      { layout: 'nhwc' },
      /is not nhwc$/,
      { kind: 'leave-out', settings: ['encoderLayout'] },
    ],
    [
      [1, 3, 224, 224],
      { mean: [0, 0, 0] },
      /needs both mean and deviation/,
      { kind: 'give', settings: colours },
    ],
  ];
  for (const [shape, told, message, remedy] of cases) {
    t.throws(() => input(shape, told), { code: 'USAGE', message, remedy });
  }
  t.throws(() => input([1, 3, 64, 64], { mean: [0, 0, 0], deviation: [1, 1, 1] }, { type: 'uint8' }), {
    code: 'USAGE',
    message: /takes bytes and scales them itself$/,
    remedy: { kind: 'leave-out', settings: colours },
  });
});

t.test('what takes no pictures is refused', async (t) => {
  const cases: [Shape | undefined, RegExp][] = [
    [[1, 512], /takes "x" \[1, 512\]; pictures are \[batch, 3, height, width\] or/],
    [undefined, /takes "x" \[…\]; pictures are/],
    [[1, 5, 224, 224], /takes "x" \[1, 5, 224, 224\], 5 channels; pictures have 3/],
    [['n', 1, 'h', 'w'], /1 channels; pictures have 3/],
    [[1, 64, 64, 64], /in which no axis has the length 3/],
    [[1, 3, 8, 8], /takes pictures of 8×8; 16 to 1024 pixels/],
    [[1, 3, 4000, 4000], /takes pictures of 4000×4000; 16 to 1024 pixels/],
    [[512, 3, 64, 64], /takes 512 pictures at once; export it with a free batch/],
  ];
  for (const [shape, message] of cases) t.throws(() => input(shape), { code: 'BAD_ENCODER', message });
  t.throws(() => input([1, 3, 224, 224], {}, { type: 'float16' }), {
    message: /of float16; export it for float32/,
  });
  t.throws(() => input([1, 3, 'h', 'w'], { layout: 'nhwc', size: 64 }), { code: 'USAGE' });
  const values = ['input_ids', 'pixel_values'].map((name) => ({ name, type: 'int64', shape: ['n', 's'] }));
  const whole = { inputs: values, outputs: [], metadata: new Map<string, string>(), externalFiles: [] };
  t.throws(() => inputOf('clip.onnx', whole, {}), {
    message:
      /^clip\.onnx takes "input_ids" \[n, s\], "pixel_values" \[n, s\]; export the part that takes pictures alone/,
  });
  t.throws(() => inputOf('clip.onnx', { ...whole, inputs: [] }, {}), { message: /takes no input/ });
});
