import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import { openModel } from '../../../models/families/index.ts';
import { CLIP_SAMPLES, createFeatureExtractor, SAMPLE_RATE_HZ } from '../../../models/features/index.ts';
import { type ClipInput, type Model, type Mood } from '../../../models/model/index.ts';

let model: Model;

t.before(async () => {
  model = await openModel(undefined, { engine: await openEngine('cpu', { threads: 1 }) });
});
t.teardown(() => model.close());

function isOnPlane({ valence, arousal }: Mood): boolean {
  return [valence, arousal].every((value) => value >= 0 && value <= 1);
}

/** Pixels of a picture by formula. */
function pixelsOf(colour: (x: number, y: number) => readonly [number, number, number]): Uint8Array {
  const { width, height } = model.pictureInput;
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const at = Math.floor(i / 3);
    return colour(at % width, Math.floor(at / width))[i % 3]!;
  });
}

t.test('is small, and tells its data, its terms and its figures', async (t) => {
  const files = await readdir(model.folder);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(model.folder, file))).size));
  t.ok(sizes.reduce((sum, size) => sum + size, 0) <= 30e6);
  t.ok(files.includes('README.md'), 'the model card');
  const { data, metrics, sigma } = model.description;
  t.same(
    data.map(({ kind }) => kind),
    ['image', 'image', 'image', 'music', 'music'],
  );
  for (const { name, terms } of data) t.notMatch(terms, /not stated/, name);
  t.match(metrics, { leftOut: { imageArousalR2: Number }, teacher: { imageArousalR2: Number } });
  t.ok(sigma > 0.3 && sigma < 0.5);
});

t.test('pictures: on the plane, safe where they are plain, and not all alike', async (t) => {
  const predictions = await model.embedPictures([
    pixelsOf(() => [0, 0, 0]),
    pixelsOf((_, y) => [90, 160 - y / 4, 255 - y / 3]),
    pixelsOf((x, y) => [255, ((x >> 3) ^ (y >> 3)) % 2 === 0 ? 40 : 120, 0]),
  ]);
  for (const prediction of predictions) {
    t.ok(isOnPlane(prediction));
    t.ok(prediction.unsafe >= 0 && prediction.unsafe < 0.5);
    t.ok(prediction.embedding.every(Number.isFinite));
  }
  t.not(predictions[0]!.valence, predictions[1]!.valence);
});

t.test('music: loud and restless is more excited than silence and a soft tone', async (t) => {
  const extractor = await createFeatureExtractor();
  const clip = (sound: (seconds: number, n: number) => number): ClipInput => {
    const samples = Float32Array.from({ length: CLIP_SAMPLES }, (_, n) => sound(n / SAMPLE_RATE_HZ, n));
    return { samples, before: new Float32Array(), features: extractor.extract(samples) };
  };
  const tone = (seconds: number, hz: number) => Math.sin(2 * Math.PI * hz * seconds);
  const restless = (seconds: number, n: number): number => {
    const beat = Math.exp(-30 * ((seconds * 4) % 1));
    const noise = (((n * 1103515245 + 12345) >>> 8) % 65536) / 32768 - 1;
    return 0.5 * beat * noise + 0.3 * (tone(seconds, 110) + tone(seconds, 220) + tone(seconds, 329.6));
  };
  const soft = (seconds: number) => 0.05 * tone(seconds, 220) * Math.min(1, seconds);
  const [loud, calm, silent] = await model.embedClips([clip(restless), clip(soft), clip(() => 0)]);
  for (const prediction of [loud!, calm!, silent!]) t.ok(isOnPlane(prediction));
  t.ok(loud!.arousal > calm!.arousal, `${loud!.arousal} and ${calm!.arousal}`);
});
