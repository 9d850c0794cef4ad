import { execFile, type ExecFileException } from 'node:child_process';
import { SynestheteError } from '../../../models/errors.ts';
import { findFfmpeg } from '../programs.ts';
import type { BackendName, Capture, CaptureBackend, Device, Notice } from './device.ts';

/**
 * The sound devices of macOS (AVFoundation) and Windows (DirectShow), listed and captured by ffmpeg.
 *
 * Written from ffmpeg's documentation (ffmpeg-devices) and from lists that people published, and tested on such lists
 * and on the command lines: no Mac and no Windows machine was at hand.
 *
 * What an output plays can be heard only through a device that loops it back: BlackHole on macOS, "Stereo Mix" or
 * virtual-audio-capturer on Windows. To the system these are inputs like any other.
 */
function backend(
  name: Extract<BackendName, 'avfoundation' | 'dshow'>,
  listArgs: readonly string[],
  parse: (text: string) => Device[],
  inputArgs: (device: Device) => readonly string[],
): CaptureBackend {
  return {
    name,
    async list(): Promise<Device[]> {
      const ffmpeg = await findFfmpeg();
      // ffmpeg lists on standard error, and then fails, as there is no input of that name.
      const text = await new Promise<string>((resolve, reject) => {
        execFile(
          ffmpeg,
          ['-hide_banner', '-f', name, ...listArgs],
          { timeout: 20_000, windowsHide: true },
          (error, _stdout, stderr) => {
            const why = troubleOf(name, error, stderr);
            if (why === undefined) resolve(stderr);
            else {
              reject(
                new SynestheteError('PROGRAM_MISSING', `${ffmpeg} can't list the sound devices: ${why}`, {
                  cause: error,
                  remedy: { kind: 'leave-out', settings: ['backend'] },
                }),
              );
            }
          },
        );
      });
      return parse(text);
    },
    async capture(device: Device): Promise<Capture> {
      return {
        program: await findFfmpeg(),
        args: [
          ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-fflags', 'nobuffer'],
          ...['-f', name, ...inputArgs(device)],
          ...['-vn', '-c:a', 'pcm_f32le', '-flush_packets', '1', '-f', 'wav', 'pipe:1'],
        ],
        format: 'wav',
        notice,
      };
    },
  };
}

/** Why ffmpeg could not even try, other than by a list that is empty. */
function troubleOf(format: string, error: ExecFileException | null, said: string): string | undefined {
  // Some versions stumble over the format first, others over its option.
  if (/Unknown input format|Unrecognized option 'list_devices'/i.test(said)) {
    return `it has no ${format}, which is for ${format === 'dshow' ? 'Windows' : 'macOS'}`;
  }
  // A number is the exit code of an ffmpeg that ran; a word is why it did not.
  return typeof error?.code === 'string' ? `it does not start (${error.code})` : undefined;
}

/**
 * macOS. ffmpeg takes the beginning of a name for the name, and one that begins with a digit for an index, so the
 * device is named by the index that the list, read just before, gives for its full name.
 */
export const avfoundation = backend(
  'avfoundation',
  ['-list_devices', 'true', '-i', ''],
  parseAvfoundation,
  ({ address }) => ['-audio_device_index', address, '-i', ':'],
);

/** Windows. Names with a colon can't be given to ffmpeg, so the unique alternative name is. 10 ms buffers, not 500. */
export const dshow = backend('dshow', ['-list_devices', 'true', '-i', 'dummy'], parseDshow, ({ address }) => [
  '-audio_buffer_size',
  '10',
  '-i',
  `audio=${address}`,
]);

/** Reads what ffmpeg says to `-f avfoundation -list_devices true`: `[… @ 0x…] [0] Built-in Microphone`. */
export function parseAvfoundation(text: string): Device[] {
  const devices: Device[] = [];
  let inAudio = false;
  for (const line of text.split(/\r?\n/)) {
    const [, headline] = /AVFoundation (audio|video) devices:/.exec(line) ?? [];
    if (headline !== undefined) inAudio = headline === 'audio';
    const [, index, name] = /^\[[^\]]* @ [^\]]*\] \[(\d+)\] (.+)$/.exec(line) ?? [];
    if (!inAudio || index === undefined || name === undefined) continue;
    devices.push(inputDevice('avfoundation', name, index, name));
  }
  return devices;
}

/**
 * Reads what ffmpeg says to `-f dshow -list_devices true`. Until ffmpeg 4 under headlines, from 5 on with `(audio)`
 * behind each name; an alternative name follows on a line of its own.
 */
export function parseDshow(text: string): Device[] {
  const devices: Device[] = [];
  let inAudio = false;
  let last: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, headline] = /DirectShow (audio|video) devices/.exec(line) ?? [];
    if (headline !== undefined) inAudio = headline === 'audio';
    const alternative = /Alternative name "(.+)"\s*$/.exec(line)?.[1];
    if (alternative !== undefined) {
      if (last !== undefined) devices.push(inputDevice('dshow', last, alternative, alternative));
      last = undefined;
      continue;
    }
    const [, name, kinds] = /^\[[^\]]* @ [^\]]*\] +"(.+)"(?: \(([a-z, ]+)\))?\s*$/.exec(line) ?? [];
    if (name !== undefined && (kinds === undefined ? inAudio : kinds.includes('audio'))) last = name;
    else if (name !== undefined) last = undefined;
  }
  return devices;
}

/**
 * Neither list says which device is the default.
 * @param id on macOS the name, as ffmpeg gives no other; on Windows the alternative name, which tells apart devices of one name
 */
function inputDevice(backend: BackendName, name: string, address: string, id: string): Device {
  return {
    name,
    description: name,
    kind: 'input',
    isDefaultInput: false,
    isDefaultMonitor: false,
    rateHz: undefined,
    channels: undefined,
    backend,
    address,
    id,
  };
}

/** With -loglevel error every line is a complaint. */
function notice(line: string): Notice {
  return { kind: 'complaint', text: line.replace(/^\[[^\]]* @ [^\]]*\] */, '') };
}
