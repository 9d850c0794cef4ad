import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SynestheteError } from '../../../models/errors.ts';
import { PCM_LIMITS } from '../pcm.ts';
import type { Capture, CaptureBackend, Device, Notice } from './device.ts';

const run = promisify(execFile);

const ENV = { LC_ALL: 'C' };
const RATE_HZ = 48_000;
/** As most devices have them, and what is asked for where a device does not say. */
const USUAL_CHANNELS = 2;

/**
 * ALSA without a sound server: arecord lists and captures. Its devices are inputs; what an output plays can be heard only
 * through a loopback card (snd-aloop). Devices are reached through ALSA's `plughw`, which fits the rate and the channels, and
 * are named by their card's id, not its number.
 */
export const alsa: CaptureBackend = {
  name: 'alsa',

  async list(): Promise<Device[]> {
    try {
      const { stdout } = await run('arecord', ['--list-pcms'], {
        timeout: 5000,
        env: { ...process.env, ...ENV },
      });
      return parsePcms(stdout);
    } catch (error) {
      throw new SynestheteError(
        'PROGRAM_MISSING',
        'arecord is needed to find the sound devices: install alsa-utils',
        { cause: error },
      );
    }
  },

  capture({ address }: Device, leastChannels = 1): Capture | Promise<Capture> {
    if (leastChannels <= USUAL_CHANNELS) return captureOf(address, USUAL_CHANNELS);
    return channelsOf(address, leastChannels).then((channels) => captureOf(address, channels));
  },
};

function captureOf(address: string, channels: number): Capture {
  return {
    program: 'arecord',
    args: [
      `--device=${address}`,
      '--file-type=raw',
      '--format=S16_LE',
      `--rate=${RATE_HZ}`,
      `--channels=${channels}`,
      '--period-time=10000',
      '--buffer-time=200000',
      '--fatal-errors',
    ],
    env: ENV,
    format: { encoding: 's16le', rateHz: RATE_HZ, channels },
    notice: parseNotice,
  };
}

/**
 * How many channels the hardware behind a `plughw` device gives, at most. `plughw` would mix them to any other number,
 * and what it gives then is no longer channel by channel.
 */
async function channelsOf(address: string, least: number): Promise<number> {
  if (!/^(?:plug)?hw:/.test(address)) return least;
  const hardware = address.replace(/^plughw:/, 'hw:');
  const args = [`--device=${hardware}`, '--dump-hw-params', '--duration=1', '/dev/null'];
  const said = await run('arecord', args, { timeout: 5000, env: { ...process.env, ...ENV } }).then(
    ({ stderr }) => stderr,
    // With what it takes by itself, arecord may fail right after it has listed what the device takes.
    (error: unknown) => (error as { stderr?: string }).stderr ?? '',
  );
  return Math.min(parseMostChannels(said) ?? least, PCM_LIMITS.channels.most);
}

/** Reads `CHANNELS: 18` or `CHANNELS: [2 18]` of `arecord --dump-hw-params`: the most. */
export function parseMostChannels(text: string): number | undefined {
  const [, most] = /^CHANNELS: .*?(\d+)\D*$/m.exec(text) ?? [];
  return most === undefined ? undefined : Number(most);
}

/**
 * Reads `arecord --list-pcms`: a name at the line's beginning, its description indented below. Only those names are given
 * that stand for one device each, and `default`.
 */
export function parsePcms(text: string): Device[] {
  const devices: Device[] = [];
  for (const [, name, about] of text.matchAll(/^(\S.*)\n((?:[ \t]+.*\n?)*)/gm)) {
    const isDefault = name === 'default';
    if (!isDefault && !name!.startsWith('plughw:')) continue;
    const description = about!
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('Hardware device with'))
      .join(', ');
    devices.push({
      name: name!,
      description: description === '' ? name! : description,
      kind: 'input',
      isDefaultInput: isDefault,
      isDefaultMonitor: false,
      rateHz: undefined,
      channels: undefined,
      backend: 'alsa',
      address: name!,
      id: name!,
    });
  }
  return devices;
}

function parseNotice(line: string): Notice | undefined {
  const overrun = /^overrun!!! \(at least ([\d.]+) ms long\)/.exec(line);
  if (overrun !== null) return { kind: 'overrun', lostMs: Number(overrun[1]) };
  const complaint = /^arecord: [\w ]+:\d+: (.*)$/.exec(line);
  return complaint === null ? undefined : { kind: 'complaint', text: complaint[1]! };
}
