import { lastValueFrom, toArray } from 'rxjs';
import t from 'tap';
import { Night } from '../../../src/replay/index.ts';
import { oneAfterAnother, silence, syntheticSource } from '../../../streams/sources/index.ts';

const RATE = 22_050;
const label = (valence: number) => ({ valence, arousal: 0 });

t.test('labels lie on the clock of the night, whatever the lengths of the songs', async (t) => {
  const song = (
    seconds: number,
    labels: readonly (readonly [start: number, end: number, valence: number])[],
  ) => ({
    source: syntheticSource(silence, { lengthSamples: seconds * RATE, pace: 'consumed' as const }),
    labels: labels.map(([startSeconds, endSeconds, valence]) => ({
      startSeconds,
      endSeconds,
      label: label(valence),
    })),
  });
  let ended = 0;
  const night = new Night(
    [
      song(3, [
        [0, 1, 0.1],
        [2, Infinity, 0.2],
      ]),
      song(2, [
        [0, 2, 0.3],
        [1, 2, 0.4],
      ]),
    ],
    () => (ended += 1),
  );
  const events = await lastValueFrom(oneAfterAnother(night.sources).pipe(toArray()));
  t.equal(ended, 2);
  const samples = events.reduce((sum, event) => sum + (event.kind === 'block' ? event.samples.length : 0), 0);
  t.equal(samples, 5 * RATE);
  const at = (seconds: number) => night.labelAt(Math.round(seconds * RATE))?.valence;
  t.same([0, 0.99, 1, 1.99, 2, 2.99, 3, 4.5, 4.99].map(at), [
    0.1,
    0.1,
    undefined,
    undefined,
    0.2,
    0.2,
    0.3,
    0.3,
    0.3,
  ]);
});
