import t from 'tap';
import { identity, RATE } from './support/device-identity.ts';
import { listen } from './support/listen.ts';
import { pipeWireMissing, startPipeWire } from './support/pipewire.ts';

t.test('PipeWire', { skip: await pipeWireMissing() }, async (t) => {
  const server = await startPipeWire();
  t.teardown(() => server.stop());
  const dummy = listen('monitor');
  await dummy.hears('auto_null.monitor');
  const real = dummy.hears('hall.monitor');
  await server.loadSink('hall', RATE);
  await real;
  dummy.stop();
  await server.unloadSink('hall');
  await identity(t, server);
});
