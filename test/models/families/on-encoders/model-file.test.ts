import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { OnnxEncoderSettings } from '../../../../models/encoders/index.ts';
import type { CoordinateMap } from '../../../../models/families/on-encoders/coordinates.ts';
import {
  WEIGHTS_FILE,
  architectureOf,
  encodeParts,
  readParts,
  type CdcmlModelParts,
} from '../../../../models/families/on-encoders/model-file.ts';
import {
  decodeSafetensors,
  writeSafetensors,
  type ModelDescription,
} from '../../../../models/weights/index.ts';
import { failure } from '../../rejection.ts';
import { TINY_CDCML } from '../../training/on-encoders/formula-files.ts';
import { noise } from '../../training/on-encoders/numbers.ts';

function mapOf(width: number, seed: number): CoordinateMap {
  const line = (more: number) => Float32Array.from(noise(width, seed + more));
  return {
    mean: line(1),
    scale: line(2),
    bound: line(3),
    centre: line(4),
    components: Float32Array.from(noise(3 * width, seed)),
  };
}

const errors = {
  middle: { valence: 0.5, arousal: 0.4 },
  valence: { mean: 0.01, base: 0.009, slope: 0.1 },
  arousal: { mean: 0.02, base: 0.021, slope: -0.1 },
};

const PARTS: CdcmlModelParts = {
  settings: TINY_CDCML,
  picture: mapOf(10, 1),
  music: mapOf(7, 20),
  weights: {
    'image.fc.weight': { shape: [16, 3], data: Float32Array.from(noise(48, 40)) },
    'image.fc.bias': { shape: [16], data: Float32Array.from(noise(16, 41)) },
  },
  encoders: { picture: 'open-nsfw/abc', music: 'feature-statistics/2' },
  errors: { image: errors, music: { ...errors, middle: { valence: 0.6, arousal: 0.6 } } },
};

/** No more of a description than is read. */
function described(
  settings: unknown = architectureOf(PARTS).settings,
  more: ModelDescription['weights'] = [],
): ModelDescription {
  const weights = [{ file: WEIGHTS_FILE, sha256: 'a'.repeat(64) }, ...more];
  return { architecture: { name: 'cdcml-on-encoders', settings }, weights } as unknown as ModelDescription;
}

const folder = t.testdir({});
const bytes = Buffer.concat(encodeParts(PARTS));
const path = join(folder, WEIGHTS_FILE);

t.test('written and read again: vectors exactly, matrices in half precision', async (t) => {
  await writeFile(path, bytes);
  const read = await readParts(folder, described());
  t.same(read.settings, PARTS.settings);
  t.same(read.encoders, PARTS.encoders);
  t.same(read.errors, PARTS.errors);
  for (const side of ['picture', 'music'] as const) {
    for (const part of ['mean', 'scale', 'bound', 'centre'] as const)
      t.same(read[side][part], PARTS[side][part], `${side} ${part}`);
    const { components } = read[side];
    t.equal(components.length, PARTS[side].components.length);
    t.ok(components.every((value, i) => Math.abs(value - PARTS[side].components[i]!) < 2 ** -11));
  }
  t.same(Object.keys(read.weights).sort(), Object.keys(PARTS.weights).sort());
  t.same(read.weights['image.fc.bias']!.data, PARTS.weights['image.fc.bias']!.data);
  const { shape, data } = read.weights['image.fc.weight']!;
  t.same(shape, [16, 3]);
  t.ok(data.every((value, i) => Math.abs(value - PARTS.weights['image.fc.weight']!.data[i]!) < 2 ** -11));
});

t.test('an ONNX encoder must be among the weights, with the checksum that it was learnt with', async (t) => {
  await writeFile(path, bytes);
  const sha256 = '0f'.repeat(32);
  const onnx: OnnxEncoderSettings = {
    sha256,
    input: {
      ...{ name: 'x', type: 'float32', layout: 'nchw', width: 224, height: 224, batch: 1, colours: 'rgb' },
      ...{ mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
    },
    output: { name: 'y', pooling: 'none', width: 10 },
  };
  const settings = { ...TINY_CDCML, picture: { ...TINY_CDCML.picture, encoders: [], onnx } };
  const own = architectureOf({ ...PARTS, settings }).settings;
  const read = await readParts(folder, described(own, [{ file: 'picture-encoder.onnx', sha256 }]));
  t.same(read.settings.picture.onnx, onnx);
  for (const weights of [[], [{ file: 'picture-encoder.onnx', sha256: 'f0'.repeat(32) }]]) {
    const message = await failure('BAD_MODEL', () => readParts(folder, described(own, weights)));
    t.match(
      message,
      /trained with an ONNX encoder, but its weights don't list that as picture-encoder\.onnx/,
    );
  }
});

t.test('tensors that are missing or don’t fit are reported', async (t) => {
  const { tensors } = await decodeSafetensors(path, bytes);
  const missing = new Map(tensors);
  missing.delete('music.map.scale');
  await writeSafetensors(path, missing);
  t.match(
    await failure('BAD_WEIGHTS', () => readParts(folder, described())),
    /has no tensor music\.map\.scale/,
  );
  const other = new Map(tensors).set('picture.map.bound', { shape: [9], data: new Float32Array(9) });
  await writeSafetensors(path, other);
  t.match(
    await failure('BAD_WEIGHTS', () => readParts(folder, described())),
    /tensors picture\.map\.… don't fit/,
  );
});

t.test('settings that are none are reported by their place', async (t) => {
  const { settings } = architectureOf(PARTS);
  const cases: [unknown, RegExp][] = [
    [{ ...settings, encoders: { picture: '', music: 'x' } }, /architecture\.settings\.encoders\.picture: /],
    [{ ...settings, training: { ...TINY_CDCML, embedding: 0 } }, /settings\.training\.embedding: /],
    [{ ...settings, errors: { image: errors } }, /settings\.errors\.music: /],
  ];
  for (const [wrong, message] of cases)
    t.match(await failure('BAD_MODEL', () => readParts(folder, described(wrong))), message);
});
