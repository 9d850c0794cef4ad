import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { fileSource, type SourceEvent } from '../../../streams/sources/index.ts';
import type { FileSourceOptions } from '../../../streams/sources/file.ts';
import { bundledFfmpeg } from '../../../streams/sources/programs.ts';
import { collect } from './support/collect.ts';
import { encode } from './support/ffmpeg.ts';
import { bytesWritten, descendantsOf, isAsleep, until } from './support/processes.ts';
import { noise16, relativeError, sine, wav16, wavFloat } from './support/signals.ts';
import { VirtualClock } from './support/virtual-clock.ts';

const RATE = 22050;
const folder = t.testdir();
const file = (name: string, bytes?: Buffer | string): string => {
  const path = join(folder, name);
  if (bytes !== undefined) writeFileSync(path, bytes);
  return path;
};

// The bundled ffmpeg is the same on every machine; what a machine has itself is tried at the end.
const bundled = await bundledFfmpeg();
if (bundled === undefined) throw new Error('the npm package brings no ffmpeg for this platform');
process.env['SYNESTHETE_FFMPEG'] = bundled;

t.test('16-bit mono at 22,050 Hz comes out as exactly n / 32768', async (t) => {
  const noise = noise16(30011);
  noise.set([-32768, 32767, 0, 1, -1]);
  const path = file(
    'exact.wav',
    wav16(RATE, 1, noise.length, (n) => noise[n]!),
  );
  const { samples, blocks } = await collect(fileSource(path));
  t.equal(samples.length, noise.length);
  t.same(
    samples,
    Float32Array.from(noise, (value) => value / 32768),
  );
  let position = 0;
  for (const block of blocks) {
    t.equal(block.startSample, position, 'positions count the samples');
    position += block.samples.length;
  }
});

t.test('stereo becomes the mean of both, 6 channels the mean of all', async (t) => {
  const noise = noise16(6 * 8000);
  for (const channels of [2, 6, 3]) {
    const path = file(
      `channels-${channels}.wav`,
      wav16(RATE, channels, 8000, (n, c) => noise[6 * n + c]!),
    );
    const wanted = new Float32Array(8000);
    for (let n = 0; n < 8000; n++) {
      for (let c = 0; c < channels; c++) wanted[n]! += noise[6 * n + c]! / 32768 / channels;
    }
    const { samples } = await collect(fileSource(path));
    t.equal(samples.length, 8000);
    t.ok(relativeError(samples, wanted) < 1e-6, `${channels} channels`);
  }
});

t.test('other rates are resampled in place and in level, with nothing folded down', async (t) => {
  for (const rate of [8000, 44100, 48000, 192000]) {
    const path = file(`rate-${rate}.wav`, wavFloat(rate, 1, 2 * rate, sine(1000, rate)));
    const { samples } = await collect(fileSource(path));
    t.ok(Math.abs(samples.length - 2 * RATE) <= 1, `${rate}: ${samples.length} samples for 2 s`);
    // The edges ring, as the tone begins and ends suddenly.
    const wanted = Float32Array.from({ length: 2 * RATE }, (_, n) => sine(1000, RATE)(n));
    const error = relativeError(samples.subarray(2000, 42000), wanted.subarray(2000, 42000));
    t.ok(error < 1e-4, `${rate}: error ${error}`);
  }
  const folding = file('fold.wav', wavFloat(48000, 1, 96000, sine(12000, 48000)));
  const { samples } = await collect(fileSource(folding));
  const loudest = samples.subarray(2000, 42000).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  t.ok(loudest < 1e-5, `12 kHz leaves ${loudest}`);
  const high = file('high.wav', wavFloat(48000, 1, 96000, sine(10300, 48000)));
  const kept = (await collect(fileSource(high))).samples.subarray(2000, 42000);
  const rms = Math.sqrt(kept.reduce((sum, x) => sum + x * x, 0) / kept.length);
  t.ok(20 * Math.log10(rms / (0.5 / Math.SQRT2)) > -0.3, 'and 10.3 kHz stays within 0.3 dB');
});

