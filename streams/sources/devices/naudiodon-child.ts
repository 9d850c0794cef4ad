/**
 * The process that naudiodon runs in. `list` writes the input devices as JSON; `capture [name, host API] rate channels`
 * writes float32 PCM to standard output until it is ended.
 */
import type { Readable } from 'node:stream';

/** The part of naudiodon that is used; see its README. */
interface Naudiodon {
  readonly SampleFormatFloat32: number;
  getDevices(): {
    id: number;
    name: string;
    maxInputChannels: number;
    defaultSampleRate: number;
    hostAPIName: string;
  }[];
  getHostAPIs(): { defaultHostAPI: number; HostAPIs: { id: number; defaultInput: number }[] };
  AudioIO: new (options: { inOptions: Record<string, unknown> }) => Readable & { start(): void };
}

const [specifier, command, ...args] = process.argv.slice(2);
const loaded = (await import(specifier!)) as Naudiodon & { default?: Naudiodon };
const naudiodon = loaded.default ?? loaded;
const inputs = naudiodon.getDevices().filter(({ maxInputChannels }) => maxInputChannels > 0);

if (command === 'list') list();
else capture();

function list(): void {
  const { defaultHostAPI, HostAPIs } = naudiodon.getHostAPIs();
  const defaultInput = HostAPIs.find(({ id }) => id === defaultHostAPI)?.defaultInput;
  const devices = inputs.map(({ id, name, hostAPIName, maxInputChannels, defaultSampleRate }) => ({
    name,
    hostApi: hostAPIName,
    isDefault: id === defaultInput,
    channels: maxInputChannels,
    rateHz: defaultSampleRate,
  }));
  process.stdout.write(JSON.stringify(devices));
}

function capture(): void {
  const [address, rateHz, channels] = args;
  const [name, hostApi] = JSON.parse(address!) as [string, string];
  const device = inputs.find((input) => input.name === name && input.hostAPIName === hostApi);
  if (device === undefined) fail(`there is no device ${name} (${hostApi})`);
  const stream = new naudiodon.AudioIO({
    inOptions: {
      deviceId: device.id,
      channelCount: Number(channels),
      sampleFormat: naudiodon.SampleFormatFloat32,
      sampleRate: Number(rateHz),
      closeOnError: true,
      // 10 ms behind, measured; the defaults are 47.
      framesPerBuffer: 512,
      highwaterMark: 2048,
    },
  });
  stream.on('error', (error: Error) => fail(error.message));
  process.stdout.on('error', () => process.exit(0)); // nobody listens any more
  stream.pipe(process.stdout);
  stream.start();
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
