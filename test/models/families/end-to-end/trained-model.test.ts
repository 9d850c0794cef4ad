import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openTrainedModel } from '../../../../models/families/end-to-end/trained-model.ts';
import { openModel } from '../../../../models/families/index.ts';
import { logSpectrogram, createFeatureExtractor, CLIP_SAMPLES } from '../../../../models/features/index.ts';
import { expectedDistance, type ClipInput, type Prediction } from '../../../../models/model/index.ts';
import { openPicture, squash } from '../../../../models/pictures/index.ts';
import { train } from '../../../../models/training/end-to-end/index.ts';
import { readModelDescription } from '../../../../models/weights/index.ts';
import { soundOfFile } from '../../../../streams/clips/index.ts';
import { TINY_SETTINGS, tinyBackbone, tinyDataset } from '../../../support/tiny-dataset.ts';
import { relativeError } from '../../features/golden.ts';
import { failure } from '../../rejection.ts';
import { testContext } from '../../training/end-to-end/context.ts';
import '../../../support/shared-sessions.ts';

t.setTimeout(600_000);

const folder = t.testdir({});
const imageWeights = await tinyBackbone(join(folder, 'resnet50.safetensors'));
const sources = {
  ...(await tinyDataset(join(folder, 'data'), { train: 8, val: 3 })),
  imageWeights,
  skipBad: false,
};
const context = await testContext(join(folder, 'cache'));

