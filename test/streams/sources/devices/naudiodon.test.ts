import t from 'tap';
import { deviceSource, type Block } from '../../../../streams/sources/index.ts';
import { naudiodonBackend } from '../../../../streams/sources/devices/naudiodon.ts';

// naudiodon is compiled at install, which a test can't ask for: this is the protocol of our child, with a fake in its place.
const backend = naudiodonBackend(new URL('../support/fake-naudiodon.mjs', import.meta.url).href);

t.test('devices with inputs are listed; names that two host APIs share are told apart', async (t) => {
  const devices = await backend.list();
  t.match(devices, [
    {
      name: 'Line (ALSA)',
      kind: 'input',
      isDefaultInput: false,
      channels: 2,
      rateHz: 44100,
      backend: 'naudiodon',
    },
    { name: 'Line (JACK)' },
    { name: 'Microphone', description: 'Microphone (ALSA)', isDefaultInput: true, channels: 8 },
  ]);
  t.equal(devices.length, 3);
  const channelsOf = async (least?: number) => {
    const { format } = await backend.capture(devices[2]!, least);
    return format === 'wav' ? undefined : format.channels;
  };
  t.equal(await channelsOf(), 2, 'no more than needed: not all that PortAudio claims need be there');
  t.equal(await channelsOf(4), 4);
  t.equal(await channelsOf(12), 8);
});

t.test('sound comes through the child', async (t) => {
  const block = await new Promise<Block>((resolve, reject) => {
    const subscription = deviceSource('micro', { backend }).events.subscribe({
      next: (event) => {
        if (event.kind !== 'block') return;
        setImmediate(() => {
          subscription.unsubscribe();
        });
        resolve(event);
      },
      error: reject,
    });
  });
  t.equal(block.startSample, 0);
  // The mean of the ramp's first two numbers is 0.5 / 997; the filter of 44,100 → 22,050 Hz rounds the beginning.
  t.ok(block.samples.length > 0 && block.samples.every(Number.isFinite));
  t.ok(block.samples.some((x) => x > 0.1));
});

t.test('what naudiodon complains of is reported', async (t) => {
  const message = await new Promise<string>((resolve, reject) => {
    const subscription = deviceSource('Line (JACK)', { backend }).events.subscribe({
      next: (event) => {
        if (event.kind !== 'status' || !event.message.includes('JACK is')) return;
        setImmediate(() => {
          subscription.unsubscribe();
        });
        resolve(event.message);
      },
      error: reject,
    });
  });
  t.match(message, /Line \(JACK\).*JACK is not running/);
});

t.test('where it is not installed, that is said', async (t) => {
  await t.rejects(naudiodonBackend('no-such-module').list(), {
    code: 'PROGRAM_MISSING',
    message: /naudiodon could not list/,
  });
});
