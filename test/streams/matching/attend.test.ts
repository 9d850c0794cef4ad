import { from, lastValueFrom, toArray } from 'rxjs';
import t from 'tap';
import { PLAIN_ATTENTION, type Attention } from '../../../models/model/index.ts';
import { byHand } from '../../../models/moods/index.ts';
import { attend, type ClipPrediction } from '../../../streams/matching/index.ts';
import { formulaReading } from '../../support/formula-model.ts';

/** Clips of songs: all of a song sound alike, and nothing like those of another. */
function clip(
  song: number,
  valence: number,
  endSeconds: number,
  more: Partial<ClipPrediction> = {},
): ClipPrediction {
  const embedding = new Float32Array(8);
  embedding[song] = 3;
  return { prediction: formulaReading(valence, 1 - valence, embedding), endSeconds, rms: 0.1, ...more };
}

const attended = (clips: readonly ClipPrediction[], attention: Attention) =>
  lastValueFrom(
    from(clips).pipe(
      attend(() => attention),
      toArray(),
    ),
  );

const SHARP: Attention = { sharpness: 20, seconds: 30 };

t.test('clips that sound alike steady each other, and another song counts at once', async (t) => {
  const torn = Array.from({ length: 20 }, (_, i) => clip(0, i % 2 === 0 ? 0.2 : 0.4, 2 + i / 2));
  const other = [clip(1, 0.9, 12), clip(1, 0.8, 12.5)];
  const read = (await attended([...torn, ...other], SHARP)).map(({ prediction }) => prediction);
  t.ok(Math.abs(read[19]!.valence - 0.3) < 0.02, `${read[19]!.valence} is the mean of 0.2 and 0.4`);
  t.ok(Math.abs(read[20]!.valence - 0.9) < 1e-6, 'nothing is left of the song before');
  t.ok(Math.abs(read[21]!.valence - 0.85) < 0.01, 'the new song has its own mean');
  t.ok(Math.abs(read[21]!.arousal - 0.15) < 0.01);
  t.ok(Math.abs(read[20]!.embedding[1]! - 3) < 1e-4, 'the embedding alike');

  const back = (await attended([...torn, ...other, clip(0, 0.2, 13)], SHARP)).at(-1)!.prediction;
  t.ok(Math.abs(back.valence - 0.3) < 0.02, 'the first song, back again, is known');
});

t.test('without sharpness it is an exponential window, whatever the hop', async (t) => {
  for (const hop of [0.1, 0.5]) {
    const before = Array.from({ length: 20 / hop }, (_, i) => clip(i % 7, 0, 2 + i * hop));
    const start = 2 + before.length * hop;
    const after = Array.from({ length: 3 / hop }, (_, i) => clip(i % 7, 1, start + i * hop));
    const { valence } = (await attended([...before, ...after], { sharpness: 0, seconds: 3 })).at(
      -1,
    )!.prediction;
    t.ok(Math.abs(valence - (1 - Math.exp(-1))) < 1e-3, `1 − 1/e after 3 s at a hop of ${hop} s: ${valence}`);
  }
});

t.test('half a minute back is forgotten', async (t) => {
  const clips = [clip(0, 0, 2), clip(0, 1, 31.9), clip(0, 1, 32.1)];
  const read = await attended(clips, { sharpness: 0, seconds: 1000 });
  t.ok(read[1]!.prediction.valence < 0.6);
  t.equal(read[2]!.prediction.valence, 1);
});

t.test('silence, another model and another clock', async (t) => {
  const loud = clip(0, 0.2, 2);
  const silent = clip(0, 0.9, 4, { rms: 0 });
  const read = await attended([loud, silent, clip(0, 0.4, 4.5)], SHARP);
  t.equal(read[1], silent, 'silence goes through');
  t.ok(read[2]!.prediction.valence < 0.35, 'and does not count');
  const other = clip(0, 0.8, 2.5, { model: 'b' });
  t.equal((await attended([loud, other], SHARP)).at(-1)!.prediction.valence, 0.8, 'of another model');
  const earlier = (await attended([clip(0, 0.2, 100), clip(0, 0.8, 2)], SHARP)).at(-1)!;
  t.equal(earlier.prediction.valence, 0.8, 'on another clock');
});

t.test('what a person says stays, and what the model reads beside it is attended', async (t) => {
  const model = formulaReading(0.2, 0.8, Float32Array.of(1, 0));
  const clips = [
    { prediction: model, endSeconds: 2, rms: 0.1 },
    {
      prediction: byHand(formulaReading(0.4, 0.6, Float32Array.of(1, 0)), { valence: 0.9 }),
      endSeconds: 4,
      rms: 0.1,
    },
  ];
  const { valence, arousal, by, byModel } = (await attended(clips, PLAIN_ATTENTION)).at(-1)!.prediction;
  t.equal(valence, 0.9);
  t.same(by, { valence: 'hand', arousal: 'model' });
  const weight = 1 / (1 + Math.exp(-2 / 1.5));
  t.ok(Math.abs(byModel!.valence - (0.4 * weight + 0.2 * (1 - weight))) < 1e-6);
  t.ok(Math.abs(arousal - byModel!.arousal) < 1e-6);
});

t.test('an early clip counts for the sound that it has', async (t) => {
  const plain: Attention = { sharpness: 0, seconds: 1000 };
  const early = clip(0, 0, 1, { soundSeconds: 1 });
  const { valence } = (await attended([early, clip(0, 1, 2)], plain)).at(-1)!.prediction;
  t.ok(Math.abs(valence - 0.5) < 1e-3, 'one second each');
});
