import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openModel } from '../../../models/families/index.ts';
import { CLIP_SAMPLES, createFeatureExtractor, logSpectrogram } from '../../../models/features/index.ts';
import { Graph } from '../../../models/graph/index.ts';
import { type ClipInput, type Model, type Prediction } from '../../../models/model/index.ts';
import { logSpectrogramOfSamples } from '../../../models/networks/sound/index.ts';
import { openPicture, squash } from '../../../models/pictures/index.ts';
import { train } from '../../../models/training/end-to-end/index.ts';
import { exportOnnx } from '../../../src/cli/export.ts';
import { soundOfFile } from '../../../streams/clips/index.ts';
import { testContext } from '../../models/training/end-to-end/context.ts';
import { TINY_SETTINGS, tinyBackbone, tinyDataset } from '../../support/tiny-dataset.ts';
import '../../support/shared-sessions.ts';

t.setTimeout(600_000);

const folder = t.testdir({});
const imageWeights = await tinyBackbone(join(folder, 'resnet50.safetensors'));
const sources = {
  ...(await tinyDataset(join(folder, 'data'), { train: 8, val: 3 })),
  imageWeights,
  skipBad: false,
};
const context = await testContext(join(folder, 'cache'));

const BATCH = 2;

type Rows = Readonly<Record<string, readonly Float32Array[]>>;

/** What a file gives for one batch, row by row. */
async function runFile(
  path: string,
  inputs: Readonly<Record<string, readonly ArrayLike<number>[]>>,
): Promise<Rows> {
  const session = await context.engine.load(await readFile(path));
  const { files } = JSON.parse(await readFile(join(path, '..', 'export.json'), 'utf8')) as Awaited<
    ReturnType<typeof exportOnnx>
  >;
  const described = files.find(({ file }) => path.endsWith(file))!;
  const feeds = Object.fromEntries(
    described.inputs.map(({ name, shape }) => {
      const data = Float32Array.from(inputs[name]!.flatMap((row) => Array.from(row)));
      return [name, { dtype: 'float32' as const, shape, data }];
    }),
  );
  const results = await session.run(feeds);
  await session.close();
  return Object.fromEntries(
    described.outputs.map(({ name, shape }) => {
      const width = shape[1]!;
      const data = results[name]!.data as Float32Array;
      return [name, inputs[described.inputs[0]!.name]!.map((_, i) => data.slice(i * width, (i + 1) * width))];
    }),
  );
}

/** The length of the difference, by that of the expected. */
function deviation(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const difference = Array.from(expected, (value, i) => value - found[i]!);
  return Math.hypot(...difference) / Math.hypot(...Array.from(expected));
}

function compare(t: Test, what: string, found: Rows, expected: readonly Prediction[]): void {
  expected.forEach(({ embedding, valence, arousal }, i) => {
    const mood = deviation(found['mood']![i]!, [valence, arousal]);
    t.ok(mood <= 1e-5, `mood of ${what} ${i}: ${mood}`);
    const place = deviation(found['embedding']![i]!, embedding);
    t.ok(place <= 1e-5, `embedding of ${what} ${i}: ${place}`);
  });
}

/** Training data by formula, as a model takes them. */
async function dataFor(model: Model): Promise<{ pixels: Uint8Array[]; clips: ClipInput[] }> {
  const extractor = await createFeatureExtractor();
  const pixels = [];
  const clips: ClipInput[] = [];
  for (const i of [0, 1]) {
    const picture = await openPicture(join(folder, 'data', `images${i}.png`));
    pixels.push(await squash(picture, model.pictureInput));
    const samples = (await soundOfFile(join(folder, 'data', `music${i}.wav`), 0, undefined)).slice(
      0,
      CLIP_SAMPLES,
    );
    clips.push({ samples, before: new Float32Array(), features: extractor.extract(samples) });
  }
  return { pixels, clips };
}

const SYSTEMS = [
  { system: 'cdcml', given: {}, side: 32, music: 'features', unsafe: false, predictor: true },
  {
    system: 'sp-net',
    given: { frozen: false },
    side: 32,
    music: 'features',
    unsafe: false,
    predictor: false,
  },
  { system: 'l3-net', given: { frozen: false }, side: 32, music: 'samples', unsafe: false, predictor: true },
  // A frozen encoder of the package looks at its own size, whatever the setting.
  {
    system: 'acp-net',
    given: { imageBackbone: 'efficientnet-lite0' },
    side: 260,
    music: 'features',
    unsafe: true,
    predictor: true,
  },
] as const;