t.test('decodes what people have', async (t) => {
  const original = file(
    'original.wav',
    wav16(44100, 2, 3 * 44100, (n, c) => Math.round(20000 * sine(c === 0 ? 440 : 660, 44100)(n))),
  );
  const { samples: wanted } = await collect(fileSource(original));
  const lossy = 0.05;
  const formats: [string, string[], number][] = [
    ['x.flac', [], 1e-6],
    ['x.aiff', [], 1e-6],
    ['x.mp3', ['-b:a', '192k'], lossy],
    ['x.ogg', ['-c:a', 'libvorbis', '-q:a', '6'], lossy],
    ['x.opus', ['-c:a', 'libopus', '-b:a', '160k'], lossy],
    ['x.m4a', ['-c:a', 'aac', '-b:a', '192k'], lossy],
  ];
  for (const [name, args, tolerance] of formats) {
    const path = file(name);
    await encode('-i', original, ...args, path);
    const { samples } = await collect(fileSource(path));
    t.ok(Math.abs(samples.length - wanted.length) < 1200, `${name}: ${samples.length} samples`);
    const middle = [22050, 44100] as const;
    const error = relativeError(samples.subarray(...middle), wanted.subarray(...middle));
    t.ok(error < tolerance, `${name}: error ${error}`);
  }
  const film = file('film.mp4');
  await encode('-f', 'lavfi', '-i', 'testsrc=d=3:s=64x64', '-i', original, '-c:a', 'aac', film);
  const { samples } = await collect(fileSource(film));
  t.ok(Math.abs(samples.length - wanted.length) < 2100, `a film's sound: ${samples.length} samples`);
});

t.test('starts and ends exactly where it should, in any format', async (t) => {
  const noise = noise16(2 * 66150);
  const wav = file(
    'seek.wav',
    wav16(44100, 1, noise.length, (n) => noise[n]!),
  );
  const mp3 = file('seek.mp3');
  await encode('-i', wav, mp3);
  for (const path of [wav, mp3]) {
    const { samples: whole } = await collect(fileSource(path));
    const startSeconds = 1.23456;
    const first = Math.round(startSeconds * RATE);
    const part = await collect(fileSource(path, { startSeconds, durationSeconds: 0.5, blockSamples: 1000 }));
    t.same(part.samples, whole.subarray(first, first + 11025));
    t.equal(part.blocks[0]?.startSample, 0);
    t.equal(part.statuses.at(-1)?.state, 'ended');
    const rest = await collect(fileSource(path, { startSeconds: 2.5 }));
    t.same(rest.samples, whole.subarray(2.5 * RATE));
  }
  await t.rejects(collect(fileSource(wav, { startSeconds: 60 })), {
    code: 'OUT_OF_RANGE',
    message: /seek\.wav is 3\.00 s long: there is nothing at 60\.00 s/,
  });
  t.throws(() => fileSource(wav, { startSeconds: -1 }), { code: 'OUT_OF_RANGE' });
  t.throws(() => fileSource(wav, { durationSeconds: NaN }), { code: 'OUT_OF_RANGE' });
  t.throws(() => fileSource(wav, { pace: 0 }), { code: 'USAGE' });
  t.throws(() => fileSource(wav, { pace: 0.009 }), { code: 'USAGE' });
  for (const blockSamples of [0, -1, 1.5, NaN, Infinity]) {
    t.throws(() => fileSource(wav, { blockSamples }), { code: 'OUT_OF_RANGE' });
  }
  const told: SourceEvent[] = [];
  await new Promise<unknown>((error) => {
    fileSource(wav, { startSeconds: 60 }).events.subscribe({ next: (event) => told.push(event), error });
  });
  t.same(told, [], 'nothing is said to play that does not');
});

t.test('a file that is left early is not called damaged for it', async (t) => {
  const long = file(
    'left-early.wav',
    wav16(RATE, 1, 60 * RATE, () => 1000),
  );
  for (let i = 0; i < 5; i++) {
    const { statuses } = await collect(fileSource(long, { durationSeconds: 0.5 }));
    t.same(
      statuses.map(({ state }) => state),
      ['delivering', 'ended'],
    );
    t.notMatch(statuses.at(-1)?.message, /complaints/);
  }
});

