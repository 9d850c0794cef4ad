import { PassThrough, Readable } from 'node:stream';
import t from 'tap';
import { stdinSource, type SourceEvent } from '../../../streams/sources/index.ts';
import type { PcmFormat } from '../../../streams/sources/pcm.ts';
import { collect } from './support/collect.ts';
import { noise16, relativeError, sine, wav16, wavFile, wavFloat } from './support/signals.ts';
import { VirtualClock } from './support/virtual-clock.ts';

const RATE = 22050;

/** The bytes as a pipe brings them, in pieces of any size. */
function pipe(bytes: Buffer, ...sizes: number[]): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return Readable.from(pieces, { objectMode: false });
}

const raw = (bytes: Buffer, format: Partial<PcmFormat> = {}, ...sizes: number[]) =>
  collect(
    stdinSource({
      format: { encoding: 's16le', rateHz: RATE, channels: 1, ...format },
      input: pipe(bytes, ...sizes),
    }),
  );
const wav = (bytes: Buffer, ...sizes: number[]) => collect(stdinSource({ input: pipe(bytes, ...sizes) }));

t.test('raw samples, in pieces that are torn anywhere', async (t) => {
  const noise = noise16(5000);
  const bytes = Buffer.from(noise.buffer);
  const wanted = Float32Array.from(noise, (x) => x / 32768);
  for (const sizes of [[], [1], [3], [4096, 7]]) {
    const { samples, blocks } = await raw(bytes, {}, ...sizes);
    t.same(samples, wanted, `pieces of ${sizes.join(', ')}`);
    let position = 0;
    for (const block of blocks) {
      if (block.startSample !== position) t.fail(`a block starts at ${block.startSample}, not ${position}`);
      position += block.samples.length;
    }
  }
  const stereo = await raw(bytes, { channels: 2 }, 5);
  t.same(
    stereo.samples,
    Float32Array.from({ length: 2500 }, (_, n) => (noise[2 * n]! + noise[2 * n + 1]!) / 65536),
  );
  const floats = Float32Array.from(wanted);
  t.same((await raw(Buffer.from(floats.buffer), { encoding: 'f32le' }, 13)).samples, wanted);
});

t.test('every kind of WAV', async (t) => {
  // Values that all widths hold exactly.
  const values = [0, 0.5, -0.5, -1, 0.25];
  const kinds: [string, 1 | 3, number, (view: DataView, at: number, x: number) => void][] = [
    [
      '8-bit',
      1,
      8,
      (v, at, x) => {
        v.setUint8(at, 128 + 128 * x);
      },
    ],
    [
      '16-bit',
      1,
      16,
      (v, at, x) => {
        v.setInt16(at, 32768 * x, true);
      },
    ],
    [
      '24-bit',
      1,
      24,
      (v, at, x) => {
        v.setUint16(at, (8388608 * x) & 0xffff, true);
        v.setInt8(at + 2, (8388608 * x) >> 16);
      },
    ],
    [
      '32-bit',
      1,
      32,
      (v, at, x) => {
        v.setInt32(at, 2147483648 * x, true);
      },
    ],
    [
      'float',
      3,
      32,
      (v, at, x) => {
        v.setFloat32(at, x, true);
      },
    ],
    [
      'double',
      3,
      64,
      (v, at, x) => {
        v.setFloat64(at, x, true);
      },
    ],
  ];
  for (const [name, format, bits, write] of kinds) {
    const data = Buffer.alloc((values.length * bits) / 8);
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    for (const [n, x] of values.entries()) write(view, (n * bits) / 8, x);
    for (const extensible of [false, true]) {
      const bytes = wavFile({ rateHz: RATE, channels: 1, format, bits, data, extensible });
      for (const sizes of [[], [1]]) {
        t.same(
          [...(await wav(bytes, ...sizes)).samples],
          values,
          `${name}${extensible ? ', extensible' : ''}`,
        );
      }
    }
  }
});

