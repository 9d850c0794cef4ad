import t from 'tap';
import { ChannelChoice } from '../../../streams/sources/channel-choice.ts';
import { Downmix, type ChannelNews, type DownmixOptions } from '../../../streams/sources/downmix.ts';
import type { Frames } from '../../../streams/sources/pcm.ts';

const RATE = 8000;

/** Interleaved float32 frames: for each channel a function of the time in seconds. */
function frames(seconds: number, ...channels: ((time: number) => number)[]): Frames {
  const count = seconds * RATE;
  const values = new Float32Array(count * channels.length);
  for (let i = 0; i < values.length; i++) {
    values[i] = channels[i % channels.length]!(Math.floor(i / channels.length) / RATE);
  }
  return { values, count, zero: 0, full: 1 };
}

function downmix(channels: number, options: DownmixOptions = {}) {
  const news: ChannelNews[] = [];
  const mix = new Downmix('hall', { channels, rateHz: RATE }, options, (item) => news.push(item));
  return { mix, news };
}

const rms = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
const tone =
  (amplitude: number, hz = 220) =>
  (time: number) =>
    amplitude * Math.sin(2 * Math.PI * hz * time);
/** What changes like music: beats, and a pause in each second. */
const music = (time: number) => (time % 1 < 0.8 ? tone(0.5 + 0.3 * Math.sin(9 * time))(time) : 0);
const silence = () => 0;

t.test('mono is the mean of all channels, to the bit', async (t) => {
  const { mix, news } = downmix(3);
  const input = frames(2, tone(0.5), tone(0.3, 330), tone(0.7, 555));
  const { values } = input;
  const mean = Float32Array.from({ length: input.count }, (_, i) => {
    return (values[3 * i]! + values[3 * i + 1]! + values[3 * i + 2]!) / 3;
  });
  t.strictSame(mix.push(input), mean);
  t.strictSame(news, []);
});

t.test('of the channels that are chosen the mean is heard, at their own level', async (t) => {
  const eighteen = Array.from({ length: 18 }, (_, i) => (i === 2 || i === 3 ? tone(0.5) : silence));
  const input = frames(1, ...eighteen);
  const { mix } = downmix(18, { channels: [3, 4] });
  t.ok(Math.abs(rms(mix.push(input)) - 0.5 / Math.SQRT2) < 1e-3);
  t.ok(rms(downmix(18).mix.push(input)) < 0.05, 'of all channels the pair is 19 dB down');
  t.strictSame(
    mix.levels.flatMap(({ heard }, i) => (heard ? [i + 1] : [])),
    [3, 4],
  );
  t.throws(() => downmix(2, { channels: [3] }), {
    code: 'OUT_OF_RANGE',
    message: /hall has 2 channels, and no channel 3: choose from 1 to 2/,
  });
});

t.test(
  'channels are chosen while the sound comes; ones that are not there leave all of them heard',
  async (t) => {
    const choice = new ChannelChoice();
    const { mix, news } = downmix(2, { choice });
    const heard = () => mix.levels.flatMap(({ heard }, i) => (heard ? [i + 1] : []));
    const input = frames(1, tone(0.5), silence);
    mix.push(input);
    t.strictSame(heard(), [1, 2]);
    choice.choose([1]);
    mix.push(input);
    t.ok(Math.abs(rms(mix.push(input)) - 0.5 / Math.SQRT2) < 1e-3, 'from the next window on');
    t.strictSame(heard(), [1]);
    choice.choose([2, 5]);
    mix.push(input);
    t.strictSame(heard(), [1, 2]);
    choice.choose(undefined);
    mix.push(input);
    t.strictSame(heard(), [1, 2]);
    t.match(news, [
      { state: 'delivering', message: 'hearing channel 1 of hall' },
      {
        state: 'damaged',
        message: /^hall has 2 channels, and no channel 5: .*; all that there are are heard$/,
      },
      { state: 'delivering', message: 'hearing all channels of hall' },
    ]);
    t.throws(() => downmix(2, { choice: new ChannelChoice([3]) }), { code: 'OUT_OF_RANGE' });
    const kept = new ChannelChoice();
    kept.choose([3]);
    t.equal(kept.least, 3);
    t.match(downmix(2, { choice: kept }).news, [{ state: 'damaged' }], 'one of the last run ends no show');
  },
);

t.test('channels that cancel are judged again among those that are chosen', async (t) => {
  const choice = new ChannelChoice();
  const { mix, news } = downmix(2, { choice });
  const input = frames(4, music, (time) => -music(time));
  mix.push(input);
  t.match(news, [{ remedy: { kind: 'cancelling-channels' } }]);
  choice.choose([2]);
  mix.push(input);
  t.equal(news.length, 2);
  t.match(news[1], { state: 'delivering', message: 'hearing channel 2 of hall' });
  choice.choose([1, 2]);
  mix.push(input);
  t.match(news[3], { state: 'damaged', remedy: { kind: 'cancelling-channels' } });
});

