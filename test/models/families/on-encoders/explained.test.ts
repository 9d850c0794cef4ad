import t from 'tap';
import { openClipEncoders, type ClipInput } from '../../../../models/encoders/index.ts';
import { openEngine } from '../../../../models/engine/index.ts';
import { openModel } from '../../../../models/families/index.ts';
import { mapCoordinates, type CoordinateMap } from '../../../../models/families/on-encoders/coordinates.ts';
import { readCoordinates } from '../../../../models/families/on-encoders/graphs.ts';
import { readParts } from '../../../../models/families/on-encoders/model-file.ts';
import { CLIP_SAMPLES, createFeatureExtractor, SAMPLE_RATE_HZ } from '../../../../models/features/index.ts';
import { Graph } from '../../../../models/graph/index.ts';
import { type Mood, type Prediction } from '../../../../models/model/index.ts';

/* The built-in model. */

const engine = await openEngine('cpu', { threads: 1 });
const model = await openModel(undefined, { engine });
const explained = model.explained!();
t.teardown(() => explained.close());

const AXES = ['valence', 'arousal'] as const;

function isNear(one: Mood, other: Mood, within = 1e-4): boolean {
  return AXES.every((axis) => Math.abs(one[axis] - other[axis]) < within);
}

function addUp({ explanation }: Prediction): Mood {
  const { base, parts } = explanation!;
  const along = (axis: keyof Mood) => parts.reduce((sum, { push }) => sum + push[axis], base[axis]);
  return { valence: along('valence'), arousal: along('arousal') };
}

async function clips(): Promise<ClipInput[]> {
  const extractor = await createFeatureExtractor();
  return [1, 3].map((beats) => {
    const samples = Float32Array.from({ length: CLIP_SAMPLES }, (_, n) => {
      const seconds = n / SAMPLE_RATE_HZ;
      const beat = Math.exp(-8 * ((seconds * beats) % 1));
      return 0.4 * beat * (Math.sin(1400 * beats * seconds) + Math.sin(2100 * seconds));
    });
    return { samples, before: new Float32Array(), features: extractor.extract(samples) };
  });
}

t.test('pictures: the same readings, and parts that add up to them', async (t) => {
  const { width, height } = model.pictureInput;
  const pictures = [1, 7].map((step) =>
    Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * step) % 256),
  );
  const plain = await model.embedPictures(pictures);
  const told = await explained.embedPictures(pictures);
  told.forEach((prediction, i) => {
    t.ok(isNear(prediction, plain[i]!));
    t.ok(Math.abs(prediction.unsafe - plain[i]!.unsafe) < 1e-4);
    t.ok(prediction.embedding.every((value, e) => Math.abs(value - plain[i]!.embedding[e]!) < 1e-3));
    t.equal(plain[i]!.explanation, undefined);
    t.same(
      prediction.explanation!.parts.map(({ encoder }) => encoder),
      ['efficientnet-lite0', 'efficientnet-lite2', 'open-nsfw'],
    );
    t.ok(isNear(addUp(prediction), prediction, 1e-6));
  });
  const { within } = told[0]!.explanation!;
  for (const axis of AXES)
    t.ok(within![axis] > 0.6 && within![axis] < 0.8, 'as of errors that are nearly normal');
  t.ok(isNear(told[0]!.explanation!.base, told[1]!.explanation!.base, 1e-6), 'the same for every picture');
  t.ok(
    told[0]!.explanation!.parts.some(({ push }) => Math.abs(push.valence) > 0.005),
    'they do move it',
  );
});

t.test('clips: as with features that are put at the mean before the map', async (t) => {
  const inputs = await clips();
  const plain = await model.embedClips(inputs);
  const told = await explained.embedClips(inputs);
  const parts = await readParts(model.folder, model.description);
  const encoders = await openClipEncoders(engine, parts.settings.music.encoders);
  t.teardown(() => encoders.close());
  const [firstWidth] = encoders.widths as [number];
  const read = await moodOfFeatures(parts.music, parts);
  t.teardown(() => read.close());
  const mean = meanFeatures(parts.music);
  for (const [i, input] of inputs.entries()) {
    const features = await encoders.encode(input);
    const without = [
      Float32Array.from(features, (value, c) => (c < firstWidth ? mean[c]! : value)),
      Float32Array.from(features, (value, c) => (c < firstWidth ? value : mean[c]!)),
    ];
    const prediction = told[i]!;
    t.ok(isNear(prediction, plain[i]!));
    t.ok(isNear(addUp(prediction), prediction, 1e-6));
    t.ok(isNear(prediction.explanation!.base, await read.mood(mean)));
    for (const [e, left] of without.entries()) {
      const { leftOut } = prediction.explanation!.parts[e]!;
      const mood = await read.mood(left);
      t.ok(
        isNear(
          { valence: mood.valence + leftOut.valence, arousal: mood.arousal + leftOut.arousal },
          prediction,
        ),
      );
    }
  }
});

/** Features that the map takes for the mean of those that it was learnt from. */
function meanFeatures({ mean, scale, centre }: CoordinateMap): Float32Array {
  return mean.map((value, c) => (scale[c] === 0 ? value : value + centre[c]! / scale[c]!));
}

async function moodOfFeatures(map: CoordinateMap, parts: Awaited<ReturnType<typeof readParts>>) {
  const graph = new Graph('one clip');
  const width = map.mean.length;
  readCoordinates(parts, 'music', mapCoordinates(map, graph.input('x', [1, width])));
  const session = await engine.load(graph);
  return {
    async mood(data: Float32Array): Promise<Mood> {
      const values = await session.run({ x: { dtype: 'float32', shape: [1, width], data } });
      const [valence, arousal] = values['mood']!.data as Float32Array;
      return { valence: valence!, arousal: arousal! };
    },
    close: () => session.close(),
  };
}
