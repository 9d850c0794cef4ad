import t from 'tap';
import {
  CLIP_ENCODERS,
  PICTURE_ENCODERS,
  type OnnxEncoderSettings,
} from '../../../../models/encoders/index.ts';
import {
  DEFAULT_CDCML_SETTINGS,
  cdcmlSettingsSchema,
} from '../../../../models/families/on-encoders/settings.ts';
import { clipBlocks, pictureBlocks } from '../../../../models/training/on-encoders/branch.ts';

const DEFAULT = DEFAULT_CDCML_SETTINGS;

const ONNX: OnnxEncoderSettings = {
  sha256: '0f'.repeat(32),
  input: {
    ...{ name: 'x', type: 'float32', layout: 'nchw', width: 224, height: 224, batch: 1, colours: 'rgb' },
    ...{ mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
  },
  output: { name: 'y', pooling: 'none', width: 512 },
};

t.test('the default is what the schema takes', async (t) => {
  t.same(cdcmlSettingsSchema.parse(DEFAULT), DEFAULT);
  t.equal((DEFAULT.batch * DEFAULT.stepsPerEpoch) % 5, 0, 'whole fives of pairs an epoch');
});

t.test('what it does not know, and what makes no sense, is reported by its place', async (t) => {
  const { picture, music } = DEFAULT;
  const cases: [unknown, string][] = [
    [{ ...DEFAULT, learningrate: 1 }, ''],
    [{ ...DEFAULT, picture: { ...picture, extra: 1 } }, 'picture'],
    [{ ...DEFAULT, picture: { ...picture, encoders: ['efficientnet-lite0'] } }, 'picture.encoders'],
    [{ ...DEFAULT, picture: { ...picture, encoders: ['vgg'] } }, 'picture.encoders.0'],
    [{ ...DEFAULT, picture: { ...picture, encoders: [] } }, 'picture.encoders'],
    [{ ...DEFAULT, picture: { ...picture, onnx: { ...ONNX, sha256: 'x' } } }, 'picture.onnx.sha256'],
    [{ ...DEFAULT, music: { ...music, encoders: [] } }, 'music.encoders'],
    [{ ...DEFAULT, music: { ...music, shared: 1.1 } }, 'music.shared'],
    [{ ...DEFAULT, dropout: 1 }, 'dropout'],
    [{ ...DEFAULT, similarityHidden: [] }, 'similarityHidden'],
  ];
  for (const [settings, place] of cases) {
    const { success, error } = cdcmlSettingsSchema.safeParse(settings);
    t.notOk(success, place);
    t.equal(error?.issues[0]!.path.join('.'), place);
  }
});

t.test(
  'an ONNX encoder stands in the place of the bundled ones, or weighs as much as those beside it',
  async (t) => {
    const alone = { ...DEFAULT, picture: { ...DEFAULT.picture, encoders: [], onnx: ONNX } };
    t.same(cdcmlSettingsSchema.parse(alone), alone);
    t.same(pictureBlocks(alone), [{ width: 512, weight: 1 }]);
    const bundled = pictureBlocks(DEFAULT);
    const beside = pictureBlocks({ ...DEFAULT, picture: { ...DEFAULT.picture, onnx: ONNX } });
    t.same(beside, [...bundled, { width: 512, weight: bundled.length }]);
  },
);

t.test('blocks are as wide as the features of the encoders, in their order', async (t) => {
  const width = (blocks: readonly { width: number }[]) => blocks.reduce((sum, block) => sum + block.width, 0);
  const [first, , last] = DEFAULT.picture.encoders;
  const turned = { ...DEFAULT, picture: { ...DEFAULT.picture, encoders: [last!, first!] } };
  const blocks = pictureBlocks(turned).map((block) => block.width);
  t.same(blocks, [...PICTURE_ENCODERS[first!].blocks, ...PICTURE_ENCODERS[last!].blocks]);
  t.equal(
    width(pictureBlocks(DEFAULT)),
    DEFAULT.picture.encoders.reduce((sum, name) => sum + PICTURE_ENCODERS[name].features, 0),
  );
  const widths = DEFAULT.music.encoders.map(
    (name) => CLIP_ENCODERS.find((known) => known.name === name)!.width,
  );
  t.equal(width(clipBlocks(DEFAULT)), widths[0]! + widths[1]!);
  const turnedMusic = {
    ...DEFAULT,
    music: { ...DEFAULT.music, encoders: DEFAULT.music.encoders.toReversed() },
  };
  t.equal(
    clipBlocks(turnedMusic)[0]!.width,
    CLIP_ENCODERS.find(({ name }) => name === 'musicnn')!.blocks[0]!.width,
  );
});
