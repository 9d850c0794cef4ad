import t from 'tap';
import { CLIP_SAMPLES, createFeatureExtractor } from '../../../models/features/index.ts';
import { Analyser } from '../../../streams/analysis/index.ts';
import { formulaRecipe } from '../../support/recipes.ts';

function clip(frequencyHz: number, length = CLIP_SAMPLES) {
  const samples = new Float32Array(length).map(
    (_, i) => 0.5 * Math.sin((2 * Math.PI * frequencyHz * i) / 22_050),
  );
  return { startSample: 0, samples, before: Float32Array.of(0.5), arrivedAtMs: 0 };
}

t.test('the process computes what the extractor computes, in order', async (t) => {
  const analyser = await Analyser.start();
  t.teardown(() => analyser.close());
  const extractor = await createFeatureExtractor();
  const inputs = [220, 440, 880].map((frequencyHz) => clip(frequencyHz));
  const analyses = await Promise.all(inputs.map((input) => analyser.analyse(input)));
  analyses.forEach((analysis, index) => {
    t.equal(analysis.clip, inputs[index]);
    t.same(analysis.features, extractor.extract(inputs[index]!.samples));
    t.ok(analysis.elapsedMs > 0);
  });
});

t.test(
  'a model that hears samples gets those of the clip and before it, and what was tried in vain is reported',
  async (t) => {
    const fallbacks = ['webgpu does not run here'];
    const analyser = await Analyser.start({ model: formulaRecipe({ hearsSamples: true, fallbacks }) });
    t.teardown(() => analyser.close());
    const heard = clip(440);
    heard.samples[0] = 0.25;
    const analysis = await analyser.analyse(heard);
    t.match(analysis, { prediction: { valence: 0.25, arousal: 0.5 } });
    t.equal(analysis.features, undefined, 'which nobody asks for');
    t.same(analyser.model!.fallbacks, fallbacks);
  },
);

t.test('a clip that cannot be analysed fails alone', async (t) => {
  const analyser = await Analyser.start();
  t.teardown(() => analyser.close());
  const bad = clip(440);
  bad.samples[100] = Number.NaN;
  const [short, broken, good] = await Promise.allSettled(
    [clip(440, 100), bad, clip(440)].map((c) => analyser.analyse(c)),
  );
  t.equal(short!.status, 'rejected');
  t.equal(broken!.status, 'rejected');
  t.equal(good!.status, 'fulfilled');
});

t.test('when the process ends, what is in progress and what comes later is refused', async (t) => {
  const analyser = await Analyser.start();
  const inProgress = analyser.analyse(clip(440));
  await Promise.all([t.rejects(inProgress, { message: /process has ended/ }), analyser.close()]);
  await t.rejects(analyser.analyse(clip(440)), { message: /process has ended/ });
});
