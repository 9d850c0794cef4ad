import t from 'tap';
import { Stretches } from '../../../streams/sources/stretches.ts';
import type { SourceEvent } from '../../../streams/sources/source.ts';
import { wav16 } from './support/signals.ts';
import { layout } from './support/layout.ts';

const RATE = 22050;
const format = { encoding: 's16le', rateHz: RATE, channels: 1 } as const;
const sound = (frames: number) => Buffer.from(new Int16Array(frames).fill(100).buffer);

function stretches(badSamples: 'reject' | 'silence' = 'silence') {
  const events: SourceEvent[] = [];
  return { events, stretches: new Stretches('hall', badSamples, (event) => events.push(event)) };
}

t.test('what was missed follows from when sound arrived', async (t) => {
  const { events, stretches: hall } = stretches();
  hall.begin(format);
  hall.push(sound(2205), 1100); // sounded from 1000 to 1100 ms
  hall.push(sound(2205), 1203); // arrival times waver: that moves nothing
  hall.end('gone');
  hall.begin(format);
  hall.push(sound(2205), 3303); // from 3203, two seconds after the last
  t.same(layout(events), [[0, 2205], [2205, 2205], 4410, [4410 + 2 * RATE, 2205]]);
});

t.test('sound that arrives early never goes back', async (t) => {
  const { events, stretches: hall } = stretches();
  hall.begin(format);
  hall.push(sound(2205), 1000);
  hall.end('gone');
  hall.push(sound(4410), 1050);
  t.same(layout(events).at(-1), [2205, 4410]);
});

t.test('sound that was lost in the middle moves what follows on', async (t) => {
  const { events, stretches: hall } = stretches();
  hall.begin(format);
  hall.push(sound(2205), 100);
  hall.skip(50, 'overrun');
  hall.push(sound(2205), 250);
  t.same(layout(events), [[0, 2205], 2205, [2205 + 1103, 2205]]);
});

t.test('a stretch of another rate joins the same clock', async (t) => {
  const { events, stretches: hall } = stretches();
  hall.begin({ ...format, rateHz: 44100 });
  hall.push(sound(4410), 100);
  hall.end('gone');
  hall.begin('wav');
  const wav = wav16(RATE, 1, 2205, () => 100);
  hall.push(wav.subarray(0, 20), 1050);
  hall.push(wav.subarray(20), 1100);
  const gap = events.findIndex(({ kind }) => kind === 'gap');
  t.match(events[gap], { atSample: 2205 }, 'the resampler gave all it had before the gap');
  t.same(layout(events.slice(gap + 1)), [[2205 + Math.round(0.9 * RATE), 2205]]);
});

t.test('digital silence is reported after 5 s, and its end', async (t) => {
  const { stretches: hall } = stretches();
  hall.begin(format);
  const quiet = Buffer.alloc(2 * RATE);
  for (let second = 1; second <= 7; second++) {
    t.equal(hall.push(quiet, 1000 * second), second === 5 ? 'silent' : undefined, `second ${second}`);
  }
  t.equal(hall.push(sound(10), 8000), 'sound');
  t.equal(hall.push(sound(10), 8001), undefined);
});

t.test('on live sound bad samples are silenced, unless they are to be rejected', async (t) => {
  const floats = { ...format, encoding: 'f32le' } as const;
  const bytes = Buffer.from(Float32Array.from([1, NaN, 1]).buffer);
  const kept = stretches();
  kept.stretches.begin(floats);
  kept.stretches.push(bytes, 0);
  t.same(layout(kept.events), ['damaged', [0, 3]]);
  const strict = stretches('reject');
  strict.stretches.begin(floats);
  t.throws(() => strict.stretches.push(bytes, 0), { code: 'BAD_SAMPLES' });
});

t.test('channels that cancel each other do so after a gap too, and one status says so', async (t) => {
  const { events, stretches: hall } = stretches();
  const stereo = { ...format, channels: 2 };
  const lead = (frames: number) =>
    Buffer.from(
      Int16Array.from({ length: 2 * frames }, (_, i) =>
        Math.round((i % 2 === 0 ? 1 : -1) * 9000 * Math.sin((i >> 1) / 20)),
      ).buffer,
    );
  hall.begin(stereo);
  hall.push(lead(2 * RATE), 2000);
  hall.skip(50, 'overrun');
  hall.push(lead(RATE), 3050);
  hall.end('gone');
  hall.begin(stereo);
  hall.push(lead(RATE), 9000);
  const told = events.filter((event) => event.kind === 'status');
  t.match(told, [{ state: 'damaged', message: /channels 1 and 2 of hall cancel/ }]);
  t.equal(told.length, 1);
  const last = events.at(-1)!;
  t.ok(last.kind === 'block' && last.samples.some((x) => Math.abs(x) > 0.2), 'it is heard at once');
  t.match(last, { channels: [{ heard: true }, { heard: false }] });
});

t.test('a value that never changes is silence, whatever it is', async (t) => {
  const { stretches: hall } = stretches();
  hall.begin(format);
  const changes = Array.from({ length: 6 }, (_, i) => hall.push(sound(RATE), 1000 * (i + 1)));
  t.strictSame(changes, [...Array<undefined>(5).fill(undefined), 'silent']);
});
