import t from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import { Graph, sizeOf } from '../../../models/graph/index.ts';
import type { Shape } from '../../../models/graph/index.ts';
import { TrainingGraph } from '../../../models/graph/training/index.ts';
import {
  PairScorer,
  clipBranch,
  inferenceLayers,
  moodOf,
  moodsOf,
  pictureBranch,
  pictureSquare,
  similarityOf,
} from '../../../models/networks/index.ts';
import type { SystemSettings, Weights } from '../../../models/networks/index.ts';
import { evaluationLayers, initialState, trainingLayers } from '../../../models/networks/training/index.ts';
import { completeSettings, systemSettings } from '../../../models/training/end-to-end/settings.ts';
import { floats, random, relativeError, runOnce } from '../graph/helpers.ts';

const engine = await openEngine('cpu', { threads: 1 });

/** Names and shapes of what a network is made of, in training. */
function shapesOf(settings: SystemSettings, pictures: Shape, clips: Shape): Readonly<Record<string, Shape>> {
  const training = new TrainingGraph(new Graph());
  const layers = trainingLayers(training);
  const { graph } = training;
  const picture = pictureBranch(layers, graph.input('pictures', pictures), settings);
  const clip = clipBranch(layers, graph.input('clips', clips), settings);
  if (settings.predictsSimilarity) similarityOf(layers, picture.embedding, clip.embedding, 'dense', settings);
  moodsOf(layers, picture.features, clip.features, settings);
  return Object.fromEntries(
    [...graph.inputs].flatMap(([name, { shape }]) =>
      ['pictures', 'clips'].includes(name) || layers.masks.has(name) ? [] : [[name, shape]],
    ),
  );
}

function settingsOf(given: Record<string, unknown>, imageFeatures = 0): SystemSettings {
  return systemSettings(completeSettings(given), imageFeatures);
}

t.test('the systems have the layers that docs/method.md gives', (t) => {
  const features = [2, 193, 87];
  const cdcml = shapesOf(settingsOf({}), [2, 224, 224, 3], features);
  t.same(cdcml['image.layer4.2.conv3.weight'], [2048, 512, 1, 1]);
  t.same(cdcml['image.fc.weight'], [512, 2048]);
  t.same(cdcml['music.fc.weight'], [512, 512]);
  t.same(cdcml['similarity.0.weight'], [256, 1024]);
  t.same(cdcml['similarity.2.weight'], [1, 128]);
  t.same([cdcml['mood.0.weight'], cdcml['mood.1.weight'], cdcml['mood.2.weight']], [[256, 512], [128, 256], [2, 128]]); // prettier-ignore

  const lite = settingsOf({ imageBackbone: 'efficientnet-lite2' });
  t.same(pictureSquare(lite), { width: 260, height: 260, kernel: 'cubic' });
  const efficientNet = shapesOf(lite, [2, 260, 260, 3], features);
  t.same(efficientNet['image._conv_stem.weight'], [32, 3, 3, 3]);
  t.same(efficientNet['image.fc.weight'], [512, 1280]);
  t.same(pictureSquare(settingsOf({})), { width: 224, height: 224 });

  const sp = shapesOf(settingsOf({ system: 'sp-net', frozen: true }, 2048), [2, 2048], features);
  t.ok(
    sp['picture-mood.0.weight'] && sp['clip-mood.0.weight'] && !sp['similarity.0.weight'],
    'two regressors',
  );

  const l3 = shapesOf(settingsOf({ system: 'l3-net' }), [2, 224, 224, 3], [2, 257, 199]);
  t.same(l3['image.block1.conv1.weight'], [64, 3, 3, 3]);
  t.same(l3['music.block1.conv1.weight'], [64, 1, 3, 3]);
  t.same(l3['music.block4.conv2.weight'], [512, 512, 3, 3]);
  t.same([l3['similarity.0.weight'], l3['similarity.1.weight']], [[128, 1024], [1, 128]]); // prettier-ignore

  const acp = shapesOf(settingsOf({ system: 'acp-net' }, 2048), [2, 2048], features);
  t.same(acp['image.fc.weight'], [1024, 2048]);
  t.same([acp['music.0.weight'], acp['music.1.weight'], acp['music.2.weight']], [[512, 193], [2048, 512], [1024, 2048]]); // prettier-ignore
  t.same([acp['similarity.0.weight'], acp['similarity.1.weight'], acp['similarity.2.weight']], [[512, 2048], [32, 512], [1, 32]]); // prettier-ignore
  t.end();
});

t.test('weights as constants, as inputs, and outside of a graph give the same', async (t) => {
  for (const system of ['cdcml', 'acp-net']) {
    const given = {
      system,
      frozen: true,
      embedding: 16,
      width: 2,
      similarityHidden: [8, 4],
      moodHidden: [8, 4],
    };
    const settings = settingsOf(given, 12);
    const [pictureShape, clipShape] = [
      [3, 12],
      [3, 193, 87],
    ];
    const shapes = shapesOf(settings, pictureShape, clipShape);
    const initial = initialState(
      Object.entries(shapes).map(([input, shape]) => ({ input, shape })),
      1,
    );
    const weights: Weights = Object.fromEntries(
      Object.entries(shapes).map(([name, shape], i) => {
        const isScale = /deviation|running_var|norm\.weight/.test(name);
        const lively = random(sizeOf(shape), i + 1).map((value) => (isScale ? 1.5 + value : 0.3 * value));
        return [name, { shape, data: shape.length === 1 ? lively : initial[name]! }];
      }),
    );
    const feeds = {
      pictures: floats(pictureShape, random(36, 3)),
      clips: floats(clipShape, random(sizeOf(clipShape), 4)),
    };
    const build = (graph: Graph, layers: ReturnType<typeof inferenceLayers>) => {
      const picture = pictureBranch(layers, graph.input('pictures', pictureShape), settings);
      const clip = clipBranch(layers, graph.input('clips', clipShape), settings);
      graph.output('picture', picture.embedding);
      graph.output('clip', clip.embedding);
      graph.output('mood', moodOf(layers, picture.features, 'picture', settings));
      graph.output('similarity', similarityOf(layers, picture.embedding, clip.embedding, 'dense', settings));
      return graph;
    };
    const constant = new Graph();
    const found = await runOnce(engine, build(constant, inferenceLayers(constant, weights)), feeds);
    const input = new Graph();
    const same = await runOnce(engine, build(input, evaluationLayers(input)), {
      ...feeds,
      ...Object.fromEntries(
        Object.entries(weights).map(([name, { shape, data }]) => [name, floats(shape, data)]),
      ),
    });
    for (const name of ['picture', 'clip', 'mood', 'similarity'])
      t.ok(relativeError(same[name]!.data, found[name]!.data) < 1e-4, `${system}: ${name}`);

    const scorer = new PairScorer(weights, settings);
    const row = (name: string, i: number): Float32Array =>
      (found[name]!.data as Float32Array).slice(i * settings.embedding, (i + 1) * settings.embedding);
    const pictures = Float32Array.from(
      [0, 1, 2].flatMap((i) => [...scorer.pictureVector(row('picture', i))]),
    );
    for (const clip of [0, 1, 2]) {
      const scores = scorer.scores(pictures, scorer.clipVector(row('clip', clip)), new Float32Array(3));
      const expected = [0, 1, 2].map((picture) => found['similarity']!.data[picture * 3 + clip]!);
      t.ok(relativeError(scores, expected) < 1e-4, `${system}: the predictor outside of a graph`);
    }
  }
});
