import fc from 'fast-check';
import { from, Subject } from 'rxjs';
import t from 'tap';
import { CLIP_SAMPLES } from '../../../models/features/index.ts';
import { clips, type Clip } from '../../../streams/clips/index.ts';
import type { SourceEvent } from '../../../streams/sources/index.ts';

/** A signal in which no two stretches are alike: a multiplicative congruential sequence on [-1, 1). */
function signal(length: number): Float32Array {
  const samples = new Float32Array(length);
  let state = 12345;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    samples[i] = state / 2 ** 31;
  }
  return samples;
}

function* blocksOf(samples: Float32Array, sizes: Iterable<number>, startSample = 0): Generator<SourceEvent> {
  let read = 0;
  for (const size of sizes) {
    if (read >= samples.length) return;
    const block = samples.subarray(read, read + size);
    yield { kind: 'block', startSample: startSample + read, samples: block, arrivedAtMs: startSample + read };
    read += size;
  }
}

function* repeat(size: number): Generator<number> {
  for (;;) yield size;
}

function cut(events: Iterable<SourceEvent>, hopSamples?: number): Clip[] {
  const seen: Clip[] = [];
  from(events)
    .pipe(clips(hopSamples === undefined ? {} : { hopSamples }))
    .subscribe((clip) => seen.push(clip));
  return seen;
}

/** What the clips of unbroken sound must be, by definition. */
function expectedClips(samples: Float32Array, hopSamples: number, startSample = 0) {
  const expected = [];
  for (let first = 0; first + CLIP_SAMPLES <= samples.length; first += hopSamples) {
    expected.push({
      startSample: startSample + first,
      samples: samples.slice(first, first + CLIP_SAMPLES),
      before: samples.slice(Math.max(0, first - 22_050), first),
    });
  }
  return expected;
}

function same(one: Float32Array, other: Float32Array): boolean {
  return Buffer.compare(Buffer.from(one.buffer), Buffer.from(other.buffer)) === 0;
}

function sameClips(seen: Clip[], expected: Omit<Clip, 'arrivedAtMs'>[]): boolean {
  return (
    seen.length === expected.length &&
    seen.every(
      (clip, index) =>
        clip.startSample === expected[index]!.startSample &&
        same(clip.samples, expected[index]!.samples) &&
        same(clip.before, expected[index]!.before),
    )
  );
}

const sound = signal(150_000);

t.test('a clip of 2 s every 0.5 s unless another hop is set', async (t) => {
  const seen = cut(blocksOf(sound, repeat(512)));
  t.strictSame(
    seen.map((clip) => clip.startSample),
    [0, 11_025, 22_050, 33_075, 44_100, 55_125, 66_150, 77_175, 88_200, 99_225],
  );
  t.ok(sameClips(seen, expectedClips(sound, 11_025)));
});

for (const size of [1, 37, 512, 4096, 100_000]) {
  t.test(`the same clips, bit for bit, from blocks of ${size}`, async (t) => {
    t.ok(sameClips(cut(blocksOf(sound, repeat(size)), 7001), expectedClips(sound, 7001)));
  });
}

t.test('the same clips from any mixture of block sizes, at any hop, from any position', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(0, 1, 37, 512, 4096, 100_000), fc.integer({ min: 0, max: 60_000 })), {
        minLength: 1,
      }),
      fc.oneof(fc.integer({ min: 2000, max: 120_000 }), fc.constantFrom(CLIP_SAMPLES - 1, CLIP_SAMPLES)),
      fc.integer({ min: 0, max: 1e9 }),
      (sizes, hopSamples, startSample) => {
        const seen = cut(
          blocksOf(sound, [...sizes, ...Array<number>(2).fill(sound.length)], startSample),
          hopSamples,
        );
        return sameClips(seen, expectedClips(sound, hopSamples, startSample));
      },
    ),
    { numRuns: 60, seed: 1 },
  );
  t.pass('60 mixtures');
});

t.test('a hop of one sample', async (t) => {
  const short = sound.slice(0, CLIP_SAMPLES + 3);
  t.ok(sameClips(cut(blocksOf(short, repeat(100)), 1), expectedClips(short, 1)));
});

