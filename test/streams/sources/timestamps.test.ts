import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { fileSource } from '../../../streams/sources/index.ts';
import { bundledFfmpeg } from '../../../streams/sources/programs.ts';
import { Timestamps } from '../../../streams/sources/timestamps.ts';
import { collect } from './support/collect.ts';
import { encode } from './support/ffmpeg.ts';
import { sine, wav16 } from './support/signals.ts';

// The bundled ffmpeg is the same on every machine; what a machine has itself is tried at the end.
process.env['SYNESTHETE_FFMPEG'] = await bundledFfmpeg();

const RATE = 22_050;
const folder = t.testdir();
const file = (name: string) => join(folder, name);

/** Each 100 ms of sound as its loudness: `.` silence, `#` sound. */
function outline(samples: Float32Array): string {
  const step = RATE / 10;
  let text = '';
  for (let at = 0; at + step <= samples.length; at += step) {
    const loudest = samples.subarray(at, at + step).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    text += loudest > 0.02 ? '#' : '.';
  }
  return text;
}

const tone = file('tone.wav');
writeFileSync(
  tone,
  wav16(44_100, 1, 5 * 44_100, (n) => Math.round(20_000 * sine(440, 44_100)(n))),
);
const pictures = ['-f', 'lavfi', '-i', 'testsrc=d=8:s=64x64:r=25'];

