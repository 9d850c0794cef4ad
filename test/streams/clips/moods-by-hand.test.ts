import { from } from 'rxjs';
import t from 'tap';
import { FileMoods } from '../../../models/moods/file-moods.ts';
import { clips, type Clip } from '../../../streams/clips/index.ts';
import { switchSources, oneAfterAnother, withMoods, type Source } from '../../../streams/sources/index.ts';

const RATE = 22_050;

/** A file of so many seconds, in blocks of 1000 samples. */
function song(name: string, seconds: number): Source {
  const samples = seconds * RATE;
  const blocks = Array.from({ length: Math.ceil(samples / 1000) }, (_, i) => ({
    kind: 'block' as const,
    startSample: 1000 * i,
    samples: new Float32Array(Math.min(1000, samples - 1000 * i)),
    arrivedAtMs: 0,
  }));
  return { name, kind: 'file', events: from(blocks) };
}

/** Valence v from when to when. */
function moods(...stretches: [number, number?, number?][]): FileMoods {
  return new FileMoods(
    stretches.map(([valence, startSeconds, endSeconds]) => ({
      valence,
      arousal: null,
      startSeconds,
      endSeconds,
    })),
  );
}

function cut(sources: readonly Source[], hopSeconds: number, live = false): Clip[] {
  const seen: Clip[] = [];
  const sound = live ? from(sources).pipe(switchSources({ firstMayFail: true })) : oneAfterAnother(sources);
  sound.pipe(clips({ hopSamples: hopSeconds * RATE })).subscribe((clip) => seen.push(clip));
  return seen;
}

const valences = (seen: readonly Clip[]) => seen.map(({ hand }) => hand?.valence);

t.test('a clip has the mood of its middle', async (t) => {
  const seen = cut([withMoods(song('a', 7), moods([0.9, 2, 5]))], 0.5);
  // Starts 0, 0.5, …, 5: middles 1 to 6.
  const middles = seen.map((_, i) => 1 + i / 2);
  t.same(
    valences(seen),
    middles.map((middle) => (middle >= 2 && middle < 5 ? 0.9 : undefined)),
  );
  t.notOk('hand' in seen[0]!);
});

t.test('each of several files has its own, wherever on the clock it is played', async (t) => {
  const night = [
    withMoods(song('a', 5), moods([0.1, 0, 2])),
    withMoods(song('b', 3), undefined),
    withMoods(song('c', 4), moods([0.3])),
  ];
  for (const live of [false, true]) {
    const seen = cut(night, 1, live);
    t.same(valences(seen), [0.1, ...Array.from({ length: 5 }), 0.3, 0.3, 0.3]);
  }
});

t.test('a source that begins in the middle of its file', async (t) => {
  const seen = cut([withMoods(song('a', 4), moods([0.7, 30, 32]), 29)], 1);
  t.same(valences(seen), [0.7, 0.7, undefined]);
});
