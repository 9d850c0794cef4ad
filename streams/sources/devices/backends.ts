import { SynestheteError } from '../../../models/errors.ts';
import { findOnPath } from '../programs.ts';
import { alsa } from './alsa.ts';
import type { BackendName, CaptureBackend } from './device.ts';
import { avfoundation, dshow } from './ffmpeg-capture.ts';
import { naudiodonBackend, naudiodonInstalled } from './naudiodon.ts';
import { pulse, pulseAnswers } from './pulse.ts';

export const BACKEND_NAMES: readonly BackendName[] = ['pulse', 'alsa', 'avfoundation', 'dshow', 'naudiodon'];

/**
 * The way to this machine's sound devices: on macOS and Windows ffmpeg; elsewhere PulseAudio (or PipeWire behind it) when it
 * answers, else ALSA; naudiodon where nothing else is found.
 *
 * @param wanted a certain one, instead.
 * @throws SynestheteError PROGRAM_MISSING, with what to install.
 */
export async function findBackend(wanted?: BackendName): Promise<CaptureBackend> {
  switch (wanted ?? (await usualBackend())) {
    case 'pulse':
      return pulse;
    case 'alsa':
      return alsa;
    case 'avfoundation':
      return avfoundation;
    case 'dshow':
      return dshow;
    case 'naudiodon':
      return naudiodonBackend();
  }
}

async function usualBackend(): Promise<BackendName> {
  if (process.platform === 'darwin') return 'avfoundation';
  if (process.platform === 'win32') return 'dshow';
  if ((await findOnPath('parec')) !== undefined && (await pulseAnswers())) return 'pulse';
  if ((await findOnPath('arecord')) !== undefined) return 'alsa';
  if (naudiodonInstalled()) return 'naudiodon';
  throw new SynestheteError(
    'PROGRAM_MISSING',
    'no sound system answers: install pulseaudio-utils, with PulseAudio or PipeWire (pipewire-pulse) running for this ' +
      'user, or alsa-utils',
  );
}
