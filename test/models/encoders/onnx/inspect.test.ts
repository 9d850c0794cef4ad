import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import {
  OnnxEncoder,
  inspectOnnxEncoder,
  onnxEncoderIdentity,
  onnxEncoderSchema,
  pictureSquare,
  type GivenEncoder,
} from '../../../../models/encoders/index.ts';
import { openEngine } from '../../../../models/engine/index.ts';
import { WIDTH, onnxEncoder, type OnnxForm } from '../../../support/onnx-encoder.ts';
import { failure } from '../../rejection.ts';

const engine = await openEngine('cpu', { threads: 1 });
const folder = t.testdir({});
let files = 0;

async function written(content: Uint8Array | string, name = `${files++}.onnx`): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function inspect(form: OnnxForm, told: GivenEncoder = {}) {
  return inspectOnnxEncoder(await written(onnxEncoder(form)), told, engine);
}

function picture(seed: number, side = 32): Uint8Array {
  return Uint8Array.from({ length: side * side * 3 }, (_, i) => 128 + 120 * Math.sin((seed * i) / 97));
}

async function encode(form: OnnxForm, told: GivenEncoder, pictures: readonly Uint8Array[]) {
  const encoder = await OnnxEncoder.open(engine, await inspect(form, told));
  try {
    return await encoder.encode(pictures);
  } finally {
    await encoder.close();
  }
}

t.test('the usual forms of input give the same features', async (t) => {
  const pictures = [picture(1), picture(2), picture(3)];
  const expected = await encode({}, {}, pictures);
  t.equal(expected[0]!.length, WIDTH);
  t.notSame(expected[0], expected[1]);
  const forms: [OnnxForm, GivenEncoder][] = [
    [{ layout: 'nhwc' }, {}],
    [{ batch: 0 }, {}],
    [{ layout: 'nhwc', batch: 0 }, {}],
    [{ batch: 2 }, {}],
    [{ layout: 'nhwc', batch: 2 }, {}],
    [{ batch: 0, isFreeSize: true }, { size: 32 }],
    [{ isNameless: true }, { size: 32, layout: 'nchw' }],
    [
      { layout: 'nhwc', isNameless: true },
      { size: 32, layout: 'nhwc' },
    ],
    [{ isFreeSize: true, metadata: { image_size: '32' } }, {}],
    [{ outputs: [['map', 'map']] }, {}],
    [{ layout: 'nhwc', outputs: [['map', 'map']] }, {}],
    [{ outputs: [['tokens', 'tokens']] }, {}],
    [{ outputs: [['a', 'tokens'], ['image_embeds', 'pooled'], ['b', 'row']] }, {}], // prettier-ignore
  ];
  for (const [form, told] of forms) {
    const found = await encode(form, told, pictures);
    const furthest = Math.max(...found.flatMap((row, i) => [...row].map((value, c) => Math.abs(value - expected[i]![c]!)))); // prettier-ignore
    t.ok(found.length === 3 && furthest < 1e-5, `${JSON.stringify(form)}: ${furthest}`);
  }
});

t.test('mean, deviation and the order of colours are as told', async (t) => {
  const bytes = picture(1);
  const scaled = { mean: [0, 0, 0], deviation: [1, 1, 1] } as const;
  const [plain] = await encode({}, scaled, [bytes]);
  const [tenfold] = await encode({}, { ...scaled, deviation: [0.1, 0.1, 0.1] }, [bytes]);
  // A convolution without a bias, relu and a mean: homogeneous.
  t.ok(plain!.every((value, c) => Math.abs(10 * value - tenfold![c]!) < 1e-4));
  const [shifted] = await encode({}, { ...scaled, mean: [0.5, 0, 0] }, [bytes]);
  t.notSame(shifted, plain);
  const turned = bytes.map((_, i) => bytes[i - (i % 3) + 2 - (i % 3)]!);
  const [bgr] = await encode({ metadata: { 'Image.BitmapPixelFormat': 'Bgr8' } }, scaled, [turned]);
  t.same(bgr, plain);
  const [ofBytes] = await encode({ isBytes: true }, {}, [bytes]);
  t.ok(ofBytes!.every((value, c) => Math.abs(value - 255 * plain![c]!) < 1e-3));
});

