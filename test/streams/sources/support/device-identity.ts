import { setTimeout as pause } from 'node:timers/promises';
import type { Test } from 'tap';
import { checkDevices } from '../../../../streams/sources/index.ts';
import { listen } from './listen.ts';
import type { SoundServer } from './pulseaudio.ts';

export const RATE = 48000;

/** Runs a test with outputs that only it has. */
async function withSinks(
  server: SoundServer,
  names: readonly string[],
  test: (name: (sink: string) => string) => Promise<void>,
): Promise<void> {
  for (const name of names) await server.loadSink(name, RATE, 2, `The-${name}`);
  await server.pactl('set-default-sink', names[0]!);
  await test((sink) => `${sink}.monitor (Monitor of The-${sink})`);
}

async function unload(server: SoundServer, ...names: string[]): Promise<void> {
  for (const name of names) await server.unloadSink(name);
}

/** That a device keeps its identity: the same on every sound server. */
export async function identity(t: Test, server: SoundServer): Promise<void> {
  await t.test('a default that blinks for 2 s is waited for, beside another one', async (t) => {
    await withSinks(server, ['mixer', 'webcam'], async (name) => {
      await server.pactl('set-default-source', 'mixer.monitor');
      const heard = listen('default');
      t.match(await heard.hears('mixer.monitor'), {
        message: `hearing ${name('mixer')}, 48000 Hz, 2 channels`,
        device: { name: 'mixer.monitor', description: 'Monitor of The-mixer' },
      });
      const from = heard.events.length;
      const lost = heard.next('lost');
      await server.unloadSink('mixer');
      t.match((await lost).message, `${name('mixer')} is lost`);
      await pause(2000);
      t.equal((await server.pactl('get-default-sink')).trim(), 'webcam', 'the system has another default');
      const back = heard.hears('mixer.monitor');
      await server.loadSink('mixer', RATE, 2, 'Another-name');
      t.match((await back).message, 'hearing mixer.monitor (Monitor of Another-name)');
      await pause(1500);
      heard.stop();
      const devices = heard.events
        .slice(from)
        .flatMap((event) => (event.kind === 'status' ? [event.device?.name] : []));
      t.strictSame([...new Set(devices)], ['mixer.monitor']);
    });
    await unload(server, 'mixer', 'webcam');
  });

  await t.test('a part of a name means the same device all night', async (t) => {
    await withSinks(server, ['booth-left'], async () => {
      const heard = listen('booth');
      await heard.hears('booth-left.monitor');
      const retrying = heard.next('lost').then(() => heard.next('retrying'));
      await server.unloadSink('booth-left');
      await retrying;
      const blocks = heard.blocks().length;
      await server.loadSink('booth-right', RATE);
      await pause(1500);
      t.equal(heard.blocks().length, blocks, 'one that the part fits now is not heard');
      const back = heard.hears('booth-left.monitor');
      await server.loadSink('booth-left', RATE);
      await back;
      heard.stop();
    });
    await unload(server, 'booth-left', 'booth-right');
  });

  await t.test('monitor and default follow the system while their device delivers', async (t) => {
    await withSinks(server, ['speakers', 'projector'], async (name) => {
      await server.pactl('set-default-source', 'speakers.monitor');
      const heard = listen('monitor');
      const input = listen('default');
      await Promise.all([heard.hears('speakers.monitor'), input.hears('speakers.monitor')]);
      await Promise.all([
        heard.hears('projector.monitor'),
        input.hears('projector.monitor'),
        server.pactl('set-default-sink', 'projector'),
        server.pactl('set-default-source', 'projector.monitor'),
      ]);
      const tone = Float32Array.from({ length: RATE }, (_, i) => Math.sin(i / 20) / 2);
      const loud = heard.seen(() => {
        const last = heard.events.at(-1);
        return last?.kind === 'block' && last.samples.some((sample) => sample > 0.4);
      });
      await server.play('projector', RATE, tone);
      await loud;
      const reasons = heard.events.flatMap((event) => (event.kind === 'gap' ? [event.reason] : []));
      t.ok(reasons.includes(`now listening to ${name('projector')}`));
      t.notMatch(reasons.join(), /is gone/);
      input.stop();

      const retrying = heard.next('lost').then(() => heard.next('retrying'));
      await server.unloadSink('projector');
      await retrying;
      await pause(1500);
      t.equal((await server.pactl('get-default-sink')).trim(), 'speakers');
      t.match(heard.events.at(-1), { state: 'retrying', device: { name: 'projector.monitor' } });
      const back = heard.hears('projector.monitor');
      await server.loadSink('projector', RATE, 2, 'The-projector');
      await back;
      heard.stop();
    });
    await unload(server, 'projector', 'speakers');
  });

  await t.test('a device that is asked for by its name does not follow', async (t) => {
    await withSinks(server, ['line', 'other'], async () => {
      const heard = listen('line.monitor');
      await heard.hears('line.monitor');
      await server.pactl('set-default-source', 'other.monitor');
      await server.pactl('set-default-sink', 'other');
      await pause(1500);
      await heard.hears('line.monitor');
      const devices = heard.events.flatMap((event) => (event.kind === 'status' ? [event.device?.name] : []));
      t.strictSame([...new Set(devices)], ['line.monitor']);
      t.notMatch(JSON.stringify(heard.events.filter(({ kind }) => kind !== 'block')), /is gone/);
      heard.stop();
    });
    await unload(server, 'line', 'other');
  });

  await t.test('a fallback is heard while the device is away, until that is back and steady', async (t) => {
    await withSinks(server, ['desk', 'spare'], async (name) => {
      const heard = listen('desk.monitor', { fallbacks: ['attic', 'spare'] });
      await heard.hears('desk.monitor');
      const fallback = heard.hears('spare.monitor');
      await server.unloadSink('desk');
      t.match(await fallback, {
        message: `hearing ${name('spare')}, 48000 Hz, 2 channels while ${name('desk')} is away`,
      });
      const loadedAtMs = performance.now();
      const back = heard.hears('desk.monitor');
      await server.loadSink('desk', RATE, 2, 'The-desk');
      t.match(await back, { state: 'delivering', device: { name: 'desk.monitor' } });
      const tookMs = performance.now() - loadedAtMs;
      t.ok(tookMs > 3000, `after ${tookMs.toFixed(0)} ms`);
      heard.stop();
    });
    const notes: string[] = [];
    await checkDevices('attic', { fallbacks: ['cellar', 'spare'] }, (note) => notes.push(note));
    t.match(notes, [/no sound device "attic"/, /no sound device "cellar"/]);
    await t.rejects(
      checkDevices('attic', { fallbacks: ['cellar'] }, (note) => notes.push(note)),
      { code: 'DEVICE_NOT_FOUND', message: /"attic"/ },
    );
    const without = listen('attic', { fallbacks: ['spare'] });
    t.match(await without.hears('spare.monitor'), { message: / while attic is away$/ });
    without.stop();
    await unload(server, 'desk', 'spare');
  });

  await t.test('what is heard outlives the sound server, in whichever order devices come back', async (t) => {
    await withSinks(server, ['stage', 'foyer'], async () => {
      const heard = listen('monitor');
      await heard.hears('stage.monitor');
      const lost = heard.next('lost');
      await server.restart();
      await lost;
      const blocks = heard.blocks().length;
      await server.loadSink('foyer', RATE);
      await server.pactl('set-default-sink', 'foyer');
      await pause(1000);
      t.equal(heard.blocks().length, blocks);
      const back = heard.hears('stage.monitor');
      await server.loadSink('stage', RATE);
      await back;
      const followed = heard.hears('foyer.monitor');
      await pause(3000);
      await server.pactl('set-default-sink', 'stage');
      await pause(1000);
      await server.pactl('set-default-sink', 'foyer');
      await followed;
      heard.stop();
    });
    await unload(server, 'stage', 'foyer');
  });
}
