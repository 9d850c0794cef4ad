import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import { createFeatureExtractor, CLIP_SAMPLES } from '../../../models/features/index.ts';
import {
  DEFAULT_KERNEL_SETTINGS,
  FileStatistics,
  trainKernelModel,
  type KernelSettings,
} from '../../../models/kernel-regression/index.ts';
import { DiskCache, readManifest, type Manifest } from '../../../models/learning/index.ts';
import { openPicture, squash } from '../../../models/pictures/index.ts';
import { openModel } from '../../../models/serving/index.ts';
import { soundOfFile } from '../../../streams/clips/index.ts';
import { writeMusic } from '../../support/media.ts';
import { failure } from '../rejection.ts';

/*
 * The whole way on pictures and sounds by formula: files, statistics by the real trunk (one early layer of it),
 * regressions, a folder, and the model that is opened from it.
 */

const engine = await openEngine('cpu', { threads: 1 });

const SETTINGS: KernelSettings = {
  ...DEFAULT_KERNEL_SETTINGS,
  picture: { ...DEFAULT_KERNEL_SETTINGS.picture, layers: ['mixed0'], components: 8 },
  music: { ...DEFAULT_KERNEL_SETTINGS.music, components: 8 },
};

/** Stripes whose contrast and colour follow a number of [0, 1]. */
async function writeStripes(path: string, level: number, seed: number): Promise<void> {
  const side = 48;
  const pixels = Buffer.alloc(side * side * 3);
  for (let i = 0; i < side * side; i++) {
    const x = i % side;
    const wave = Math.sin(x * (0.3 + level) + seed) * (40 + 80 * level);
    pixels.set([128 + wave, 90 + 100 * level, 160 - 120 * level + wave / 2], 3 * i);
  }
  const picture = sharp(pixels, { raw: { width: side, height: side, channels: 3 } });
  await writeFile(path, await picture.png().toBuffer());
}

const PICTURES = 10;
const SOUNDS = 5;

/** A folder with four manifests and their files. */
async function dataFolder(t: Test): Promise<string> {
  const folder = t.testdir({});
  const rows = { images: ['file,valence,arousal,split'], emotions: ['file,emotion'], music: ['file,valence,arousal,split'], quadrants: ['file,quadrant'] }; // prettier-ignore
  for (let i = 0; i < PICTURES; i++) {
    const level = i / (PICTURES - 1);
    await writeStripes(join(folder, `theme${i % 5} ${i}.png`), level, i);
    rows.images.push(
      `theme${i % 5} ${i}.png,${0.2 + 0.6 * level},${0.7 - 0.4 * level},${i < 8 ? 'train' : 'val'}`,
    );
  }
  for (const [i, emotion] of ['awe', 'fear', 'sadness', 'amusement'].entries()) {
    await writeStripes(join(folder, `${emotion}.png`), i / 3, 20 + i);
    rows.emotions.push(`${emotion}.png,${emotion}`);
  }
  for (let i = 0; i < SOUNDS; i++) {
    await writeMusic(join(folder, `sound${i}.wav`), 4.1, i + 1);
    rows.music.push(`sound${i}.wav,${0.2 + 0.1 * i},${0.8 - 0.1 * i},${i < 4 ? 'train' : 'val'}`);
  }
  for (const [i, quadrant] of ['Q1', 'Q3'].entries()) {
    await writeMusic(join(folder, `${quadrant}.wav`), 2.2, 10 + i);
    rows.quadrants.push(`${quadrant}.wav,${quadrant}`);
  }
  for (const [name, lines] of Object.entries(rows)) {
    await writeFile(join(folder, `${name}.csv`), lines.join('\r\n'));
  }
  return folder;
}

const set = (name: string, manifest: Manifest) => ({ name, terms: 'made by formula', manifest });

async function train(
  data: string,
  out: string,
  change: { readonly skipBad?: boolean; readonly skipped?: string[] } = {},
) {
  const read = (name: string, categories: string[] = []) =>
    readManifest(join(data, `${name}.csv`), { categories });
  const source = await FileStatistics.open({
    engine,
    cache: new DiskCache({ folder: join(data, 'cache') }),
    readSound: soundOfFile,
    layers: SETTINGS.picture.layers,
  });
  try {
    return await trainKernelModel({
      images: [set('stripes', await read('images')), set('emotions', await read('emotions', ['emotion']))],
      music: [set('tones', await read('music')), set('quadrants', await read('quadrants', ['quadrant']))],
      splits: ['train', 'val'],
      settings: SETTINGS,
      source,
      engine,
      folder: out,
      date: '2026-01-01T00:00:00Z',
      seeds: 2,
      skipBad: change.skipBad ?? false,
      skipped: ({ message }) => change.skipped?.push(message),
    });
  } finally {
    await source.close();
  }
}