t.test('what is found is what the settings of a model can hold', async (t) => {
  const { settings, name, isAssumed } = await inspect({ layout: 'nhwc', batch: 0 });
  t.same(onnxEncoderSchema.parse(settings), settings);
  t.match(settings, {
    input: { name: 'pictures', type: 'float32', layout: 'nhwc', width: 32, height: 32, batch: 1 },
    output: { name: 'features', pooling: 'none', width: WIDTH },
  });
  t.match(name, /^\d+\.onnx$/);
  t.equal(isAssumed, true);
  const other = await inspect({ layout: 'nhwc', batch: 0 }, { mean: [0, 0, 0], deviation: [1, 1, 1] });
  t.equal(other.isAssumed, false);
  t.equal(other.settings.sha256, settings.sha256);
  t.not(onnxEncoderIdentity(other.settings), onnxEncoderIdentity(settings));
  t.equal(pictureSquare(settings), 260);
  t.equal(pictureSquare({ ...settings, input: { ...settings.input, height: 336 } }), 336);
  t.equal(pictureSquare(undefined), 260);
});

t.test('what is no encoder is answered in one line', async (t) => {
  const network = onnxEncoder();
  const cases: [Uint8Array | string, RegExp][] = [
    ['file,valence\n', /is text and no ONNX; name a network that was exported to ONNX$/],
    ['', /is empty; name/],
    ['version https://git-lfs.github.com/spec/v1\n', /is a pointer of Git LFS: run git lfs pull/],
    ['PK\u0003\u0004 archive', /is a zip archive, as PyTorch and Keras write them/],
    [Uint8Array.of(0, 1, 2, 3), /is no ONNX, or torn/],
    [network.subarray(0, network.length - 20), /is no ONNX, or torn|can't be loaded: /],
    [onnxEncoder({ channels: 5 }), /5 channels; pictures have 3/],
    [onnxEncoder({ outputs: [['y', 'row']] }), /gives "y" \[12\]; an output to learn from/],
    [onnxEncoder({ outputs: [['y', 'constant']] }), /gives the same "y" for different pictures$/],
    [
      onnxEncoder({ gain: NaN }),
      /gives numbers that are not finite in "features"; check its mean and deviation/,
    ],
    [onnxEncoder({ gain: Infinity }), /not finite/],
    [
      onnxEncoder({ external: 'weights.bin' }),
      /weights in another file, weights\.bin, which is not beside it; make one/,
    ],
  ];
  for (const [content, message] of cases) {
    const path = await written(content);
    const line = await failure('BAD_ENCODER', () => inspectOnnxEncoder(path, {}, engine));
    t.match(line, message);
    t.ok(line.startsWith(path) && !line.includes('\n'), line);
  }
  await written('', 'beside.bin');
  const beside = await written(onnxEncoder({ external: 'beside.bin' }));
  t.match(
    await failure('BAD_ENCODER', () => inspectOnnxEncoder(beside, {}, engine)),
    /beside\.bin; make one file/,
  );
  await failure('FILE_NOT_FOUND', () => inspectOnnxEncoder(join(folder, 'none.onnx'), {}, engine));
  await failure('NOT_A_FILE', () => inspectOnnxEncoder(folder, {}, engine));
});

t.test('a size that the network can not have is reported with its reason', async (t) => {
  const form = { isFreeSize: true, outputs: [['tokens', 'tokens']] } as const;
  const line = await failure('BAD_ENCODER', () => inspect(form, { size: 64 }));
  t.match(line, /can't read pictures of 64×64: ./);
  t.notMatch(line, '\n');
  t.match(await failure('USAGE', () => inspect({ isFreeSize: true })), /which size it was trained on$/);
  t.match(
    await failure('USAGE', () => inspect({ outputs: [['a', 'pooled'], ['b', 'pooled']] })), // prettier-ignore
    /gives "a" \[1, 12\], "b" \[1, 12\], and which to learn from is not clear$/,
  );
});

t.test('numbers that are not finite for one picture alone are an error as well', async (t) => {
  // Just finite for the pictures of the inspection, too large for white.
  const form = { gain: 3e38 };
  const told = { mean: [0.9, 0.9, 0.9], deviation: [0.5, 0.5, 0.5] } as const;
  const file = { ...(await inspect({}, told)), bytes: onnxEncoder(form) };
  const encoder = await OnnxEncoder.open(engine, file);
  t.teardown(() => encoder.close());
  await failure('BAD_ENCODER', () => encoder.encode([new Uint8Array(32 * 32 * 3)]));
  await t.rejects(encoder.encode([new Uint8Array(5)]), { message: /5 bytes is not 32×32×3/ });
});