t.test('sizes that the writer could not know, chunks that nobody needs', async (t) => {
  const data = Buffer.from(noise16(3000).buffer);
  const parts = { rateHz: RATE, channels: 1, format: 1, bits: 16, data } as const;
  for (const claimedBytes of [0, 0x7ffff000, 0x80000000, 0xffffffff]) {
    const { samples, statuses } = await wav(wavFile({ ...parts, claimedBytes }));
    t.equal(samples.length, 3000, `claims ${claimedBytes}`);
    t.match(
      statuses.map(({ state }) => state),
      ['delivering', 'ended'],
    );
  }
  const trailing = Buffer.concat([wavFile(parts), Buffer.from('LIST\x04\0\0\0INFO', 'latin1')]);
  t.equal((await wav(trailing, 100)).samples.length, 3000, 'what follows the samples is no sound');
  const whole = wavFile(parts);
  const junk = Buffer.from('JUNK\x05\0\0\0abcde\0', 'latin1');
  const leading = Buffer.concat([whole.subarray(0, 12), junk, whole.subarray(12)]);
  t.equal((await wav(leading, 11)).samples.length, 3000, 'chunks before the samples are skipped');
  const ds64 = Buffer.alloc(36);
  ds64.write('ds64');
  ds64.writeUInt32LE(28, 4);
  ds64.writeBigUInt64LE(6000n, 16);
  const rf64 = Buffer.concat([
    Buffer.from('RF64'),
    whole.subarray(4, 12),
    ds64,
    wavFile({ ...parts, claimedBytes: 0xffffffff }).subarray(12),
    Buffer.from('more'),
  ]);
  t.equal((await wav(rf64)).samples.length, 3000, 'RF64');
  for (const unknown of [0n, 2n ** 63n - 1n, 2n ** 64n - 1n]) {
    rf64.writeBigUInt64LE(unknown, 12 + 16);
    const { samples, statuses } = await wav(rf64.subarray(0, -4));
    t.equal(samples.length, 3000, `RF64 that claims ${unknown}`);
    t.equal(
      statuses.some(({ state }) => state === 'damaged'),
      false,
    );
  }
});

t.test('other rates are resampled', async (t) => {
  for (const rate of [8000, 44100, 48000, 192000]) {
    const { samples } = await wav(wavFloat(rate, 1, rate, sine(1000, rate)), 10000);
    t.equal(samples.length, RATE);
    const wanted = Float32Array.from({ length: RATE }, (_, n) => sine(1000, RATE)(n));
    t.ok(relativeError(samples.subarray(1000, 21000), wanted.subarray(1000, 21000)) < 1e-5);
  }
  t.equal((await wav(wav16(48000, 6, 4800, () => 0))).samples.length, 2205, '6 channels');
});

t.test('what is no sound is an error that says so', async (t) => {
  const float = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
  const cases: [string, Promise<unknown>, string, RegExp][] = [
    [
      'NaN',
      raw(float(0, 0, NaN), { encoding: 'f32le' }),
      'BAD_SAMPLES',
      /standard input: frame 2 .* not a number/,
    ],
    ['NaN in WAV', wav(wavFloat(48000, 1, 9, (n) => (n === 7 ? NaN : 0))), 'BAD_SAMPLES', /frame 7/],
    ['infinite', raw(float(0, -Infinity), { encoding: 'f32le' }), 'BAD_SAMPLES', /frame 1 .* infinite/],
    ['absurd', raw(float(1e30), { encoding: 'f32le' }), 'BAD_SAMPLES', /far beyond full scale/],
    ['nothing, raw', raw(Buffer.alloc(0)), 'NO_AUDIO', /held no samples/],
    ['nothing', wav(Buffer.alloc(0)), 'NO_AUDIO', /ended before a WAV header/],
    ['text', wav(Buffer.from('To be, or not to be, that is the question')), 'NO_AUDIO', /not WAV/],
    ['mp3', wav(Buffer.from('fffb90640000', 'hex').fill(0, 6)), 'NO_AUDIO', /WAV/],
    ['empty WAV', wav(wav16(RATE, 1, 0, () => 0)), 'NO_AUDIO', /held no samples/],
    ['a bad rate', raw(Buffer.alloc(10), { rateHz: 3 }), 'OUT_OF_RANGE', /sample rate of 3 Hz/],
    ['absurd channels', raw(Buffer.alloc(10), { channels: 1e9 }), 'OUT_OF_RANGE', /1 to 64/],
    ['absurd channels in WAV', wav(wav16(RATE, 65, 1, () => 0)), 'OUT_OF_RANGE', /65 channels/],
    ['no channels', raw(Buffer.alloc(10), { channels: 0 }), 'OUT_OF_RANGE', /0 channels/],
  ];
  for (const [name, outcome, code, message] of cases) await t.rejects(outcome, { code, message }, name);
  const alaw = wav16(RATE, 1, 10, () => 0);
  alaw.writeUInt16LE(6, 20);
  await t.rejects(wav(alaw), { code: 'NO_AUDIO', message: /format 6 with 16 bits, not PCM: convert it/ });
  await t.rejects(wav(Buffer.from('To be, or not to be, that is the question')), {
    code: 'NO_AUDIO',
    remedy: { kind: 'describe-samples' },
  });
  const headerless = wav16(RATE, 1, 10, () => 0);
  headerless.write('xxxx', 12);
  await t.rejects(wav(headerless), { code: 'NO_AUDIO', message: /samples come before their format/ });
  const terminal = Object.assign(new PassThrough(), { isTTY: true });
  await t.rejects(collect(stdinSource({ input: terminal })), { code: 'USAGE', message: /is a terminal/ });
});