t.test('files to a model', async (t) => {
  const data = await dataFolder(t);
  const description = await train(data, join(data, 'model'));
  const model = await openModel(join(data, 'model'), { engine });
  t.teardown(() => model.close());

  await t.test('model.json tells the data and the figures', async (t) => {
    t.same(
      description!.data.map(({ name, kind, files, labels }) => [name, kind, files, labels]),
      [
        ['stripes', 'image', PICTURES, 'ratings'],
        ['emotions', 'image', 4, 'categories'],
        ['tones', 'music', SOUNDS, 'ratings'],
        ['quadrants', 'music', 2, 'categories'],
      ],
    );
    t.match(description!.metrics, {
      leftOut: { seeds: 2, imageValenceR2: { mean: Number, deviation: Number }, gapClosed: { mean: Number } },
      validation: { images: 2, imageValenceR2: Number, clips: 2 },
    });
    t.match(model.description, description!);
  });

  await t.test('pictures: what was learnt, linear in the embedding, and safe', async (t) => {
    const pictures = await Promise.all(
      Array.from({ length: PICTURES }, async (_, i) =>
        squash(await openPicture(join(data, `theme${i % 5} ${i}.png`)), model.pictureInput),
      ),
    );
    const readings = await model.readPictures(pictures);
    const { image } = model.description.constant;
    readings.forEach(({ valence, arousal, unsafe, embedding }, i) => {
      t.equal(embedding.length, 512);
      t.ok(Math.abs(image.valence + embedding[0]! - valence) < 1e-6);
      t.ok(Math.abs(image.arousal + embedding[1]! - arousal) < 1e-6);
      t.ok(unsafe >= 0 && unsafe <= 1);
      // The regression keeps a part of the ratings' spread and their order, nearly.
      const level = i / (PICTURES - 1);
      t.ok(Math.abs(valence - (0.2 + 0.6 * level)) < 0.15, `valence ${valence} at ${level}`);
    });
    t.same(await model.readPictures(pictures.slice(3, 4)), readings.slice(3, 4), 'whatever comes with it');
  });

  await t.test('clips: within the plane, linear in the embedding; similarities and scores', async (t) => {
    const extractor = await createFeatureExtractor();
    const features = [];
    for (let i = 0; i < SOUNDS; i++) {
      const samples = await soundOfFile(join(data, `sound${i}.wav`), 0, 2);
      features.push(extractor.extract(samples.subarray(0, CLIP_SAMPLES)).slice());
    }
    const clips = await model.readClips(features);
    const { music } = model.description.constant;
    for (const [i, { valence, arousal, embedding }] of clips.entries()) {
      t.ok(Math.abs(music.valence + embedding[0]! - valence) < 1e-6);
      t.ok(Math.abs(music.arousal + embedding[1]! - arousal) < 1e-6);
      t.ok(Math.abs(valence - (0.2 + 0.1 * i)) < 0.2, `valence ${valence} of sound ${i}`);
    }
    const similarities = await model.similarities(clips.slice(0, 2), clips);
    t.equal(similarities.length, 2 * SOUNDS);
    t.ok(similarities.every((value) => value >= 0 && value <= 1));
    const query = model.ranking.queryVector(clips[0]!);
    const vector = model.ranking.pictureVector(clips[1]!);
    t.equal(vector.length, model.ranking.width);
    t.equal(model.ranking.scores(vector, query).length, 1);
  });

  await t.test('its graphs take larger batches', async (t) => {
    const graphs = await model.graphs!(3);
    t.same(graphs.music.inputs.get('features')!.shape, [3, 193, 87]);
    t.same(graphs.music.outputs.get('mood')!.shape, [3, 2]);
    t.same(graphs.picture.outputs.get('unsafe')!.shape, [3, 1]);
  });

  await t.test('again, from the cache: the same bytes', async (t) => {
    await train(data, join(data, 'again'));
    for (const file of ['weights.safetensors', 'model.json']) {
      t.ok(
        (await readFile(join(data, 'again', file))).equals(await readFile(join(data, 'model', file))),
        file,
      );
    }
  });

  await t.test('weights that don’t fit are refused', async (t) => {
    const path = join(data, 'again', 'model.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"mixed0"', '"mixed1"'));
    const shape = await failure('BAD_WEIGHTS', () => openModel(join(data, 'again'), { engine }));
    t.match(shape, /weights\.safetensors has the shape 8×512 for picture\.components, which must be n×576/);
    await writeFile(path, text.replace('"varianceFactor"', '"variants"'));
    const settings = await failure('BAD_MODEL', () => openModel(join(data, 'again'), { engine }));
    t.match(settings, /model\.json, architecture\.settings\.training\.similarity/);
  });
});

t.test('what can’t be learnt', async (t) => {
  const data = await dataFolder(t);
  const out = join(data, 'model');
  const isThere = () => stat(out).then(() => true, () => false); // prettier-ignore

  await t.test('a picture that can’t be decoded ends it, or is left out and named', async (t) => {
    const torn = join(data, 'theme0 0.png');
    await writeFile(torn, (await readFile(torn)).subarray(0, 60));
    t.match(await failure('BAD_PICTURE', () => train(data, out)), /theme0 0\.png/);
    t.notOk(await isThere());
    const skipped: string[] = [];
    const description = await train(data, out, { skipBad: true, skipped });
    t.equal(skipped.length, 1);
    t.match(skipped[0], /theme0 0\.png/);
    t.equal(description!.data[0]!.files, PICTURES - 1);
  });

  await t.test('a category without a centre, and no ratings', async (t) => {
    await writeFile(join(data, 'quadrants.csv'), 'file,quadrant\r\nQ1.wav,Q5\r\n');
    t.match(
      await failure('BAD_TABLE', () => train(data, out, { skipBad: true })),
      /quadrants\.csv, line 2: "Q5" is no quadrant/,
    );
    await writeFile(join(data, 'quadrants.csv'), 'file,quadrant\r\nQ1.wav,Q1\r\n');
    await writeFile(join(data, 'music.csv'), 'file,valence,arousal,split\r\nsound0.wav,0.5,0.5,test\r\n');
    t.match(
      await failure('BAD_TABLE', () => train(data, out, { skipBad: true })),
      /music\.csv.*no rated row/,
    );
  });

  await t.test('a manifest with a missing file', async (t) => {
    await writeFile(join(data, 'emotions.csv'), 'file,emotion\r\nnowhere.png,awe\r\n');
    t.match(await failure('FILE_NOT_FOUND', () => train(data, out)), /emotions\.csv, line 2: .*nowhere\.png/);
  });
});