t.test('files that are not sound', async (t) => {
  const image = file('picture.png');
  await encode('-f', 'lavfi', '-i', 'color=red:s=16x16', '-frames:v', '1', image);
  const film = file('silent-film.mp4');
  await encode('-f', 'lavfi', '-i', 'testsrc=d=1:s=64x64', film);
  mkdirSync(file('a-folder.mp3'), { recursive: true });
  const cases: [string, string, RegExp][] = [
    [file('nowhere.mp3'), 'FILE_NOT_FOUND', /nowhere\.mp3 does not exist/],
    [file('a-folder.mp3'), 'NOT_A_FILE', /a-folder\.mp3 is a folder/],
    [file('empty.wav', ''), 'NO_AUDIO', /empty\.wav is empty/],
    [
      file('text.mp3', 'To be, or not to be.\n'.repeat(500)),
      'NO_AUDIO',
      /text\.mp3 is text: neither a picture nor sound/,
    ],
    [
      file('noise.mp3', Buffer.from(noise16(50000).buffer)),
      'NO_AUDIO',
      /noise\.mp3 can't be decoded as sound/,
    ],
    [
      file('utf-16.mp3', Buffer.from('\ufeffÜber allen Gipfeln ist Ruh.\n'.repeat(300), 'utf16le')),
      'NO_AUDIO',
      /is text/,
    ],
    [
      file('utf-16be.mp3', Buffer.from('\ufeffÜber allen Gipfeln\n'.repeat(300), 'utf16le').swap16()),
      'NO_AUDIO',
      /is text/,
    ],
    [
      file('latin-1.mp3', Buffer.from('Über allen Gipfeln ist Ruh.\n'.repeat(300), 'latin1')),
      'NO_AUDIO',
      /is text/,
    ],
    [file('text.txt', 'Never black by itself.\n'.repeat(500)), 'NO_AUDIO', /text\.txt/],
    [image, 'NO_AUDIO', /picture\.png has no sound/],
    [film, 'NO_AUDIO', /silent-film\.mp4 has no sound/],
    [
      file(
        'no-samples.wav',
        wav16(RATE, 1, 0, () => 0),
      ),
      'NO_AUDIO',
      /no-samples\.wav/,
    ],
  ];
  if (process.platform !== 'win32') cases.push(['/dev/null', 'NOT_A_FILE', /not an ordinary file/]);
  for (const [path, code, message] of cases) {
    await t.rejects(collect(fileSource(path)), { name: 'SynestheteError', code, message }, path);
  }
});

t.test('a torn file is played as far as it goes', async (t) => {
  const mp3 = file('whole.mp3');
  await encode('-f', 'lavfi', '-i', 'sine=440:d=20', mp3);
  const bytes = readFileSync(mp3);
  const torn = file('torn.mp3', bytes.subarray(0, Math.floor(bytes.length / 2) + 33));
  const { samples, statuses } = await collect(fileSource(torn));
  t.ok(samples.length > 9 * RATE && samples.length < 11 * RATE, `${samples.length} samples`);
  t.equal(statuses.at(-1)?.state, 'ended');
  // Damage inside is reported.
  const holed = Buffer.from(bytes);
  holed.fill(0x55, bytes.length / 2, bytes.length / 2 + 2000);
  const mended = await collect(fileSource(file('holed.mp3', holed)));
  t.ok(mended.samples.length > 18 * RATE);
  t.match(
    mended.statuses.map(({ state }) => state),
    ['delivering', 'damaged', 'ended'],
  );
  t.match(mended.statuses.at(-1)?.message, /complaints of the decoder/);
});

