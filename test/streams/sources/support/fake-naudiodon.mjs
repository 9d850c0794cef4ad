/** Fake naudiodon: stands in for the native module in tests; same interface, two devices, a ramp for sound. */
import { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers';

export const SampleFormatFloat32 = 1;

const devices = [
  ['Line', 2, 'ALSA'],
  ['Line', 2, 'JACK'],
  ['Microphone', 8, 'ALSA'],
  ['Loudspeaker', 0, 'ALSA'],
];

export function getDevices() {
  return devices.map(([name, maxInputChannels, hostAPIName], id) => ({
    id,
    name,
    maxInputChannels,
    hostAPIName,
    defaultSampleRate: 44100,
  }));
}

export function getHostAPIs() {
  return { defaultHostAPI: 0, HostAPIs: [{ id: 0, defaultInput: 2 }] };
}

export class AudioIO extends Readable {
  #options;
  #n = 0;
  #started = false;

  constructor({ inOptions }) {
    super({ highWaterMark: inOptions.highwaterMark });
    this.#options = inOptions;
  }

  start() {
    this.#started = true;
    if (this.#options.deviceId === 1) this.emit('error', new Error('JACK is not running'));
  }

  _read() {
    if (!this.#started) {
      setImmediate(() => this._read());
      return;
    }
    const { framesPerBuffer, channelCount } = this.#options;
    const bytes = Buffer.alloc(4 * framesPerBuffer * channelCount);
    for (let i = 0; i < framesPerBuffer * channelCount; i++, this.#n++)
      bytes.writeFloatLE((this.#n % 997) / 997, 4 * i);
    this.push(bytes);
  }
}
