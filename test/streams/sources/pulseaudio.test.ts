import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { deviceSource, listDevices } from '../../../streams/sources/index.ts';
import { collect } from './support/collect.ts';
import { Comparison } from './support/comparison.ts';
import { listen } from './support/listen.ts';
import { pulseAudioMissing, startPulseAudio } from './support/pulseaudio.ts';
import { noise16 } from './support/signals.ts';

const skip = await pulseAudioMissing();
const RATE = 22050;

t.test('PulseAudio', { skip }, async (t) => {
  const pulse = await startPulseAudio();
  t.teardown(() => pulse.stop());
  await pulse.loadSink('hall', RATE);
  await pulse.loadSink('bar', 48000);

  t.test('devices are listed, by names that can be listened to', async (t) => {
    t.match(await listDevices(), [
      {
        name: 'hall.monitor',
        kind: 'monitor',
        isDefaultMonitor: true,
        rateHz: RATE,
        channels: 2,
        backend: 'pulse',
      },
      { name: 'bar.monitor', kind: 'monitor', isDefaultMonitor: false, rateHz: 48000, channels: 2 },
    ]);
    const cli = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, [...process.execArgv, cli, 'devices', ...args]);
    const [json, table] = await Promise.all([run('--json'), run()]);
    t.match(JSON.parse(json.stdout), [
      { name: 'hall.monitor', default: true, rate: RATE, channels: 2, kind: 'monitor', backend: 'pulse' },
      { name: 'bar.monitor', default: false },
    ]);
    t.match(table.stdout, /^\* +hall\.monitor +monitor +22050 Hz +2 ch/m);
  });

  t.test('a device that is not there is an error that names those that are', async (t) => {
    await t.rejects(collect(deviceSource('gramophone')), {
      code: 'DEVICE_NOT_FOUND',
      message: /"gramophone"; there is hall\.monitor \(Monitor of .*\), bar\.monitor/,
    });
    await t.rejects(collect(deviceSource('MONITOR of')), {
      code: 'DEVICE_NOT_FOUND',
      message: /more than one/,
    });
  });

  t.test('what is played is what is heard, sample for sample', async (t) => {
    const heard = listen('monitor');
    await heard.seen(() => heard.blocks().length > 0);
    const noise = noise16(3 * RATE);
    const stereo = Float32Array.from(
      { length: 6 * RATE },
      (_, i) => noise[i >> 1]! / 32768 / (i % 2 === 0 ? 1 : 2),
    );
    await pulse.play('hall', RATE, stereo);
    const comparison = new Comparison(Float32Array.from(noise, (x) => (x / 32768 + x / 65536) / 2));
    let compared = 0;
    await heard.seen(() => {
      for (const { samples } of heard.blocks().slice(compared)) comparison.push(samples);
      compared = heard.blocks().length;
      return comparison.complete;
    });
    heard.stop();
    t.equal(comparison.wrong, 0);
    t.comment(`the server left out the first ${comparison.skipped} samples`);
    t.same(
      heard.events.filter((event) => event.kind === 'gap'),
      [],
    );
  });

  t.test('a device of another rate is resampled here: 10 kHz comes through whole', async (t) => {
    const heard = listen('bar.monitor');
    await heard.seen(() => heard.blocks().length > 0);
    const tone = Float32Array.from(
      { length: 2 * 96000 },
      (_, i) => 0.5 * Math.sin((2 * Math.PI * 10000 * (i >> 1)) / 48000),
    );
    await pulse.play('bar', 48000, tone);
    const middle = () => {
      const all = heard.samples();
      const begin = all.findIndex((x) => x !== 0);
      return begin >= 0 && all.length > begin + 1.5 * RATE
        ? all.subarray(begin + 0.5 * RATE, begin + 1.5 * RATE)
        : undefined;
    };
    await heard.seen(() => middle() !== undefined);
    heard.stop();
    const rms = Math.sqrt(middle()!.reduce((sum, x) => sum + x * x, 0) / RATE);
    const levelDb = 20 * Math.log10(rms / (0.5 / Math.SQRT2));
    t.ok(Math.abs(levelDb) < 0.05, `${levelDb.toFixed(3)} dB`);
  });

  t.test('channels of an interface are heard one by one, and chosen by their numbers', async (t) => {
    await pulse.loadSink('interface', RATE, 18);
    const pair = new Set([2, 3]);
    const frames = Float32Array.from({ length: 18 * 3 * RATE }, (_, i) =>
      pair.has(i % 18) ? 0.5 * Math.sin((2 * Math.PI * 440 * Math.floor(i / 18)) / RATE) : 0,
    );
    const all = listen('interface.monitor');
    const chosen = listen('interface.monitor', { channels: [3, 4] });
    await all.seen(() => all.blocks().length > 0);
    await chosen.seen(() => chosen.blocks().length > 0);
    const played = pulse.play('interface', RATE, frames, 18);
    const loudest = (heard: ReturnType<typeof listen>) =>
      heard.samples().reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    await chosen.seen(() => loudest(chosen) > 0.49);
    await all.seen(() => all.blocks().some(({ channels }) => channels![2]!.rms > 0.3));
    t.ok(loudest(chosen) < 0.51, 'the pair alone, at its own level');
    t.ok(loudest(all) < 0.06, 'which is 19 dB down among all');
    const { channels } = all.blocks().findLast((block) => block.channels![2]!.rms > 0.3)!;
    t.strictSame(
      channels!.flatMap(({ rms }, i) => (rms > 0.01 ? [i + 1] : [])),
      [3, 4],
    );
    all.stop();
    chosen.stop();
    await played;
    await t.rejects(collect(deviceSource('interface.monitor', { channels: [19] })), {
      code: 'OUT_OF_RANGE',
      message: /interface\.monitor .*has 18 channels, and no channel 19/,
    });
    await pulse.unloadSink('interface');
  });

  t.test('when the output goes and comes back, so does its sound', async (t) => {
    const heard = listen('hall.monitor');
    await heard.seen(() => heard.blocks().length > 10);
    const unloadedAtMs = performance.now();
    const lost = heard.next('lost');
    await pulse.unloadSink('hall');
    t.match(await lost, {
      message: /hall\.monitor \(.*\) is lost: it is gone \(bar\.monitor was offered instead\)/,
    });
    t.comment(`lost after ${(performance.now() - unloadedAtMs).toFixed(0)} ms`);
    await heard.next('retrying');
    const silent = heard.blocks().length;
    const back = heard.next('delivering');
    await pulse.loadSink('hall', RATE);
    await back;
    t.comment(`back after ${((performance.now() - unloadedAtMs) / 1000).toFixed(1)} s`);
    await heard.seen(() => heard.blocks().length > silent + 10);
    heard.stop();
    const gaps = heard.events.filter((event) => event.kind === 'gap');
    t.equal(gaps.length, 1);
    const after = heard.blocks()[silent]!;
    const missedMs = (1000 * (after.startSample - gaps[0]!.atSample)) / RATE;
    t.ok(missedMs > 200, `${missedMs.toFixed(0)} ms were missed`);
    const noise = noise16(RATE);
    const again = listen('hall.monitor');
    await again.seen(() => again.blocks().length > 0);
    await pulse.play(
      'hall',
      RATE,
      Float32Array.from({ length: 2 * RATE }, (_, i) => noise[i >> 1]! / 32768),
    );
    await again.seen(() => again.samples().some((x) => x !== 0));
    again.stop();
  });

  t.test('an output that is suspended delivers nothing, and is reported', async (t) => {
    const heard = listen('bar.monitor');
    await heard.seen(() => heard.blocks().length > 10);
    const lost = heard.next('lost');
    await pulse.pactl('suspend-sink', 'bar', '1');
    t.match(await lost, { message: /^bar\.monitor \(.*\) is lost: no sound arrives from it$/ });
    const back = heard.next('delivering');
    await pulse.pactl('suspend-sink', 'bar', '0');
    await back;
    heard.stop();
  });

  t.test('when the sound server dies it is looked for', async (t) => {
    const heard = listen('bar.monitor');
    await heard.seen(() => heard.blocks().length > 10);
    const lost = heard.next('lost');
    await pulse.stop();
    await lost;
    await heard.next('retrying');
    await heard.next('retrying');
    heard.stop();
    await t.rejects(listDevices('pulse'), { code: 'DEVICE_NOT_FOUND', message: /does not answer/ });
  });
});
