import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { SynestheteError } from '../../../models/errors.ts';
import type { Capture, CaptureBackend, Device, Notice } from './device.ts';

const run = promisify(execFile);

/** Beside this file, in whichever form this file runs. */
const CHILD = fileURLToPath(
  new URL(`./naudiodon-child${extname(fileURLToPath(import.meta.url))}`, import.meta.url),
);

/** What the child lists: PortAudio's devices that have inputs. */
const listSchema = z.array(
  z.object({
    name: z.string(),
    hostApi: z.string(),
    isDefault: z.boolean(),
    channels: z.number().int().positive(),
    rateHz: z.number().positive(),
  }),
);

/**
 * PortAudio through naudiodon, where somebody installed it: it is compiled at install, so it is no dependency. It runs in a
 * child process, since it neither says that a device is gone nor can be ended when that happens: the watchdog of the
 * device source ends the child.
 *
 * @param specifier what the child imports: `naudiodon`, or in tests a stand-in for it.
 */
export function naudiodonBackend(specifier = 'naudiodon'): CaptureBackend {
  const command = (...args: string[]) => [...process.execArgv, CHILD, specifier, ...args];
  return {
    name: 'naudiodon',
    async list(): Promise<Device[]> {
      try {
        const { stdout } = await run(process.execPath, command('list'), { timeout: 20_000 });
        return toDevices(listSchema.parse(JSON.parse(stdout)));
      } catch (error) {
        throw new SynestheteError('PROGRAM_MISSING', 'naudiodon could not list the sound devices', {
          cause: error,
        });
      }
    },
    capture({ address, rateHz = 48_000, channels: all = 2 }: Device, leastChannels = 1): Capture {
      // PortAudio claims channels that aren't there, such as 64 of ALSA's `default`: no more of them than needed.
      const channels = Math.min(all, Math.max(2, leastChannels));
      return {
        program: process.execPath,
        args: command('capture', address, String(rateHz), String(channels)),
        format: { encoding: 'f32le', rateHz, channels },
        notice: (line): Notice => ({ kind: 'complaint', text: line }),
      };
    },
  };
}

export function naudiodonInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve('naudiodon');
    return true;
  } catch {
    return false;
  }
}

/** On Windows one device appears once for each of its interfaces (MME, WASAPI, …), which then is part of the name. */
function toDevices(list: z.infer<typeof listSchema>): Device[] {
  return list.map(({ name, hostApi, isDefault, channels, rateHz }) => {
    const unique = list.filter((other) => other.name === name).length === 1;
    return {
      name: unique ? name : `${name} (${hostApi})`,
      description: `${name} (${hostApi})`,
      kind: 'input',
      isDefaultInput: isDefault,
      isDefaultMonitor: false,
      rateHz: Math.round(rateHz),
      channels,
      backend: 'naudiodon',
      address: JSON.stringify([name, hostApi]),
      id: JSON.stringify([name, hostApi]),
    };
  });
}
