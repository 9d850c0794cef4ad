import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DiskCache } from '../../../models/cache.ts';
import { createFeatureExtractor } from '../../../models/features/index.ts';
import type { ClipInput, Model } from '../../../models/model/index.ts';
import { openPicture, squash } from '../../../models/pictures/index.ts';
import { clipOfFile } from '../../../streams/clips/index.ts';
import {
  FeatureProcesses,
  readFiles,
  PredictionStore,
  type FileRequest,
} from '../../../streams/file-inference/index.ts';
import { formulaModel, formulaReading } from '../../support/formula-model.ts';
import { writeMusic, writePicture } from '../../support/media.ts';

/** The formula model, and how many pictures and clips it was given at once. */
function countingModel(): { model: Model; batches: string[] } {
  const model = formulaModel();
  const batches: string[] = [];
  return {
    batches,
    model: {
      ...model,
      embedPictures: (pixels) => {
        batches.push(`${pixels.length} pictures`);
        return model.embedPictures(pixels);
      },
      embedClips: (clips) => {
        batches.push(`${clips.length} clips`);
        return model.embedClips(clips);
      },
    },
  };
}

async function mediaFolder(t: Test): Promise<(name: string) => string> {
  const folder = t.testdir({ 'text.wav': 'no sound at all\n'.repeat(9), folder: {} });
  const path = (name: string) => join(folder, name);
  await writePicture(path('red.png'), { r: 255, g: 0, b: 51 });
  await writePicture(path('blue.mp3'), { r: 0, g: 51, b: 255 });
  await writeMusic(path('song.wav'), 7);
  await writeMusic(path('other.jpg'), 4.5, 3);
  return path;
}

/** Starting threads takes longer than all else here. */
const threads = new FeatureProcesses();
t.teardown(() => threads.close());

async function events(requests: FileRequest[], model: Model, store?: PredictionStore) {
  const list = [];
  for await (const event of readFiles(requests, model, { store, threads })) list.push(event);
  return list;
}

/** Each event in a word, as "song.wav 2" for the clip at 2 s. */
function words(list: Awaited<ReturnType<typeof events>>, base: string): string[] {
  return list.map((event) => {
    const name = event.request.file.slice(base.length + 1);
    if (event.kind !== 'prediction') return `${name} ${event.kind}`;
    return event.of.kind === 'image' ? `${name} image` : `${name} ${event.of.clip.startSeconds}`;
  });
}

t.test('pictures and sound, told by content, in the order of the requests', async (t) => {
  const path = await mediaFolder(t);
  const names = ['song.wav', 'red.png', 'blue.mp3', 'other.jpg', 'red.png'];
  const list = await events(
    names.map((name) => ({ file: path(name) })),
    formulaModel(),
  );
  t.same(words(list, t.testdirName), [
    'song.wav 0',
    'song.wav 2',
    'song.wav 4',
    'song.wav read',
    'red.png image',
    'red.png read',
    'blue.mp3 image',
    'blue.mp3 read',
    'other.jpg 0',
    'other.jpg 2',
    'other.jpg read',
    'red.png image',
    'red.png read',
  ]);
});

t.test('the readings are those of the features and pixels themselves', async (t) => {
  const path = await mediaFolder(t);
  const model = formulaModel();
  const list = await events([{ file: path('song.wav') }, { file: path('red.png') }], model);
  const predictions = list.flatMap((event) => (event.kind === 'prediction' ? [event.of.prediction] : []));
  const extractor = await createFeatureExtractor();
  const expected = [];
  for (const start of [0, 2, 4]) {
    const { samples } = await clipOfFile(path('song.wav'), start);
    expected.push({ samples, before: new Float32Array(), features: extractor.extract(samples) });
  }
  t.same(predictions.slice(0, 3), await model.embedClips(expected));
  const pixels = await squash(await openPicture(path('red.png')), model.pictureInput);
  t.same(predictions[3], (await model.embedPictures([pixels]))[0]);
  t.match(predictions[3], { valence: 1, arousal: 0.2, unsafe: 0 });
});

t.test('a file that fails does so by itself', async (t) => {
  const path = await mediaFolder(t);
  await writeMusic(path('short.wav'), 1);
  await writeFile(path('torn.png'), (await readFile(path('red.png'))).subarray(0, 60));
  const requests: FileRequest[] = [
    { file: path('text.wav') },
    { file: path('short.wav') },
    { file: path('torn.png') },
    { file: path('folder') },
    { file: path('none') },
    { file: path('song.wav'), kind: 'image' },
    { file: path('red.png'), kind: 'music' },
    { file: path('red.png') },
  ];
  const list = await events(requests, formulaModel());
  t.same(words(list, t.testdirName), [
    'text.wav failed',
    'short.wav failed',
    'torn.png failed',
    'folder failed',
    'none failed',
    'song.wav failed',
    'red.png failed',
    'red.png image',
    'red.png read',
  ]);
  for (const event of list) {
    if (event.kind !== 'failed') continue;
    t.match(event.error.message, event.request.file);
  }
});

