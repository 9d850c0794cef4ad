import { from, lastValueFrom, toArray } from 'rxjs';
import t from 'tap';
import type { Prediction } from '../../../models/model/index.ts';
import { byHand, HAND_SD } from '../../../models/moods/index.ts';
import { smoothMood, type ClipPrediction } from '../../../streams/matching/index.ts';
import { formulaReading } from '../../support/formula-model.ts';

const EMBEDDING = 512;

function prediction(valence: number, arousal: number): Prediction {
  const embedding = new Float32Array(EMBEDDING);
  embedding.set([valence, arousal]);
  return formulaReading(valence, arousal, embedding);
}

function clips(values: readonly number[], hopSeconds: number, rms = 0.1): ClipPrediction[] {
  return values.map((value, i) => ({
    prediction: prediction(value, 1 - value),
    endSeconds: 2 + i * hopSeconds,
    rms,
  }));
}

const felt = async (predictions: readonly ClipPrediction[], tau: number) =>
  (
    await lastValueFrom(
      from(predictions).pipe(
        smoothMood(() => tau),
        toArray(),
      ),
    )
  ).map(({ mood }) => mood);

t.test('the mood follows with the time constant that was set, whatever the hop', async (t) => {
  for (const hop of [0.1, 0.5, 1]) {
    const steps = Math.round(3 / hop);
    const moods = await felt(clips([0, ...Array.from({ length: steps }, () => 1)], hop), 3);
    const { valence, arousal, embedding } = moods.at(-1)!;
    t.ok(
      Math.abs(valence - (1 - Math.exp(-1))) < 1e-6,
      `1 − 1/e after one time constant at a hop of ${hop} s`,
    );
    t.ok(Math.abs(arousal - Math.exp(-1)) < 1e-6);
    t.ok(Math.abs(embedding[0]! - valence) < 1e-6, 'the embedding alike');
  }
  t.equal((await felt(clips([0, 1], 0.5), 0)).at(-1)!.valence, 1, 'without smoothing, at once');
});

t.test('with another model smoothing starts again, whatever the width of its embeddings', async (t) => {
  const before = clips([0, 0, 0], 0.5).map((clip) => ({ ...clip, model: 'a' }));
  const other = formulaReading(1, 1, Float32Array.of(7, 8));
  const moods = await felt([...before, { prediction: other, endSeconds: 3.5, rms: 0.1, model: 'b' }], 3);
  const first = moods[0]!;
  t.same(moods.at(-1), { ...other, endSeconds: 3.5, confidence: first.confidence });
  const silent = { prediction: other, endSeconds: 3.5, rms: 0, model: 'b' };
  t.equal((await felt([...before, silent], 3)).length, 3, 'silence says nothing to it yet');
});

t.test('the confidence grows with what was heard, falls with contradiction and in silence', async (t) => {
  const steady = await felt(
    clips(
      Array.from({ length: 60 }, () => 0.7),
      0.5,
    ),
    3,
  );
  t.ok(steady[0]!.confidence < 0.6);
  t.ok(steady.at(-1)!.confidence > 0.99);
  const torn = await felt(
    clips(
      Array.from({ length: 60 }, (_, i) => i % 2),
      0.5,
    ),
    3,
  );
  t.ok(torn.at(-1)!.confidence < 0.25);
  const loud = clips(
    Array.from({ length: 20 }, () => 0.7),
    0.5,
  );
  const quiet = loud.map((clip, i) =>
    i < 10 ? clip : { ...clip, prediction: prediction(0.1, 0.1), rms: 0 },
  );
  const silent = await felt(quiet, 3);
  t.equal(silent.at(-1)!.valence, silent[9]!.valence, 'silence has the mood before it');
  t.ok(silent.at(-1)!.confidence < 0.3 * silent[9]!.confidence);
  t.equal((await felt(clips([0.5], 0.5, 0), 3)).length, 0, 'silence before any sound has none');
});

t.test('clips that were dropped count by their time, and a clock that goes back does no harm', async (t) => {
  const [first, second] = clips([0, 1], 0.5);
  const late = await felt([first!, { ...second!, endSeconds: 3.5 }], 3);
  t.ok(Math.abs(late.at(-1)!.valence - (1 - Math.exp(-0.5))) < 1e-6);
  const back = await felt([{ ...first!, endSeconds: 100 }, second!], 3);
  t.ok(Math.abs(back.at(-1)!.valence - (1 - Math.exp(-2 / 3))) < 1e-6, 'a clip of 2 s was heard');
});

t.test('a mood by hand comes at once and is not doubted; the embedding goes on smoothly', async (t) => {
  const heard = clips(
    Array.from({ length: 12 }, () => 0.2),
    0.5,
  );
  const cue = heard.map((clip, i) =>
    i < 8 ? clip : { ...clip, prediction: byHand(prediction(0.9, 0.7), { valence: 1 }) },
  );
  const moods = await felt(cue, 3);
  const [before, first, last] = [moods[7]!, moods[8]!, moods.at(-1)!];
  t.equal(before.by, undefined);
  t.match(first, { valence: 1, valenceSd: HAND_SD, by: { valence: 'hand', arousal: 'model' } });
  t.ok(first.arousal > 0.75 && first.arousal < 0.8, 'the axis that is the model’s is smoothed');
  t.same(Object.keys(before).includes('byModel'), false);
  const weight = 1 - Math.exp(-0.5 / 3);
  t.ok(
    Math.abs(first.byModel!.valence - (0.2 + weight * 0.7)) < 1e-6,
    'what the model reads goes on smoothly',
  );
  t.ok(first.embedding[0]! > 0.2 && first.embedding[0]! < 0.4);
  t.ok(last.confidence > 0.95 * before.confidence, 'the jump is no contradiction');
  const silent = await felt([...cue, { ...cue.at(-1)!, endSeconds: 9, rms: 0 }], 3);
  t.match(silent.at(-1), { valence: 1, by: { valence: 'hand' } });
  const after = await felt([...cue, { ...heard[0]!, endSeconds: 9 }], 3);
  t.equal(after.at(-1)!.by, undefined);
  t.ok(after.at(-1)!.valence < 1 && after.at(-1)!.valence > 0.2, 'back to the model, smoothly');
});
