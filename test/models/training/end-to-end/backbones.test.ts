import { join } from 'node:path';
import t from 'tap';
import { readEncoderWeights } from '../../../../models/encoders/index.ts';
import { openModel } from '../../../../models/families/index.ts';
import { openPicture, squash } from '../../../../models/pictures/index.ts';
import type { Remedy } from '../../../../models/remedy.ts';
import { train } from '../../../../models/training/end-to-end/index.ts';
import { readSafetensors } from '../../../../models/weights/index.ts';
import { TINY_SETTINGS, tinyBackbone, tinyDataset } from '../../../support/tiny-dataset.ts';
import { relativeError } from '../../features/golden.ts';
import { failure } from '../../rejection.ts';
import { testContext } from './context.ts';

t.setTimeout(600_000);

const folder = t.testdir({});
const sources = { ...(await tinyDataset(join(folder, 'data'), { train: 4, val: 3 })), skipBad: false };
const context = await testContext(join(folder, 'cache'));
const SETTINGS = { ...TINY_SETTINGS, epochs: 1, batch: 4, imageVariants: 0, clipVariants: 0 };

t.test('EfficientNet-lite in training starts from the weights of the package', async (t) => {
  const out = join(folder, 'trained');
  const given = { ...SETTINGS, imageBackbone: 'efficientnet-lite0', frozen: false, learningRate: 1e-9 };
  await train({ given, sources, out, resume: false }, context);
  const { tensors } = await readSafetensors(join(out, 'weights.safetensors'));
  const weights = await readEncoderWeights('efficientnet-lite0');
  for (const name of ['_conv_stem.weight', '_blocks.7._depthwise_conv.weight', '_conv_head.weight']) {
    t.ok(relativeError(tensors.get(`image.${name}`)!.data, weights[name]!.data) <= 1e-3, name);
  }
  const model = await openModel(out, { engine: context.engine });
  t.teardown(() => model.close());
  t.same(model.pictureInput, { width: 32, height: 32, kernel: 'cubic' });
  const pixels = await squash(await openPicture(join(folder, 'data', 'images0.png')), model.pictureInput);
  const [prediction] = await model.embedPictures([pixels]);
  t.equal(prediction!.embedding.length, SETTINGS.embedding);
  t.ok(prediction!.unsafe >= 0 && prediction!.unsafe < 0.5);
});

t.test('a frozen EfficientNet-lite comes with the package, not with the model', async (t) => {
  const out = join(folder, 'frozen');
  const given = { ...SETTINGS, imageBackbone: 'efficientnet-lite0', frozen: true };
  const result = await train({ given, sources, out, resume: false }, context);
  const { tensors } = await readSafetensors(join(out, 'weights.safetensors'));
  t.same([...tensors.keys()].filter((name) => /^(?:backbone|image\._)/u.test(name)), []); // prettier-ignore
  t.same(tensors.get('image.fc.weight')!.shape, [SETTINGS.embedding, 1984]);
  const model = await openModel(out, { engine: context.engine });
  t.teardown(() => model.close());
  t.same(model.pictureInput, { width: 260, height: 260, kernel: 'cubic' });
  const pixels = await Promise.all(
    [0, 1, 2].map(async (i) =>
      squash(await openPicture(join(folder, 'data', `images${i}.png`)), model.pictureInput),
    ),
  );
  const predictions = await model.embedPictures(pixels);
  const validation = result!.validation.image!;
  const moods = [0, 1, 2].map((i) => (0.1 + 0.618 * i) % 1);
  const error = predictions.reduce((sum, { valence }, i) => sum + (valence - moods[i]!) ** 2 / 3, 0);
  t.ok(Math.abs(error - validation.valence.mse) < 1e-5, 'what is served is what was trained');
  const weighted = { ...sources, imageWeights: await tinyBackbone(join(folder, 'resnet50.safetensors')) };
  t.match(
    await failure('USAGE', () => train({ given, sources: weighted, out: `${out}2`, resume: false }, context)),
    /a frozen efficientnet-lite0 has the weights of the package$/u,
  );
});

t.test('a ResNet-50 that starts from random numbers is announced', async (t) => {
  const given = { ...SETTINGS, frozen: false };
  const notices: [line: string, remedy: Remedy | undefined][] = [];
  const notice = (line: string, remedy?: Remedy): unknown => notices.push([line, remedy]);
  await train({ given, sources, out: join(folder, 'random'), resume: false }, { ...context, notice });
  const [, remedy] = notices.find(([line]) =>
    line.startsWith('random start of the ResNet-50 of the pictures'),
  )!;
  t.match(remedy, { kind: 'initial-weights', of: ['images'] });
});
