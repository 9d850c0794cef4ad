import t from 'tap';
import { PICTURE_ENCODERS, PICTURE_ENCODER_NAMES, PictureEncoding } from '../../../models/encoders/index.ts';
import { openEngine } from '../../../models/engine/index.ts';
import { relativeError } from '../graph/helpers.ts';
import { EXPECTED } from './expected.ts';
import { body, square } from './formula-pictures.ts';

const engine = await openEngine('cpu', { threads: 1 });

for (const name of PICTURE_ENCODER_NAMES) {
  t.test(`${name} equals what onnxruntime makes of its authors' network`, async (t) => {
    const encoding = await PictureEncoding.open(engine, [name]);
    const [encoded] = await encoding.encode([square()]);
    await encoding.close();
    const expected = EXPECTED[name];
    const features = encoded!.features.get(name)!;
    t.equal(features.length, expected.width);
    t.equal(PICTURE_ENCODERS[name].features, expected.width);
    const sample = features.filter((_, i) => i % 32 === 0);
    const error = relativeError(sample, expected.every32);
    // Another order of sums in single precision.
    t.ok(error <= 1e-4, `every 32nd feature, error ${error.toExponential(1)}`);
    const sum = features.reduce((total, value) => total + value, 0);
    const sumSquares = features.reduce((total, value) => total + value ** 2, 0);
    t.ok(relativeError([sum, sumSquares], [expected.sum, expected.sumSquares]) <= 1e-4, 'sums');
  });
}

t.test('open-nsfw tells how unsafe a picture is, the others do not', async (t) => {
  const encoding = await PictureEncoding.open(engine, ['open-nsfw']);
  const [waves, oval] = await encoding.encode([square(), body()]);
  await encoding.close();
  t.ok(Math.abs(waves!.unsafe! - EXPECTED['open-nsfw'].unsafe) <= 1e-4);
  t.ok(Math.abs(oval!.unsafe! - EXPECTED['open-nsfw'].unsafeBody) <= 1e-4);
  const without = await PictureEncoding.open(engine, ['efficientnet-lite0']);
  const [plain] = await without.encode([square()]);
  await without.close();
  t.equal(plain!.unsafe, null);
});

t.test('several encoders share a graph, and pictures come in any number', async (t) => {
  const encoding = await PictureEncoding.open(engine, ['open-nsfw', 'efficientnet-lite0'], { batchSize: 2 });
  t.same(encoding.names, ['efficientnet-lite0', 'open-nsfw']);
  t.same(await encoding.encode([]), []);
  await t.rejects(encoding.encode([new Uint8Array(5)]), { message: /5 bytes is not 260×260×3/u });
  const encoded = await encoding.encode([body(), body(), square()]);
  await encoding.close();
  t.same(encoded[0], encoded[1]);
  for (const name of encoding.names) {
    const sample = encoded[2]!.features.get(name)!.filter((_, i) => i % 32 === 0);
    t.ok(relativeError(sample, EXPECTED[name].every32) <= 1e-4, name);
  }
  t.ok(Math.abs(encoded[0]!.unsafe! - EXPECTED['open-nsfw'].unsafeBody) <= 1e-4);
});