for (const { system, given, side, music, unsafe, predictor } of SYSTEMS) {
  t.test(`what is exported of ${system} gives what the model reads`, async (t) => {
    const out = join(folder, system);
    const settings = { ...TINY_SETTINGS, epochs: 1, imageVariants: 0, clipVariants: 0, system, ...given };
    const own = system === 'cdcml' ? sources : { ...sources, imageWeights: undefined };
    await train({ given: settings, sources: own, out, resume: false }, context);
    const model = await openModel(out, { engine: context.engine });
    t.teardown(() => model.close());
    t.match(model.pictureInput, { width: side, height: side });
    const { pixels, clips } = await dataFor(model);
    const [pictureReadings, clipReadings] = [
      await model.embedPictures(pixels),
      await model.embedClips(clips),
    ];

    const onnx = join(folder, `${system}-onnx`);
    const summary = await exportOnnx(model, onnx, BATCH);
    t.same(
      summary.files.map(({ file }) => file),
      ['picture.onnx', 'music.onnx', ...(predictor ? ['similarity.onnx'] : [])],
    );
    const pictures = await runFile(join(onnx, 'picture.onnx'), { pixels });
    compare(t, 'picture', pictures, pictureReadings);
    t.equal('unsafe' in pictures, unsafe);
    pictures['unsafe']?.forEach(([value], i) => {
      t.ok(Math.abs(value! - pictureReadings[i]!.unsafe) <= 1e-6, 'unsafe');
    });
    const heard = await runFile(join(onnx, 'music.onnx'), {
      [music]: clips.map((clip) => clip[music]),
    });
    compare(t, 'clip', heard, clipReadings);
    if (predictor) {
      const similarities = await model.similarities(pictureReadings, clipReadings);
      const { similarity } = await runFile(join(onnx, 'similarity.onnx'), {
        picture: pictures['embedding']!,
        clip: heard['embedding']!,
      });
      for (const i of [0, 1]) t.ok(deviation(similarity![i]!, [similarities[3 * i]!]) <= 1e-5, 'similarity');
    }

    const readme = await readFile(join(onnx, 'README.md'), 'utf8');
    t.match(readme, `{"${music}": ${music}}`);
    t.equal(readme.includes('similarity.onnx'), predictor);
    t.equal(readme.includes('is not part of the files'), !unsafe);
    for (const { inputs, outputs } of summary.files) {
      for (const { name, meaning } of [...inputs, ...outputs]) t.match(readme, `- \`${name}\`: ${meaning}.`);
    }
  });
}

t.test('the log-spectrogram inside: quiet bins beside loud ones, and silence', async (t) => {
  // A tone of full scale; noise 100 dB below it; silence.
  const clips = [
    Float32Array.from({ length: CLIP_SAMPLES }, (_, n) => Math.sin(0.7 * n)),
    Float32Array.from({ length: CLIP_SAMPLES }, (_, n) => 0.5 * Math.sin(0.7 * n) + 1e-5 * Math.sin(n * n)),
    new Float32Array(CLIP_SAMPLES),
  ];
  const graph = new Graph('spectrogram');
  graph.output('y', logSpectrogramOfSamples(graph.input('samples', [clips.length, CLIP_SAMPLES])));
  const session = await context.engine.load(graph);
  const data = Float32Array.from(clips.flatMap((clip) => Array.from(clip)));
  const { y } = await session.run({
    samples: { dtype: 'float32', shape: [clips.length, CLIP_SAMPLES], data },
  });
  await session.close();
  const size = 257 * 199;
  t.same(y!.shape, [clips.length, 257, 199]);
  clips.forEach((clip, c) => {
    const found = y!.data.slice(c * size, (c + 1) * size);
    const worst = logSpectrogram(clip).reduce(
      (most, value, i) => Math.max(most, Math.abs(value - found[i]!)),
      0,
    );
    t.ok(worst <= 0.005, `clip ${c}: ${worst} dB`);
  });
});
