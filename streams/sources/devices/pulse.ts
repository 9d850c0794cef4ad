import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SynestheteError } from '../../../models/errors.ts';
import type { Capture, CaptureBackend, Device, Notice } from './device.ts';
import { PULSE_ENV, watchPulse } from './pulse-events.ts';

const run = promisify(execFile);

/** How far the newest sample may lie back, in ms: PulseAudio makes its pieces as long. */
const LATENCY_MS = 20;

/**
 * PulseAudio, or PipeWire behind its PulseAudio server: pactl lists, parec captures.
 *
 * Sound is taken at the device's own rate and with all its channels, so that nothing on the way resamples it:
 * PulseAudio's usual resampler is 4 dB down at 9 kHz, and 12 dB at 10.
 *
 * When a device goes, PulseAudio moves its listeners to another one, and the show would quietly follow the wrong sound. parec has
 * no option against that, but --verbose reports the move and names the device it was connected to. (PipeWire has the
 * property node.dont-reconnect.)
 */
export const pulse: CaptureBackend = {
  name: 'pulse',

  async list(): Promise<Device[]> {
    // In this order: a default that changed because its device went is then never seen beside that device.
    const info = await ask('info');
    return parseSources(await ask('list', 'sources'), info);
  },

  watch: watchPulse,

  capture({ address, rateHz = 48_000, channels = 2 }: Device): Capture {
    return {
      program: 'parec',
      args: [
        '--verbose',
        '--raw',
        `--device=${address}`,
        '--format=float32le',
        `--rate=${rateHz}`,
        `--channels=${channels}`,
        // Channel by channel, whatever loudspeakers they are named after.
        '--no-remix',
        '--no-remap',
        `--latency-msec=${LATENCY_MS}`,
        '--client-name=Synesthete',
        '--stream-name=what is heard',
        '--property=node.dont-reconnect=true',
      ],
      env: PULSE_ENV,
      format: { encoding: 'f32le', rateHz, channels },
      notice: parseNotice,
    };
  },
};

/** Is there a PulseAudio server that answers? */
export async function pulseAnswers(): Promise<boolean> {
  try {
    await run('pactl', ['info'], { timeout: 5000, env: { ...process.env, ...PULSE_ENV } });
    return true;
  } catch {
    return false;
  }
}

async function ask(...command: string[]): Promise<string> {
  try {
    const { stdout } = await run('pactl', command, {
      timeout: 5000,
      maxBuffer: 16 << 20,
      env: { ...process.env, ...PULSE_ENV },
    });
    return stdout;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new SynestheteError(
      missing ? 'PROGRAM_MISSING' : 'DEVICE_NOT_FOUND',
      missing
        ? 'pactl is needed to find the sound devices: install pulseaudio-utils'
        : 'the sound server (PulseAudio or PipeWire) does not answer: is it running for this user?',
      { cause: error },
    );
  }
}

/**
 * Reads `pactl list sources` and `pactl info`. Not their JSON: it lacks every description with a letter outside of ASCII
 * (PulseAudio 16.1), and does not exist before PulseAudio 16.
 */
export function parseSources(sources: string, info: string): Device[] {
  const defaultSink = field(info, 'Default Sink');
  const defaultSource = field(info, 'Default Source');
  const server = field(info, 'Cookie') ?? '';
  const texts = sources.split(/^(?=Source #\d+$)/m).filter((text) => text.startsWith('Source #'));
  const names = texts.map((text) => field(text, 'Name') ?? '');
  return texts.map((text, i): Device => {
    const name = names[i]!;
    const index = /\d+/.exec(text)![0];
    const monitored = field(text, 'Monitor of Sink');
    const isMonitor = monitored !== undefined && monitored !== 'n/a';
    const [, channels, rateHz] = /(\d+)ch (\d+)Hz/.exec(field(text, 'Sample Specification') ?? '') ?? [];
    return {
      name,
      description: field(text, 'Description') ?? name,
      kind: isMonitor ? 'monitor' : 'input',
      isDefaultInput: name === defaultSource,
      isDefaultMonitor: isMonitor && monitored === defaultSink,
      rateHz: rateHz === undefined ? undefined : Number(rateHz),
      channels: channels === undefined ? undefined : Number(channels),
      backend: 'pulse',
      // PipeWire allows two devices of one name.
      address: names.indexOf(name) === names.lastIndexOf(name) ? name : index,
      id: name,
      hardware: hardwareOf(text),
      appearance: `${server}#${index}`,
      isDummy: /^auto_null(\.|$)/.test(name),
    };
  });
}

/** What udev says of the hardware; undefined for what is none. */
function hardwareOf(text: string): string | undefined {
  const port = property(text, 'device.bus_path');
  if (port === undefined) return undefined;
  const product = ['device.vendor.id', 'device.product.id', 'device.serial'].map(
    (name) => property(text, name) ?? '',
  );
  return [port, ...product].join(' ');
}

function property(text: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name.replaceAll('.', '\\.')} = "(.*)"$`, 'm').exec(text)?.[1];
}

function field(text: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name}: (.*)$`, 'm').exec(text)?.[1];
}

function parseNotice(line: string): Notice | undefined {
  const listening =
    /^Connected to device (\S+) \(/.exec(line) ?? /^Stream moved to device (\S+) \(/.exec(line);
  if (listening !== null) return { kind: 'listening', device: listening[1]! };
  const complaint = /^(?:Stream error|Connection failure|Failed to .*?): (.*)$/.exec(line);
  return complaint === null ? undefined : { kind: 'complaint', text: complaint[1]! };
}