t.test(
  'a trained model, opened, reads what training read, and ranks with the score that was chosen',
  async (t) => {
    const out = join(folder, 'cdcml');
    const result = await train(
      { given: { ...TINY_SETTINGS, epochs: 2 }, sources, out, resume: false },
      context,
    );
    const path = join(out, 'model.json');
    const description = await readModelDescription(path);
    const model = await openTrainedModel(out, description, context.engine);
    t.teardown(() => model.close());
    const { width, height } = model.pictureInput;
    const pixels = await Promise.all(
      [0, 1, 2].map(async (i) =>
        squash(await openPicture(join(folder, 'data', `images${i}.png`)), { width, height }),
      ),
    );
    const extractor = await createFeatureExtractor();
    const inputs: ClipInput[] = [];
    for (const i of [0, 1, 2]) {
      const samples = await soundOfFile(join(folder, 'data', `music${i}.wav`), 0, undefined);
      for (const start of [0, CLIP_SAMPLES]) {
        const clip = samples.slice(start, start + CLIP_SAMPLES);
        inputs.push({ samples: clip, before: new Float32Array(), features: extractor.extract(clip) });
      }
    }
    const [pictures, clips] = [await model.embedPictures(pixels), await model.embedClips(inputs)];
    t.equal(pictures[0]!.embedding.length, TINY_SETTINGS.embedding);
    t.ok(pictures.every(({ unsafe }) => unsafe >= 0 && unsafe <= 1));
    const single = await model.embedClips([inputs[4]!]);
    t.ok(Math.abs(single[0]!.valence - clips[4]!.valence) < 1e-5, 'by itself as among others');

    const asOnGpu = await openTrainedModel(out, description, context.engine, 'gpu');
    t.teardown(() => asOnGpu.close());
    t.equal(model.featureRows, 'all');
    t.equal(asOnGpu.featureRows, 'none');
    await t.rejects(model.embedClips([{ ...inputs[4]!, features: new Float32Array() }]), RangeError);
    const [heard] = await asOnGpu.embedClips([{ ...inputs[4]!, features: new Float32Array() }]);
    t.ok(
      relativeError(heard!.embedding, clips[4]!.embedding) < 1e-3,
      'one graph from the samples reads the same',
    );

    const similarities = await model.similarities(pictures, clips);
    const moods = (await readFile(sources.images, 'utf8')).trim().split('\n').slice(1, 4);
    const sounds = (await readFile(sources.music, 'utf8')).trim().split('\n').slice(1, 4);
    const point = (line: string): number[] => line.split(',').slice(1, 3).map(Number);
    let squared = 0;
    pictures.forEach((_, p) => {
      clips.forEach((__, c) => {
        const [a, b] = [point(moods[p]!), point(sounds[Math.floor(c / 2)]!)];
        const s = Math.exp(-Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!) / description.sigma);
        squared += (similarities[p * clips.length + c]! - s) ** 2 / 18;
      });
    });
    t.ok(Math.abs(squared - result!.validation.similarity!.mse) < 1e-5, 'the error that training told');
    const valence = pictures.reduce((sum, { valence: v }, p) => sum + (v - point(moods[p]!)[0]!) ** 2 / 3, 0);
    t.ok(Math.abs(valence - result!.validation.image!.valence.mse) < 1e-5);

    for (const score of ['plane', 'embedding', 'predictor'] as const) {
      const other = await openTrainedModel(out, { ...description, ranking: { score } }, context.engine);
      const { ranking } = other;
      t.equal(ranking.score, score);
      const vectors = Float32Array.from(pictures.flatMap((picture) => [...ranking.pictureVector(picture)]));
      const scores = ranking.scores(vectors, ranking.queryVector(clips[1]!));
      const near = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
        -Array.from(a, (value, i) => (value - b[i]!) ** 2).reduce((sum, value) => sum + value, 0);
      const expectedNearness = (p: Prediction, c: Prediction): number =>
        -expectedDistance(
          p.valence - c.valence,
          p.arousal - c.arousal,
          p.valenceSd ** 2 + c.valenceSd ** 2,
          p.arousalSd ** 2 + c.arousalSd ** 2,
        );
      const expected = pictures.map((picture, p) => {
        if (score === 'predictor') return similarities[p * clips.length + 1]!;
        return score === 'embedding'
          ? near(picture.embedding, clips[1]!.embedding)
          : expectedNearness(picture, clips[1]!);
      });
      // Scores of one query may differ from these by what depends on the clip alone.
      const shift = scores[0]! - expected[0]!;
      for (const [p, value] of expected.entries()) t.ok(Math.abs(scores[p]! - value - shift) < 1e-4, score);
      await other.close();
    }

    t.match(
      await failure('BAD_MODEL', () =>
        openTrainedModel(
          out,
          { ...description, architecture: { name: 'cdcml', settings: {} } },
          context.engine,
        ),
      ),
      /model\.json, architecture\.settings\.imageBackbone/,
    );
    const { uncertainty, ...old } = description;
    t.match(pictures[0], {
      valenceSd: uncertainty!.image.valence,
      arousalSd: uncertainty!.image.arousal,
    });
    t.match(clips[0], { valenceSd: uncertainty!.music.valence, arousalSd: uncertainty!.music.arousal });
    t.match(
      await failure('BAD_MODEL', () => openTrainedModel(out, old, context.engine)),
      /model\.json does not say how uncertain .* train again, or use the version that wrote it/,
    );
    const weights = join(out, 'weights.safetensors');
    const bytes = await readFile(weights);
    bytes[bytes.length - 3]! ^= 1;
    await writeFile(weights, bytes);
    t.match(
      await failure('BAD_WEIGHTS', () => openModel(out, { engine: context.engine })),
      /weights\.safetensors/,
    );
  },
);

t.test('the log-spectrogram of L3-Net: 257 × 199, a sine in its bin, silence at the floor', async (t) => {
  const bin = 100;
  const sine = Float32Array.from({ length: CLIP_SAMPLES }, (_, n) => Math.sin((2 * Math.PI * bin * n) / 512));
  const spectrogram = logSpectrogram(sine);
  t.equal(spectrogram.length, 257 * 199);
  const column = Array.from({ length: 257 }, (_, k) => spectrogram[k * 199 + 50]!);
  t.equal(column.indexOf(Math.max(...column)), bin);
  // A full-scale sine under a Hann window of 512: 20 log₁₀(512 / 4).
  t.ok(Math.abs(column[bin]! - 20 * Math.log10(128)) < 0.01);
  t.ok(logSpectrogram(new Float32Array(CLIP_SAMPLES)).every((value) => value === -100));
});