t.test('levels are those of each channel, without DC', async (t) => {
  const { mix } = downmix(3);
  mix.push(
    frames(
      3,
      tone(0.5),
      (time) => 0.25 + tone(0.1)(time),
      () => 0.25,
    ),
  );
  const [first, second, third] = mix.levels;
  t.ok(Math.abs(first!.rms - 0.5 / Math.SQRT2) < 0.01, `${first!.rms}`);
  t.ok(Math.abs(second!.rms - 0.1 / Math.SQRT2) < 0.01, `${second!.rms}`);
  t.ok(third!.rms < 1e-4, `${third!.rms}`);
  t.ok(Math.abs(second!.peak - 0.35) < 0.02, `${second!.peak}`);
});

t.test('of channels that cancel each other the louder one is heard, with a word and a cure', async (t) => {
  for (const part of [1, 0.6]) {
    for (const [first, louder] of [
      [1, 1],
      [-part, 2],
    ] as const) {
      const second = first === 1 ? -part : 1;
      const { mix, news } = downmix(2);
      mix.push(
        frames(
          2,
          (time) => first * music(time),
          (time) => second * music(time),
        ),
      );
      if (part < 1) {
        t.match(news, [
          { state: 'damaged', message: /channels 1 and 2 of hall cancel each other \(correlation -1\.00\)/ },
        ]);
        t.match(news[0]!.message, new RegExp(`only channel ${louder} of them is heard`));
        t.strictSame(news[0]!.remedy, { kind: 'cancelling-channels', channel: louder });
      } else t.equal(news.length, 1);
      const heard = mix.push(
        frames(
          1,
          (time) => first * music(time),
          (time) => second * music(time),
        ),
      );
      t.ok(rms(heard) > 0.25, `${part}: ${rms(heard)}`);
    }
  }
});

t.test('noise and DC on the lead do not hide it, nor do other channels', async (t) => {
  let state = 1;
  const hiss = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31 / 200;
  };
  const { mix, news } = downmix(4);
  const noisy = [
    hiss,
    (time: number) => music(time) + hiss() + 0.1,
    hiss,
    (time: number) => hiss() - music(time),
  ];
  mix.push(frames(3, ...noisy));
  t.match(news, [{ message: /channels 2 and 4 of hall/ }]);
  t.strictSame(mix.levels.map(({ heard }) => heard).filter(Boolean).length, 3);
});

t.test(
  'music is not taken for it: the same on both sides, unlike sides, one side, wide for a moment',
  async (t) => {
    const cases: [string, ReturnType<typeof frames>][] = [
      ['mono', frames(4, music, music)],
      ['unlike', frames(4, tone(0.5), tone(0.5, 333))],
      ['one side', frames(4, music, silence)],
      ['a quiet echo upside down', frames(4, music, (time) => -0.2 * music(time))],
      [
        'half a second upside down',
        frames(4, tone(0.5), (time) => (time % 2 < 0.5 ? -1 : 1) * tone(0.5)(time)),
      ],
      ['silence', frames(4, silence, silence)],
      ['noise floor upside down', frames(4, tone(1e-4), tone(-1e-4))],
    ];
    for (const [name, input] of cases) {
      const { mix, news } = downmix(2);
      const { values } = input;
      const mean = Float32Array.from(
        { length: input.count },
        (_, i) => (values[2 * i]! + values[2 * i + 1]!) / 2,
      );
      t.strictSame(mix.push(input), mean, name);
      t.strictSame(news, [], name);
    }
  },
);

t.test('when the lead is mended all channels are heard again', async (t) => {
  const { mix, news } = downmix(2);
  mix.push(frames(2, music, (time) => -music(time)));
  mix.push(frames(4, silence, silence));
  t.strictSame(
    mix.levels.map(({ heard }) => heard),
    [true, false],
    'a pause mends nothing',
  );
  mix.push(frames(4, tone(0.5), tone(0.3, 333)));
  t.match(news, [
    { state: 'damaged' },
    { state: 'delivering', message: /channels of hall no longer cancel/ },
  ]);
  t.strictSame(
    mix.levels.map(({ heard }) => heard),
    [true, true],
  );
});

t.test('where the numbers are the result the mean stays, with a word', async (t) => {
  const { mix, news } = downmix(2, { cancelling: 'mean' });
  const heard = mix.push(frames(3, tone(0.5), tone(-0.5)));
  t.equal(rms(heard), 0);
  t.match(news, [{ message: /their mean is next to silence/ }]);
});

t.test('what is heard does not depend on how the sound arrives', async (t) => {
  const whole = frames(4, music, (time) => (time < 2 ? -1 : 1) * music(time));
  const { mix: atOnce } = downmix(2);
  const wanted = atOnce.push(whole);
  const { mix } = downmix(2);
  const pieces: number[] = [];
  for (let at = 0, size = 1; at < whole.count; at += size, size = (size * 7) % 1009) {
    const values = (whole.values as Float32Array).slice(2 * at, 2 * (at + size));
    pieces.push(...mix.push({ ...whole, values, count: values.length / 2 }));
  }
  t.strictSame(Float32Array.from(pieces), wanted);
});

t.test('numbers that are no samples do not spoil what is measured after them', async (t) => {
  const { mix, news } = downmix(2);
  mix.push(
    frames(
      1,
      () => NaN,
      () => Infinity,
    ),
  );
  mix.push(frames(2, music, (time) => -music(time)));
  t.match(news, [{ state: 'damaged' }]);
  t.ok(mix.levels.every(({ rms: level }) => Number.isFinite(level)));
});