t.test('numbers that are no samples never come through', async (t) => {
  for (const bad of [NaN, Infinity, -Infinity, 1e30]) {
    for (const rate of [RATE, 44100]) {
      const path = file(
        'bad.wav',
        wavFloat(rate, 1, 2 * rate, (n) => (n === rate ? bad : sine(440, rate)(n))),
      );
      await t.rejects(collect(fileSource(path)), { code: 'BAD_SAMPLES', message: /bad\.wav .* at about/ });
      const { samples, statuses } = await collect(fileSource(path, { badSamples: 'silence' }));
      t.ok(samples.every((x) => Math.abs(x) <= 1e6));
      t.match(
        statuses.map(({ state }) => state),
        ['delivering', 'damaged', 'ended'],
      );
    }
  }
});

t.test('a name is only ever a file', async (t) => {
  const wav = wav16(RATE, 1, 100, () => 7);
  const cwd = process.cwd();
  process.chdir(folder);
  t.teardown(() => {
    process.chdir(cwd);
  });
  const names = ['-i.wav', 'with space & "quotes".wav', 'song%03d.wav', 'ü.wav'];
  if (process.platform !== 'win32') names.push('http:x.wav', 'concat:a|b.wav', 'pipe:0');
  for (const name of names) {
    writeFileSync(name, wav);
    t.equal((await collect(fileSource(name))).samples.length, 100, name);
  }
  await t.rejects(collect(fileSource('http://127.0.0.1/x.wav')), { code: 'FILE_NOT_FOUND' });
  writeFileSync('list.m3u8', '#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.wav\n#EXT-X-ENDLIST\n');
  await t.rejects(collect(fileSource('list.m3u8')), { code: 'NO_AUDIO', message: /is a playlist/ });
});

t.test('real time is kept by the count of samples, against the clock', async (t) => {
  const path = file(
    'paced.wav',
    wav16(RATE, 1, RATE, () => 1000),
  );
  for (const pace of [1, 4]) {
    const clock = new VirtualClock();
    clock.runFreely();
    const { blocks } = await collect(fileSource(path, { pace, clock, blockSamples: 441 }));
    t.equal(blocks.length, 50);
    for (const [i, block] of blocks.entries()) {
      t.ok(
        Math.abs(block.arrivedAtMs - (20 * (i + 1)) / pace) < 1e-6,
        `block ${i} at ${block.arrivedAtMs} ms`,
      );
    }
  }
  // Nothing comes before its time.
  const clock = new VirtualClock();
  const events: SourceEvent[] = [];
  const subscription = fileSource(path, { pace: 1, clock, blockSamples: 441 }).events.subscribe((event) =>
    events.push(event),
  );
  await clock.asleep();
  t.same(
    events.map(({ kind }) => kind),
    ['status'],
  );
  clock.advance(19.9);
  await new Promise(setImmediate);
  t.equal(events.length, 1);
  clock.advance(0.2);
  await clock.asleep();
  t.equal(events.length, 2);
  subscription.unsubscribe();
});

t.test('back-pressure reaches the decoder', async (t) => {
  // Half an hour of sound, of which the consumer takes only the beginning.
  const path = file(
    'long.wav',
    wav16(8000, 1, 8000 * 1800, () => 0),
  );
  let blocks = 0;
  let open: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (open = resolve));
  let reached: () => void = () => undefined;
  const atGate = new Promise<void>((resolve) => (reached = resolve));
  const ready = () => {
    if (blocks < 3) return Promise.resolve();
    reached();
    return closed;
  };
  const done = new Promise<void>((resolve, reject) => {
    fileSource(path, { ready }).events.subscribe({
      next: (event) => {
        if (event.kind === 'block') blocks++;
      },
      error: reject,
      complete: resolve,
    });
  });
  await atGate;
  t.equal(blocks, 3, 'no block comes while the consumer is not ready');
  if (process.platform === 'linux') {
    // ffmpeg would have written 159 MB by its end; instead it sleeps, as the pipe is full.
    const ffmpeg = descendantsOf(process.pid).at(-1); // behind its guard
    await until(() => isAsleep(ffmpeg!));
    t.ok(bytesWritten(ffmpeg!) < 1e6, `${bytesWritten(ffmpeg!)} bytes written`);
  }
  open();
  await done;
  t.equal(blocks, Math.ceil((RATE * 1800) / 8192));
});

