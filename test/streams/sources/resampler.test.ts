import t from 'tap';
import { Resampler } from '../../../streams/sources/resampler.ts';
import { noise16, relativeError, sine } from './support/signals.ts';

const RATE = 22050;
const RATES = [8000, 11025, 16000, 32000, 44100, 44099, 48000, 88200, 96000, 192000];

function resample(
  rate: number,
  input: Float32Array,
  pieces: readonly number[] = [input.length],
): Float32Array {
  const resampler = new Resampler(rate);
  const output: number[] = [];
  for (let at = 0, i = 0; at < input.length; i++) {
    const size = pieces[i % pieces.length]!;
    output.push(...resampler.push(input.slice(at, at + size)));
    at += size;
  }
  output.push(...resampler.flush());
  return Float32Array.from(output);
}

/** Level of a tone after resampling, in dB of what it was; the edges, where it begins and ends, are left out. */
function levelDb(rate: number, hz: number): number {
  const input = Float32Array.from({ length: rate / 2 }, (_, n) => sine(hz, rate)(n));
  const middle = resample(rate, input).subarray(3000, 8000);
  const rms = Math.sqrt(middle.reduce((sum, x) => sum + x * x, 0) / middle.length);
  return 20 * Math.log10(rms / (0.5 / Math.SQRT2));
}

t.test('tones stay where and how loud they are', async (t) => {
  for (const rate of RATES) {
    const top = 0.93 * (Math.min(rate, RATE) / 2);
    for (const hz of [50, 997, 0.5 * top, top]) {
      const input = Float32Array.from({ length: rate }, (_, n) => sine(hz, rate)(n));
      const output = resample(rate, input);
      t.equal(output.length, RATE, `${rate} Hz: a second is a second`);
      const wanted = Float32Array.from({ length: RATE }, (_, n) => sine(hz, RATE)(n));
      const error = relativeError(output.subarray(3000, 19000), wanted.subarray(3000, 19000));
      t.ok(error < 1e-3, `${rate} Hz, tone of ${hz} Hz: error ${error.toExponential(1)}`);
    }
  }
});

t.test('10.3 kHz is kept, and what lies above half the new rate is gone', async (t) => {
  for (const rate of [32000, 44100, 48000, 192000]) {
    t.ok(
      Math.abs(levelDb(rate, 10300)) < 0.05,
      `${rate} Hz: 10.3 kHz at ${levelDb(rate, 10300).toFixed(3)} dB`,
    );
    for (const hz of [11025, 11500, 12000, 15000].filter((hz) => hz < rate / 2)) {
      t.ok(levelDb(rate, hz) < -115, `${rate} Hz: ${hz} Hz at ${levelDb(rate, hz).toFixed(0)} dB`);
    }
  }
});

t.test('the result is the same, bit for bit, however the input is cut', async (t) => {
  const noise = Float32Array.from(noise16(6000), (x) => x / 32768);
  for (const rate of [8000, 44100, 48000, 44099]) {
    const whole = resample(rate, noise);
    for (const pieces of [[1], [37], [512], [4096], [1, 5000, 3, 441]]) {
      t.same(resample(rate, noise, pieces), whole, `${rate} Hz in pieces of ${pieces.join(', ')}`);
    }
  }
});

t.test('22,050 Hz passes untouched', async (t) => {
  const noise = Float32Array.from(noise16(1000), (x) => x / 32768);
  t.same(resample(RATE, noise), noise);
});

t.test('it waits for no more than its look-ahead, and keeps no more', async (t) => {
  for (const rate of [44100, 48000]) {
    const resampler = new Resampler(rate);
    t.ok(
      resampler.lookaheadSeconds < 0.006,
      `${rate} Hz: ${(1000 * resampler.lookaheadSeconds).toFixed(1)} ms`,
    );
    let given = 0;
    for (let at = 0; at < rate; at += 480) {
      given += resampler.push(new Float32Array(480)).length;
      const behind = (at + 480) / rate - given / RATE;
      if (behind > resampler.lookaheadSeconds + 1 / RATE) t.fail(`${behind} s behind`);
    }
  }
});

t.test('impossible rates are refused', async (t) => {
  for (const rate of [0, -44100, NaN, 44100.5, 1e7]) {
    t.throws(() => new Resampler(rate), { code: 'OUT_OF_RANGE', message: /sample rate of/ });
  }
});
