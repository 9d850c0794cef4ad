import t from 'tap';
import { chooseDevice, type Device } from '../../../../streams/sources/devices/device.ts';
import { pulseDevice } from '../support/pulse-device.ts';

const speakers = pulseDevice('alsa_output.pci.monitor', 'Monitor of Speakers', {
  kind: 'monitor',
  isDefaultMonitor: true,
});
const microphone = pulseDevice('alsa_input.pci', 'Built-in Microphone', { isDefaultInput: true });
const mixer = pulseDevice('alsa_input.usb-Mixer', 'Xone Mixer');
const second = pulseDevice('alsa_input.usb-Mixer.2', 'Xone Mixer');
const devices = [speakers, microphone, mixer, second];

t.test('a device is what its name says', async (t) => {
  t.equal(
    chooseDevice(devices, 'alsa_input.usb-Mixer'),
    mixer,
    'the exact name, though it is a part of another',
  );
  t.equal(chooseDevice(devices, 'Built-in Microphone'), microphone, 'the exact description');
  t.equal(chooseDevice(devices, 'MICRO'), microphone, 'a part, in any case');
  t.equal(chooseDevice(devices, 'speakers'), speakers);
});

t.test('defaults have names of their own', async (t) => {
  t.equal(chooseDevice(devices, 'default'), microphone);
  t.equal(chooseDevice(devices, 'monitor'), speakers);
  t.equal(chooseDevice([speakers], 'default'), speakers, 'without an input, the default is the monitor');
  const hall = pulseDevice('hall.monitor', 'Monitor of Hall', { kind: 'monitor', isDefaultInput: true });
  t.equal(
    chooseDevice([hall, ...devices.slice(0, 1)], 'default'),
    hall,
    'a monitor may be the default input',
  );
  t.equal(chooseDevice([hall, ...devices.slice(0, 1)], 'monitor'), speakers, 'which is not what plays');
  const own = pulseDevice('default', 'what ALSA calls so');
  t.equal(chooseDevice([microphone, own], 'default'), own, 'a device that is really called so comes first');
});

t.test('what fits nothing or too much is an error that names what there is', async (t) => {
  const fails = (list: Device[], wanted: string, message: RegExp) => {
    t.throws(() => chooseDevice(list, wanted), { code: 'DEVICE_NOT_FOUND', message });
  };
  fails(
    devices,
    'gramophone',
    /no sound device "gramophone"; there is alsa_output\.pci\.monitor \(Monitor of Sp/,
  );
  fails(devices, 'mixer', /"mixer" fits more than one device: alsa_input\.usb-Mixer \(Xone.*usb-Mixer\.2/);
  fails(devices, 'Xone Mixer', /fits more than one/);
  fails(devices, '', /there is no sound device ""/);
  fails(devices, '0', /there is no sound device "0"/);
  fails([], 'default', /nor any other: plug one in/);
});