t.test('sound that starts later than the pictures is later, in every container', async (t) => {
  for (const [name, codec] of [
    ['late.mp4', 'aac'],
    ['late.mkv', 'libopus'],
    ['late.ts', 'aac'],
    ['late.mov', 'pcm_s16le'],
    ['late.webm', 'libvorbis'],
    ['late.flv', 'aac'],
  ] as const) {
    const video = name.endsWith('.webm') ? 'libvpx' : 'libx264';
    const path = file(name);
    await encode(
      ...pictures,
      '-itsoffset',
      '3',
      '-i',
      tone,
      '-map',
      '0:v',
      '-map',
      '1:a',
      '-c:v',
      video,
      '-c:a',
      codec,
      '-strict',
      '-2',
      path,
    );
    const { samples, blocks } = await collect(fileSource(path));
    t.match(outline(samples), /^\.{29,30}#{50,51}\.?$/, name);
    t.equal(blocks.at(-1)!.startSample + blocks.at(-1)!.samples.length, samples.length);
    const part = await collect(fileSource(path, { startSeconds: 2.5, durationSeconds: 1 }));
    t.same(part.samples, samples.subarray(2.5 * RATE, 3.5 * RATE), `${name}: from its middle`);
  }
});

t.test('a gap in the timestamps is silence of its length', async (t) => {
  for (const [name, codec] of [
    ['gap.mkv', 'pcm_s16le'],
    ['gap.mka', 'flac'],
    ['gap.nut', 'pcm_s16le'],
  ] as const) {
    const path = file(name);
    await encode(
      '-i',
      tone,
      '-af',
      "aselect='not(between(t,1.5,2.5)+between(t,3,3.3))'",
      '-c:a',
      codec,
      path,
    );
    const { samples } = await collect(fileSource(path));
    t.ok(Math.abs(samples.length - 5 * RATE) < 0.05 * RATE, `${name}: ${samples.length / RATE} s`);
    t.match(outline(samples), /^#{15,16}\.{9,10}#{4,6}\.{2,3}#{16,18}$/, name);
  }
});

t.test('a sole track begins at once, whatever its clock says', async (t) => {
  const path = file('broadcast.ts');
  await encode('-i', tone, '-c:a', 'aac', '-output_ts_offset', '3600', path);
  t.match(outline((await collect(fileSource(path))).samples), /^#{50,51}$/);
  const cover = file('cover.mp3');
  await encode(
    '-f',
    'lavfi',
    '-i',
    'color=red:s=16x16:d=1',
    '-i',
    tone,
    '-frames:v',
    '1',
    '-map',
    '1',
    '-map',
    '0',
    '-disposition:v',
    'attached_pic',
    cover,
  );
  t.match(outline((await collect(fileSource(cover))).samples), /^#{50,51}\.?$/, 'nor with a cover');
});

t.test('many channels are heard', async (t) => {
  for (const channels of [7, 12, 24, 64]) {
    const path = file(`channels-${channels}.wav`);
    writeFileSync(
      path,
      wav16(48_000, channels, 48_000, (n) => Math.round(20_000 * sine(440, 48_000)(n))),
    );
    t.match(outline((await collect(fileSource(path))).samples), /^#{10}$/, `${channels} channels`);
  }
});

/** A log of frames, each with its timestamp and length in samples at 1,000 Hz. */
function laid(frames: readonly (readonly [number, number])[], head: readonly string[] = []) {
  const stamps = new Timestamps(1000);
  for (const line of head) stamps.read(line);
  for (const [n, [pts, count]] of frames.entries()) {
    stamps.read(
      `[Parsed_ashowinfo_2 @ 0x1] [info] n:${n} pts:${pts} pts_time:0 fmt:flt channels:1 rate:1000 nb_samples:${count} x`,
    );
  }
  return async () => {
    const sound = new Float32Array(frames.reduce((sum, [, count]) => sum + count, 0)).fill(1);

    const pieces = (async function* () {
      for (let at = 0; at < sound.length; at += 70) yield sound.subarray(at, at + 70);
    })();
    const lengths: [number, number][] = [];
    for await (const piece of stamps.layOut(pieces)) {
      const last = lengths.at(-1);
      if (last !== undefined && last[0] === piece[0]) last[1] += piece.length;
      else lengths.push([piece[0]!, piece.length]);
    }
    return lengths;
  };
}

t.test('timestamps that are believed, and those that are not', async (t) => {
  const head = ['[info]   Duration: 00:00:10.00, start: 0.000000, bitrate: 1 kb/s'];
  const cases: [string, [number, number][], [number, number][]][] = [
    [
      'as it is',
      [
        [0, 100],
        [100, 100],
      ],
      [[1, 200]],
    ],
    [
      'a gap',
      [
        [0, 100],
        [500, 100],
      ],
      [
        [1, 100],
        [0, 400],
        [1, 100],
      ],
    ],
    [
      'the coarseness of a container',
      [
        [0, 100],
        [140, 100],
        [200, 100],
      ],
      [[1, 300]],
    ],
    [
      'drift that adds up',
      [
        [0, 100],
        [120, 100],
        [240, 100],
        [360, 100],
      ],
      [
        [1, 300],
        [0, 60],
        [1, 100],
      ],
    ],
    [
      'an overlap',
      [
        [0, 500],
        [300, 500],
        [1200, 100],
      ],
      [
        [1, 1000],
        [0, 200],
        [1, 100],
      ],
    ],
    [
      'a clock that starts over',
      [
        [0, 3000],
        [0, 1000],
        [1500, 100],
      ],
      [
        [1, 4000],
        [0, 500],
        [1, 100],
      ],
    ],
    [
      'a time behind the end of the file',
      [
        [0, 1000],
        [90_000_000, 1000],
        [90_001_500, 100],
      ],
      [
        [1, 2000],
        [0, 500],
        [1, 100],
      ],
    ],
    [
      'jitter does not add up',
      [
        [0, 100],
        [200, 100],
        [200, 100],
        [300, 100],
        [500, 100],
        [500, 100],
      ],
      [
        [1, 100],
        [0, 100],
        [1, 500],
      ],
    ],
  ];
  for (const [name, frames, wanted] of cases) t.same(await laid(frames, head)(), wanted, name);
  const film = [
    '[info]   Duration: N/A, start: 5.000000, bitrate: N/A',
    '[info]   Stream #0:0: Video: h264, 64x64',
    '[info]     Stream #0:1(eng): Audio: aac (LC), 44100 Hz, mono',
  ];
  t.same(
    await laid([[6000, 100]], film)(),
    [
      [0, 1000],
      [1, 100],
    ],
    'a film counts from its first picture',
  );
  film[1] = '[info]   Stream #0:0: Video: mjpeg, 64x64 (attached pic)';
  t.same(await laid([[6000, 100]], film)(), [[1, 100]], 'a cover is no film');
});

t.test('the ffmpeg of this machine lays out the same', async (t) => {
  delete process.env['SYNESTHETE_FFMPEG'];
  const path = file('machine.mkv');
  await encode(
    ...pictures,
    '-itsoffset',
    '3',
    '-i',
    tone,
    '-map',
    '0:v',
    '-map',
    '1:a',
    '-c:a',
    'flac',
    path,
  );
  t.match(outline((await collect(fileSource(path))).samples), /^\.{30}#{50}$/);
});
