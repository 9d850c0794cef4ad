import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { identity, RATE } from './support/device-identity.ts';
import { listen } from './support/listen.ts';
import { pulseAudioMissing, startPulseAudio, type SoundServer } from './support/pulseaudio.ts';

t.test('PulseAudio', { skip: await pulseAudioMissing() }, async (t) => {
  const server = await startPulseAudio();
  t.teardown(() => server.stop());
  await identity(t, server);

  // PipeWire lets both have the very same name, and opens either for it.
  await t.test('of two devices of one name, the other one does not stand in', async (t) => {
    await server.loadSink('twin', RATE);
    const heard = listen('twin.monitor');
    await heard.hears('twin.monitor');
    await server.loadSink('twin', RATE);
    await pause(1000);
    const [other, own] = await modulesOf(server, 'twin');
    const lost = heard.next('lost');
    await server.pactl('unload-module', own!);
    await lost;
    const blocks = heard.blocks().length;
    await pause(1500);
    t.equal(heard.blocks().length, blocks);
    const back = heard.hears('twin.monitor');
    const again = await server.loadSink('twin', RATE);
    await back;
    heard.stop();
    await server.pactl('unload-module', other!);
    await server.pactl('unload-module', again);
  });

  await t.test('the output that the server makes up is not waited for', async (t) => {
    await server.pactl('load-module', 'module-always-sink');
    const heard = listen('monitor');
    await heard.hears('auto_null.monitor');
    const real = heard.hears('hall.monitor');
    await server.loadSink('hall', RATE);
    await real;
    heard.stop();
    t.notMatch(await server.pactl('list', 'sinks', 'short'), /auto_null/);
  });
});

/** Numbers of the modules of outputs of this name, the newest first. */
async function modulesOf(server: SoundServer, name: string): Promise<string[]> {
  const modules = await server.pactl('list', 'modules', 'short');
  return [...modules.matchAll(/^(\d+)\t.*sink_name=(\S+)/gm)]
    .flatMap(([, module, sink]) => (sink === name ? [module!] : []))
    .reverse();
}
