import { from } from 'rxjs';
import t from 'tap';
import { SAMPLE_RATE_HZ } from '../../../models/features/index.ts';
import { levels, LEVEL_HOP_SAMPLES, type Level } from '../../../streams/levels/index.ts';
import type { SourceEvent } from '../../../streams/sources/index.ts';

function sound(seconds: number, at: (timeSeconds: number, sample: number) => number): Float32Array {
  return new Float32Array(seconds * SAMPLE_RATE_HZ).map((_, i) => at(i / SAMPLE_RATE_HZ, i));
}

function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}

function sine(frequencyHz: number, timeSeconds: number): number {
  return Math.sin(2 * Math.PI * frequencyHz * timeSeconds);
}

function block(samples: Float32Array, startSample = 0): SourceEvent {
  return { kind: 'block', samples, startSample, arrivedAtMs: 5 };
}

function measure(...events: SourceEvent[]): Level[] {
  const seen: Level[] = [];
  from(events)
    .pipe(levels())
    .subscribe((level) => seen.push(level));
  return seen;
}

/** Onset times in seconds, without the one with which any sound begins. */
function onsets(samples: Float32Array): number[] {
  return measure(block(samples))
    .filter((level) => level.onset && level.atSample >= LEVEL_HOP_SAMPLES)
    .map((level) => level.atSample / SAMPLE_RATE_HZ);
}

/** A bass drum with a noisy attack every 0.5 s from 0.25 s on. */
function drums(seconds: number, gain: number): Float32Array {
  const hiss = noise(2);
  return sound(seconds, (time) => {
    const since = (time + 0.25) % 0.5;
    const stroke = Math.exp(-since * 11) * sine(80, since) + 0.3 * Math.exp(-since * 70) * hiss();
    return time < 0.25 ? 0 : 0.6 * gain * stroke;
  });
}

t.test('43 levels a second, each placed at the samples that it adds', async (t) => {
  const seen = measure(
    block(
      sound(2, (time) => sine(440, time)),
      1000,
    ),
  );
  t.equal(seen.length, Math.floor((2 * SAMPLE_RATE_HZ) / 512));
  t.strictSame(
    seen.slice(0, 3).map((level) => level.atSample),
    [1000, 1512, 2024],
  );
});

t.test('rms, peak and centroid of a sine are those of the sine', async (t) => {
  const level = measure(block(sound(1, (time) => 0.5 * sine(1000, time)))).at(-1)!;
  t.ok(Math.abs(level.rms - 0.5 / Math.SQRT2) < 0.005, `rms ${level.rms}`);
  t.ok(Math.abs(level.peak - 0.5) < 0.001, `peak ${level.peak}`);
  t.ok(Math.abs(level.centroidHz - 1000) < 10, `centroid ${level.centroidHz}`);
  const louder = measure(block(sound(1, (time) => 0.9 * sine(1000, time)))).at(-1)!;
  t.ok(louder.loudness > level.loudness);
});

t.test('silence is zeros, not NaN, and has no onset', async (t) => {
  for (const level of measure(block(new Float32Array(22_050)))) {
    t.match(level, { rms: 0, peak: 0, loudness: 0, centroidHz: 0, flux: 0, onset: false });
  }
});

t.test('the same levels whatever the sizes of the blocks', async (t) => {
  const samples = drums(2, 1);
  const whole = measure(block(samples));
  for (const size of [1, 37, 512, 5000]) {
    const pieces: SourceEvent[] = [];
    for (let read = 0; read < samples.length; read += size)
      pieces.push(block(samples.subarray(read, read + size), read));
    t.strictSame(measure(...pieces), whole, `blocks of ${size}`);
  }
});

t.test('each stroke of a drum is one onset, within 35 ms, at any loudness', async (t) => {
  const expected = Array.from({ length: 16 }, (_, beat) => 0.25 + beat * 0.5);
  for (const gain of [1, 0.1, 0.03]) {
    const seen = onsets(drums(8.2, gain));
    t.equal(seen.length, expected.length, `gain ${gain}: ${seen.map((time) => time.toFixed(3)).join(' ')}`);
    expected.forEach((time, beat) => {
      t.ok(Math.abs((seen[beat] ?? -1) - time) <= 0.035, `beat ${beat} at ${seen[beat] ?? 'none'}`);
    });
  }
});

t.test('drums over a chord are still each one onset', async (t) => {
  const strokes = drums(8.2, 1);
  const mixed = sound(
    8.2,
    (time, i) => strokes[i]! + 0.1 * (sine(220, time) + sine(277, time) + sine(330, time)),
  );
  t.equal(onsets(mixed).length, 16);
});

t.test('steady sound has no onsets: a sine, vibrato, noise, a slow swell', async (t) => {
  const hiss = noise(7);
  t.strictSame(onsets(sound(6, (time) => 0.5 * sine(440, time))), []);
  t.strictSame(onsets(sound(6, () => 0.3 * hiss())), []);
  t.strictSame(onsets(sound(6, (time) => 0.1 * time * sine(440, time))), []);
  t.strictSame(
    onsets(
      sound(6, (time) => 0.5 * Math.sin(2 * Math.PI * 440 * time + 2.2 * Math.sin(2 * Math.PI * 6 * time))),
    ),
    [],
  );
});

t.test('what is below -70 dBFS has no onsets', async (t) => {
  t.strictSame(onsets(drums(4, 0.0005)), []);
});

t.test('levels start again after a gap', async (t) => {
  const samples = drums(1, 1);
  const afresh = measure(block(samples, 90_000));
  t.strictSame(
    measure(block(samples), { kind: 'gap', atSample: 22_050, reason: 'lost' }, block(samples, 90_000)).slice(
      -afresh.length,
    ),
    afresh,
  );
  t.strictSame(measure(block(samples), block(samples, 90_000)).slice(-afresh.length), afresh);
});

t.test('DC is no sound: it opens no gate, moves no meter but the peak, and is no onset', async (t) => {
  const hiss = noise(3);
  for (const offset of [0.005, -0.3]) {
    const still = measure(block(sound(4, () => offset)));
    for (const { rms, onset, peak } of still) {
      t.match({ rms, onset }, { rms: 0, onset: false });
      t.ok(Math.abs(peak - Math.abs(offset)) < 1e-6, 'clipping is seen with DC');
    }
    const noisy = measure(block(sound(4, () => offset + 1e-4 * hiss()))).at(-1)!;
    t.ok(noisy.rms < 1e-4, `noise of -85 dB over DC: ${noisy.rms}`);
  }
  // A card that is switched on in the middle: over in a moment.
  const stepped = measure(block(sound(2, (time) => (time < 1 ? 0 : 0.005))));
  t.ok(stepped.at(-1)!.rms < 1e-6);
  const tone = measure(block(sound(2, (time) => 0.005 + 0.1 * sine(60, time)))).at(-1)!;
  t.ok(Math.abs(tone.rms - 0.1 / Math.SQRT2) < 0.002, `a bass note keeps its level: ${tone.rms}`);
});