t.test('on live input bad samples can be silenced; they are counted', async (t) => {
  const values = [0.5, NaN, 0.25, Infinity, -0.5];
  const { samples, statuses } = await collect(
    stdinSource({
      format: { encoding: 'f32le', rateHz: RATE, channels: 1 },
      badSamples: 'silence',
      input: pipe(Buffer.from(Float32Array.from(values).buffer), 4),
    }),
  );
  t.same([...samples], [0.5, 0, 0.25, 0, -0.5]);
  t.match(
    statuses.map(({ state }) => state),
    ['delivering', 'damaged', 'ended'],
  );
  t.match(statuses.at(-1)?.message, /2 bad samples/);
});

t.test('torn and cut off ends are reported', async (t) => {
  const torn = await raw(Buffer.alloc(11), { channels: 2 });
  t.equal(torn.samples.length, 2);
  t.match(torn.statuses.at(-2), { state: 'damaged', message: /middle of a frame: 3 bytes/ });
  const short = wav16(RATE, 1, 1000, () => 1).subarray(0, -500);
  const cut = await wav(short);
  t.equal(cut.samples.length, 750);
  t.match(cut.statuses.at(-2), { state: 'damaged', message: /500 bytes before the end/ });
});

t.test('a pipe that goes quiet is reported within 2 s, and goes on', async (t) => {
  const clock = new VirtualClock();
  const input = new PassThrough();
  const events: SourceEvent[] = [];
  let notify: () => void = () => undefined;
  const next = () => new Promise<void>((resolve) => (notify = resolve));
  const ended = new Promise<void>((resolve, reject) => {
    stdinSource({ format: { encoding: 's16le', rateHz: RATE, channels: 1 }, input, clock }).events.subscribe({
      next: (event) => {
        events.push(event);
        notify();
      },
      complete: resolve,
      error: reject,
    });
  });
  const first = next();
  input.write(Buffer.alloc(200));
  await first;
  await clock.asleep();
  const lost = next();
  clock.advance(2000);
  await lost;
  t.match(events.at(-1), { kind: 'status', state: 'lost' });
  input.end(Buffer.alloc(100));
  await ended;
  t.match(
    events.map((event) =>
      event.kind === 'block' ? event.startSample : event.kind === 'status' && event.state,
    ),
    ['delivering', 0, 'lost', 'delivering', 100, 'ended'],
  );
});

t.test('unsubscribing lets go of the input', async (t) => {
  const input = new PassThrough();
  const subscription = stdinSource({
    format: { encoding: 's16le', rateHz: RATE, channels: 1 },
    input,
  }).events.subscribe();
  const closed = new Promise((resolve) => input.once('close', resolve));
  subscription.unsubscribe();
  await closed;
  t.ok(input.destroyed);
});

t.test('blocks are no longer than was asked for, and each waits until the consumer is ready', async (t) => {
  const noise = noise16(1050);
  let asked = 0;
  const { blocks, samples } = await collect(
    stdinSource({
      format: { encoding: 's16le', rateHz: RATE, channels: 1 },
      input: pipe(Buffer.from(noise.buffer)),
      blockSamples: 100,
      ready: () => {
        asked++;
        return Promise.resolve();
      },
    }),
  );
  t.same(
    blocks.map((block) => [block.startSample, block.samples.length]),
    Array.from({ length: 11 }, (_, i) => [100 * i, i < 10 ? 100 : 50]),
  );
  t.same(
    samples,
    Float32Array.from(noise, (x) => x / 32768),
  );
  t.ok(asked >= blocks.length, `asked ${asked} times`);
  t.throws(() => stdinSource({ blockSamples: 0 }), { code: 'OUT_OF_RANGE' });
});