t.test('no clip spans a reported gap, and the next one starts right after it', async (t) => {
  const first = sound.slice(0, 60_000);
  const second = sound.slice(60_000);
  const seen = cut([
    ...blocksOf(first, repeat(4096)),
    { kind: 'gap', atSample: 60_000, reason: 'the device went away' },
    ...blocksOf(second, repeat(4096), 70_000),
  ]);
  t.ok(sameClips(seen, [...expectedClips(first, 11_025), ...expectedClips(second, 11_025, 70_000)]));
});

t.test('nor one that shows only in the positions of the blocks', async (t) => {
  const first = sound.slice(0, 60_000);
  const second = sound.slice(60_000);
  const seen = cut([...blocksOf(first, repeat(4096)), ...blocksOf(second, repeat(4096), 60_001)]);
  t.ok(sameClips(seen, [...expectedClips(first, 11_025), ...expectedClips(second, 11_025, 60_001)]));
});

t.test('a gap inside the stretch that a long hop passes over', async (t) => {
  const first = sound.slice(0, 50_000);
  const second = sound.slice(50_000, 100_000);
  const seen = cut([...blocksOf(first, repeat(512)), ...blocksOf(second, repeat(512), 55_000)], 60_000);
  t.strictSame(
    seen.map((clip) => clip.startSample),
    [0, 55_000],
  );
});

t.test('a clip carries the arrival time of its last sample and owns its samples', async (t) => {
  const source = new Subject<SourceEvent>();
  const seen: Clip[] = [];
  source.pipe(clips({ hopSamples: 22_050 })).subscribe((clip) => seen.push(clip));
  const buffer = sound.slice(0, 22_050);
  for (let i = 0; i < 4; i++) {
    source.next({ kind: 'block', startSample: i * 22_050, samples: buffer, arrivedAtMs: 1000 + i });
  }
  buffer.fill(0);
  t.strictSame(
    seen.map((clip) => clip.arrivedAtMs),
    [1001, 1002, 1003],
  );
  seen[0]!.samples.fill(7);
  seen[2]!.before.fill(7);
  t.ok(seen[1]!.samples.every((sample, index) => sample === sound[index % 22_050]));
});

t.test('a hop that is no whole number of samples is refused', async (t) => {
  for (const hopSamples of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.throws(() => clips({ hopSamples }), { code: 'USAGE' });
  }
});

t.test('early clips repeat the sound there is until it fills a clip, after a start and after a gap', (t) => {
  const RATE = 22_050;
  const sound = signal(3 * RATE);
  const after = 10 * RATE;
  const whole = [undefined, undefined, undefined];
  const seen: Clip[] = [];
  from<Iterable<SourceEvent>>([
    ...blocksOf(sound, repeat(500)),
    { kind: 'gap', atSample: after, reason: 'another song' },
    ...blocksOf(sound, repeat(777), after),
  ])
    .pipe(clips({ isEarly: true }))
    .subscribe((clip) => seen.push(clip));

  const ends = seen.map(({ startSample }) => startSample + CLIP_SAMPLES);
  const seconds = [1, 1.5, 2, 2.5, 3].map((end) => end * RATE);
  t.same(ends, [...seconds, ...seconds.map((end) => end + after)]);
  t.same(
    seen.map(({ soundSamples }) => soundSamples),
    [RATE, 1.5 * RATE, ...whole, RATE, 1.5 * RATE, ...whole],
    'how much sound there was',
  );
  for (const { samples, before, soundSamples } of seen.filter((clip) => clip.soundSamples !== undefined)) {
    const all = [...before, ...samples];
    t.equal(all.length, 3 * RATE);
    t.ok(all.every((x, i) => x === sound[(soundSamples! * 3 + i - all.length) % soundSamples!]));
  }
  const usual = seen.filter((clip) => clip.soundSamples === undefined);
  t.ok(
    sameClips(usual, [...expectedClips(sound, RATE / 2), ...expectedClips(sound, RATE / 2, after)]),
    'all others are as without early ones',
  );
  const rare: Clip[] = [];
  from(blocksOf(sound, repeat(500)))
    .pipe(clips({ isEarly: true, hopSamples: 2 * RATE }))
    .subscribe((clip) => rare.push(clip));
  t.same(
    rare.map(({ startSample }) => startSample + CLIP_SAMPLES),
    [RATE, 2 * RATE],
    'a long hop does not put off the first whole clip',
  );
  t.end();
});
