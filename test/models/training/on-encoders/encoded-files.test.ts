import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { DiskCache, cacheKey } from '../../../../models/cache.ts';
import { sha256OfFile } from '../../../../models/checksum.ts';
import {
  ENCODER_INPUT,
  PictureEncoding,
  encoderFingerprint,
  inspectOnnxEncoder,
  openClipEncoders,
} from '../../../../models/encoders/index.ts';
import { openEngine, type Engine } from '../../../../models/engine/index.ts';
import {
  BEFORE_SAMPLES,
  CLIP_SAMPLES,
  SAMPLE_RATE_HZ,
  createFeatureExtractor,
} from '../../../../models/features/index.ts';
import { openPicture, squash } from '../../../../models/pictures/index.ts';
import { encodeFiles, type EncodingOptions } from '../../../../models/training/on-encoders/encoded-files.ts';
import { soundOfFile } from '../../../../streams/clips/index.ts';
import { onnxEncoder, WIDTH } from '../../../support/onnx-encoder.ts';
import '../../../support/shared-sessions.ts';
import { picture, sound } from '../../../support/tiny-dataset.ts';
import { failure } from '../../rejection.ts';

const cpu = await openEngine('cpu', { threads: 1 });
const folder = t.testdir({});
const at = (name: string) => join(folder, name);
await picture(at('a.png'), { valence: 0.2, arousal: 0.7 });
await sound(at('a.wav'), { valence: 0.6, arousal: 0.4 }, 5.5);
const content = { picture: await sha256OfFile(at('a.png')), sound: await sha256OfFile(at('a.wav')) };

/** The cpu, which counts its runs and may call itself otherwise. */
function counting(provider: Engine['provider'] = 'cpu') {
  const counts = { runs: 0 };
  const engine: Engine = {
    provider,
    description: `${provider} (the cpu, in tests only)`,
    async load(model) {
      const session = await cpu.load(model);
      return {
        run: (feeds, into) => {
          counts.runs++;
          return session.run(feeds, into);
        },
        close: () => session.close(),
      };
    },
  };
  return { engine, counts };
}

async function open(cache: string, more: Partial<EncodingOptions> = {}) {
  const files = await encodeFiles({
    engine: cpu,
    cache: new DiskCache({ folder: at(cache) }),
    readSound: soundOfFile,
    pictures: ['open-nsfw'],
    clips: ['feature-statistics'],
    ...more,
  });
  t.teardown(() => files.close());
  return files;
}

t.test('features of a picture are those of its encoder, and are computed once', async (t) => {
  const encoding = await PictureEncoding.open(cpu, ['open-nsfw']);
  const [encoded] = await encoding.encode([await squash(await openPicture(at('a.png')), ENCODER_INPUT)]);
  await encoding.close();
  const { engine, counts } = counting();
  const files = await open('once', { engine });
  const features = await files.picture(at('a.png'), 0);
  t.equal(features.length, files.pictureWidths[0]);
  t.same(features, encoded!.features.get('open-nsfw'));
  t.equal(counts.runs, 1);
  t.same(await files.picture(at('a.png'), 0), features);
  t.equal(counts.runs, 1, 'found in the cache');
  const varied = await files.picture(at('a.png'), 1);
  t.notSame(varied, features, 'a varied view is another picture');
  t.same(await (await open('again')).picture(at('a.png'), 1), varied, 'and always the same');
  t.notSame(await files.picture(at('a.png'), 2), varied);
});

t.test('an ONNX encoder stands behind the bundled ones, and names the file that it fails at', async (t) => {
  const encoder = async (name: string, gain: number) => {
    await writeFile(at(name), onnxEncoder({ gain, metadata: { mean: '0', std: '1' } }));
    return inspectOnnxEncoder(at(name), {}, cpu);
  };
  const onnx = await encoder('good.onnx', 1);
  const files = await open('onnx', { onnx });
  t.equal(files.pictureWidths[1], WIDTH);
  const features = await files.picture(at('a.png'), 0);
  t.equal(features.length, files.pictureWidths[0]! + WIDTH);
  const alone = await open('onnx', { onnx, pictures: [] });
  t.same(await alone.picture(at('a.png'), 0), features.slice(-WIDTH));
  // One that is refused later only: of the picture that it was tried on its numbers are finite.
  const bad = await open('bad', { onnx: { ...onnx, bytes: onnxEncoder({ gain: Infinity }) }, pictures: [] });
  t.match(await failure('BAD_ENCODER', () => bad.picture(at('a.png'), 0)), /a\.png: .*good\.onnx/);
});

t.test('clips of a stretch are heard with what comes before them', async (t) => {
  const files = await open('clips');
  const stretches = [
    { startSeconds: 0, endSeconds: undefined },
    { startSeconds: 1.5, endSeconds: 4 },
  ];
  const [whole, part] = await files.clips(at('a.wav'), stretches);
  t.equal(whole!.length, 2, '5.5 s hold two clips of 2 s');
  t.equal(part!.length, 1);
  const samples = await soundOfFile(at('a.wav'), 0, undefined);
  const from = Math.round(1.5 * SAMPLE_RATE_HZ);
  const encoders = await openClipEncoders(cpu, ['feature-statistics']);
  const clip = samples.slice(from, from + CLIP_SAMPLES);
  const expected = await encoders.encode({
    samples: clip,
    before: samples.slice(from - BEFORE_SAMPLES, from),
    features: (await createFeatureExtractor()).extract(clip),
  });
  await encoders.close();
  t.equal(part![0]!.length, files.clipWidths[0]);
  t.same(part![0], expected);
  t.same(await files.clips(at('a.wav'), stretches), [whole, part], 'and found in the cache the same');
  t.match(
    await failure('OUT_OF_RANGE', () =>
      files.clips(at('a.wav'), [{ startSeconds: 4, endSeconds: undefined }]),
    ),
    /a\.wav has 1\.50 s from 4 s on, too little for a clip of 2 s/,
  );
});

t.test(
  'each engine has features of its own in the cache; those of the cpu stay where they were',
  async (t) => {
    const [first, other] = [counting(), counting('webgpu')];
    const stretches = [{ startSeconds: 0, endSeconds: undefined }];
    for (const { engine } of [first, other]) {
      const files = await open('engines', { engine });
      await files.picture(at('a.png'), 0);
      await files.clips(at('a.wav'), stretches);
    }
    t.equal(first.counts.runs, 3, 'a picture and two clips');
    t.equal(other.counts.runs, 3, 'what the cpu computed is not taken for a GPU’s');
    const encoders = await openClipEncoders(cpu, ['feature-statistics']);
    await encoders.close();
    const cache = new DiskCache({ folder: at('engines') });
    const encoder = await encoderFingerprint('open-nsfw');
    // As keys were before they told engines apart.
    const keys = [
      cacheKey(content.picture, { what: 'picture features', version: 1, encoder, view: 0 }),
      cacheKey(content.sound, { what: 'clip features', version: 1, encoders: encoders.identity, stretches }),
    ];
    for (const key of keys) t.ok(await cache.find(key));
  },
);