t.test('the ffmpeg of this machine gives the same', async (t) => {
  const path = file(
    'same.wav',
    wav16(44100, 2, 88200, (n, c) => Math.round(20000 * sine(300 + 100 * c, 44100)(n))),
  );
  const { samples: wanted } = await collect(fileSource(path));
  delete process.env['SYNESTHETE_FFMPEG'];
  const { samples } = await collect(fileSource(path));
  t.equal(samples.length, wanted.length);
  t.ok(relativeError(samples, wanted) < 1e-5);
});

t.test('the sound track that the file marks as default is heard, or the one that is chosen', async (t) => {
  const path = file('tracks.mkv');
  const tones = ['sine=330:duration=1', 'sine=880:duration=1', 'sine=1760:duration=1'];
  await encode(
    ...tones.flatMap((tone) => ['-f', 'lavfi', '-i', tone]),
    // More channels do not make a track the default.
    ...[
      '-map',
      '0',
      '-map',
      '1',
      '-map',
      '2',
      '-c:a',
      'flac',
      '-ac:a:0',
      '2',
      '-metadata:s:a:2',
      'language=ger',
    ],
    ...['-disposition:a:0', '0', '-disposition:a:1', 'default', '-disposition:a:2', '0', path],
  );
  const pitch = async (options: { track?: number }) => {
    const { samples } = await collect(fileSource(path, options));
    let crossings = 0;
    for (let i = 1; i < samples.length; i++) if (samples[i - 1]! < 0 && samples[i]! >= 0) crossings++;
    return Math.round((crossings * 22050) / samples.length / 10) * 10;
  };
  t.equal(await pitch({}), 880);
  t.equal(await pitch({ track: 1 }), 330);
  t.equal(await pitch({ track: 3 }), 1760);
  await t.rejects(pitch({ track: 4 }), {
    code: 'OUT_OF_RANGE',
    message: /tracks\.mkv has no sound track 4: it has 1, 2, 3 \(ger\)/,
  });
  const none = file('none.mkv');
  await encode('-f', 'lavfi', '-i', 'testsrc=d=1:s=64x64', none);
  for (const options of [{}, { track: 2 }]) {
    await t.rejects(collect(fileSource(none, options)), { code: 'NO_AUDIO', message: /has no sound in it/ });
  }
});

t.test(
  'of a file whose channels cancel each other one is heard, with a word; so with channels of choice',
  async (t) => {
    const tone = (n: number) => Math.round(9000 * Math.sin(n / 20));
    const path = file(
      'lead.wav',
      wav16(22050, 2, 4 * 22050, (n, channel) => (channel === 0 ? 1 : -1) * tone(n)),
    );
    const last = async (options: FileSourceOptions) => {
      const { samples, statuses } = await collect(fileSource(path, options));
      const told = statuses.filter(({ state }) => state === 'damaged').map(({ message }) => message);
      return {
        told,
        loudest: samples.subarray(2 * 22050).reduce((most, x) => Math.max(most, Math.abs(x)), 0),
      };
    };
    t.match(await last({}), { told: [/lead\.wav cancel each other .* only channel 1 of them is heard/] });
    t.ok((await last({})).loudest > 0.27);
    t.match(await last({ cancelling: 'mean' }), { told: [/their mean is next to silence/], loudest: 0 });
    const second = await collect(fileSource(path, { channels: [2] }));
    t.match(second.statuses, [{ state: 'delivering' }, { state: 'ended' }]);
    t.strictSame(
      second.samples.subarray(0, 100),
      Float32Array.from({ length: 100 }, (_, n) => -tone(n) / 32768),
    );
    t.match(second.blocks.at(-1), { channels: [{ heard: false }, { heard: true }] });
    await t.rejects(collect(fileSource(path, { channels: [3] })), {
      code: 'OUT_OF_RANGE',
      message: /lead\.wav has 2 channels, and no channel 3/,
    });
  },
);
