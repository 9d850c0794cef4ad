import t from 'tap';
import type { Device } from '../../../../streams/sources/devices/device.ts';
import { findKnown, knownDevice } from '../../../../streams/sources/devices/identity.ts';
import { parseEvent } from '../../../../streams/sources/devices/pulse-events.ts';
import { WantedDevice } from '../../../../streams/sources/devices/wanted.ts';
import { pulseDevice } from '../support/pulse-device.ts';

const device = (name: string, more: Partial<Device> = {}): Device => pulseDevice(name, 'USB Mixer', more);

const left = device('usb-Mixer', { hardware: 'port 1', appearance: 'a#1' });
const right = device('usb-Mixer.2', { hardware: 'port 2', appearance: 'a#2' });

t.test(
  'two mixers of one model are told apart by their ports, whatever names they come back with',
  async (t) => {
    const known = knownDevice(left, [left, right]);
    const swapped = [
      { ...right, name: left.name, id: left.id, appearance: 'a#3' },
      { ...left, name: right.name, id: right.id, appearance: 'a#4' },
    ];
    t.equal(findKnown(swapped, known), swapped[1]);
    t.equal(findKnown(swapped.slice(0, 1), known), undefined, 'the other one alone');
    t.equal(findKnown([right], known), undefined);
    const back = { ...left, appearance: 'a#5' };
    t.equal(findKnown([right, back], known), back);
  },
);

t.test('a mixer without a twin may come back in another port, and under another description', async (t) => {
  const known = knownDevice(left, [left, device('webcam', { description: 'Webcam', hardware: 'port 2' })]);
  const moved = { ...left, hardware: 'port 7', appearance: 'b#1' };
  t.equal(findKnown([moved], known), moved);
  const renamed = { ...left, description: 'Booth', appearance: 'a#9' };
  t.equal(findKnown([renamed], known), renamed);
  const otherProfile = {
    ...left,
    name: 'usb-Mixer.pro',
    id: 'usb-Mixer.pro',
    description: 'Pro',
    appearance: 'a#9',
  };
  t.equal(findKnown([otherProfile], known), otherProfile, 'the same hardware in the same port');
  const other = device('webcam', { hardware: 'port 1 of another maker', appearance: 'a#9' });
  t.equal(findKnown([other], known), undefined);
});

t.test('Windows gives a device in another port another id, and the same name', async (t) => {
  const known = knownDevice(device('Line (2- Mixer)', { id: '@1' }), []);
  const moved = device('Line (2- Mixer)', { id: '@2' });
  t.equal(findKnown([moved], known), moved);
  t.equal(findKnown([moved, { ...moved, id: '@3' }], known), undefined, 'nothing tells two of them apart');
});

t.test('what the system chooses counts while the device is there, and where it has changed', async (t) => {
  const mixer = device('mixer', { isDefaultInput: true });
  const webcam = device('webcam', { description: 'Webcam' });
  const chosen = { ...webcam, isDefaultInput: true };
  const wanted = new WantedDevice('default');
  t.equal(wanted.find([mixer, webcam]), mixer);
  t.equal(wanted.newSystemChoice([mixer, webcam]), undefined);
  t.equal(wanted.newSystemChoice([chosen]), undefined, 'its device went');
  t.equal(wanted.find([device('mixer'), chosen]).name, 'mixer', 'and came back');
  t.equal(wanted.newSystemChoice([device('mixer'), chosen]), undefined, 'the system chose that meanwhile');
  t.equal(wanted.newSystemChoice([mixer, webcam]), undefined);
  t.equal(wanted.newSystemChoice([device('mixer'), chosen]), chosen);
  wanted.follow(chosen, [device('mixer'), chosen]);
  t.throws(() => wanted.find([mixer]), {
    code: 'DEVICE_NOT_FOUND',
    message: /^webcam \(Webcam\) is not there/,
  });
  const byName = new WantedDevice('mixer');
  byName.find([mixer, webcam]);
  t.equal(byName.newSystemChoice([device('mixer'), chosen]), undefined);
});

t.test('only devices and defaults are announced', async (t) => {
  t.equal(parseEvent("Event 'new' on source #5"), 'appeared');
  t.equal(parseEvent("Event 'remove' on source #5"), 'changed');
  t.equal(parseEvent("Event 'change' on server #4294967295"), 'changed');
  t.equal(parseEvent("Event 'new' on source-output #63"), undefined);
  t.equal(parseEvent("Event 'new' on client #63"), undefined);
});