t.test('the model is given batches, across files', async (t) => {
  const path = await mediaFolder(t);
  await writeMusic(path('long.wav'), 36.5);
  const { model, batches } = countingModel();
  const pictures = Array.from({ length: 10 }, () => ({ file: path('red.png') }));
  const list = await events(
    [...pictures, { file: path('long.wav') }, { file: path('song.wav') }, { file: path('blue.mp3') }],
    model,
  );
  t.same(batches, ['8 pictures', '2 pictures', '16 clips', '5 clips', '1 pictures']);
  t.equal(list.filter(({ kind }) => kind === 'prediction').length, 10 + 18 + 3 + 1);
});

t.test(
  'a model that hears the sound itself is given samples, also those before a clip, and no features',
  async (t) => {
    const path = await mediaFolder(t);
    const given: ClipInput[] = [];
    const model: Model = {
      ...formulaModel(),
      featureRows: 'none',
      embedClips: async (clips) => {
        given.push(...clips);
        return clips.map(() => formulaReading(0.25, 0.75));
      },
    };
    const list = await events([{ file: path('song.wav') }], model);
    t.equal(list.filter((event) => event.kind === 'prediction').length, 3);
    const [first, second] = given as [ClipInput, ClipInput];
    t.same(second.samples, (await clipOfFile(path('song.wav'), 2)).samples);
    t.equal(second.before.length, 22_050);
    t.ok(second.before.every((sample, i) => sample === first.samples[22_050 + i]));
    t.equal(first.before.length, 0);
    t.ok(given.every(({ features }) => features.length === 0));
  },
);

t.test('when the model fails, so does the reading', async (t) => {
  const path = await mediaFolder(t);
  const model: Model = {
    ...formulaModel(),
    embedClips: () => Promise.reject(new Error('the engine is gone')),
  };
  await t.rejects(events([{ file: path('song.wav') }, { file: path('other.jpg') }], model), {
    message: 'the engine is gone',
  });
});

t.test('a reader that leaves early leaves nothing running', async (t) => {
  const path = await mediaFolder(t);
  await writeMusic(path('long.wav'), 90);
  for await (const event of readFiles(
    [{ file: path('long.wav') }, { file: path('song.wav') }],
    formulaModel(),
  )) {
    t.equal(event.kind, 'prediction');
    break;
  }
});

t.test('what was read is found again by content, stretches and model', async (t) => {
  const path = await mediaFolder(t);
  const cache = new DiskCache({ folder: path('cache') });
  const stretches = [
    { startSeconds: 1, endSeconds: 6 },
    { startSeconds: 0.5, endSeconds: undefined },
  ];
  const requests = [{ file: path('song.wav'), stretches }, { file: path('red.png') }];
  const first = countingModel();
  const fresh = await events(requests, first.model, new PredictionStore(cache, first.model));
  t.same(first.batches, ['5 clips', '1 pictures']);

  const second = countingModel();
  await copyFile(path('song.wav'), path('copy.wav'));
  const found = await events(
    [{ file: path('copy.wav'), stretches }, requests[1]!],
    second.model,
    new PredictionStore(cache, second.model),
  );
  t.same(second.batches, []);
  const exact = (list: typeof fresh) =>
    list.map((event) => {
      if (event.kind !== 'prediction') return event.kind;
      const { valence, arousal, valenceSd, arousalSd, embedding } = event.of.prediction;
      const place = event.of.kind === 'music' ? event.of.clip : event.of.prediction.unsafe;
      return [place, ...[valence, arousal, valenceSd, arousalSd].map(Math.fround), embedding];
    });
  t.same(exact(found), exact(fresh));

  const third = countingModel();
  const model = { ...third.model, fingerprint: 'e'.repeat(64) };
  await events([requests[1]!], model, new PredictionStore(cache, model));
  await events([{ file: path('song.wav') }], third.model, new PredictionStore(cache, third.model));
  t.same(third.batches, ['1 pictures', '3 clips'], 'another model, other stretches');
});

t.test('a file that fails is not kept', async (t) => {
  const path = await mediaFolder(t);
  const cache = new DiskCache({ folder: path('cache') });
  const model = formulaModel();
  const stretches = [
    { startSeconds: 0, endSeconds: 4 },
    { startSeconds: 20, endSeconds: 22 },
  ];
  for (const round of [1, 2]) {
    const list = await events(
      [{ file: path('song.wav'), stretches }],
      model,
      new PredictionStore(cache, model),
    );
    t.equal(list.at(-1)!.kind, 'failed', `round ${round}`);
  }
});
