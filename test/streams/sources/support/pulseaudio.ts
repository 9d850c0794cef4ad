import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from '../../../../streams/sources/programs.ts';
import { until } from './processes.ts';

const run = promisify(execFile);

/** A PulseAudio server of a test's own, without any hardware; `process.env` points to it. */
export interface PulseAudio {
  pactl(...args: string[]): Promise<string>;
  /** Adds an output that plays nowhere; its monitor is NAME.monitor. */
  loadSink(name: string, rateHz: number, channels?: number): Promise<void>;
  unloadSink(name: string): Promise<void>;
  /** Plays interleaved float32, stereo unless said, from the first frame to the last. */
  play(sink: string, rateHz: number, samples: Float32Array, channels?: number): Promise<void>;
  stop(): Promise<void>;
}

const PROGRAMS = ['pulseaudio', 'pactl', 'parec', 'pacat'];

/**
 * Why there is no PulseAudio here, for tap's `skip`; false when there is. In CI it must be there.
 */
export async function pulseAudioMissing(): Promise<string | false> {
  for (const program of PROGRAMS) {
    if ((await findOnPath(program)) !== undefined) continue;
    const message = `${program} is not installed (apt-get install pulseaudio pulseaudio-utils)`;
    if (process.env['CI'] === 'true') throw new Error(message);
    return message;
  }
  return false;
}

export async function startPulseAudio(): Promise<PulseAudio> {
  const folder = mkdtempSync(join(tmpdir(), 'synesthete-pulse-'));
  chmodSync(folder, 0o700);
  const socket = join(folder, 'socket');
  Object.assign(process.env, {
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    PULSE_RUNTIME_PATH: folder,
    PULSE_SERVER: `unix:${socket}`,
  });
  const server = spawn(
    'pulseaudio',
    [
      ...['-n', '--daemonize=no', '--exit-idle-time=-1', '--system=false', '--use-pid-file=no'],
      ...['--realtime=no', '--high-priority=no', '--log-level=error'],
      ...['-L', `module-native-protocol-unix auth-anonymous=1 socket=${socket}`],
    ],
    { stdio: 'ignore' },
  );
  const pactl = async (...args: string[]) => (await run('pactl', args)).stdout;
  await until(async () => {
    if (server.exitCode !== null) throw new Error(`pulseaudio ended with code ${server.exitCode}`);
    return pactl('info').then(
      () => true,
      () => false,
    );
  });
  const modules = new Map<string, string>();
  return {
    pactl,
    async loadSink(name, rateHz, channels = 2) {
      const format = ['format=float32le', `rate=${rateHz}`, `channels=${channels}`];
      modules.set(
        name,
        (await pactl('load-module', 'module-null-sink', `sink_name=${name}`, ...format)).trim(),
      );
    },
    async unloadSink(name) {
      await pactl('unload-module', modules.get(name)!);
    },
    async play(sink, rateHz, samples, channels = 2) {
      const player = spawn(
        'pacat',
        [
          ...['--playback', '--raw', `--device=${sink}`, '--format=float32le', `--rate=${rateHz}`],
          // So much is sent ahead that the player itself never runs dry.
          ...[`--channels=${channels}`, '--no-remap', '--no-remix', '--latency-msec=2000'],
        ],
        { stdio: ['pipe', 'ignore', 'inherit'] },
      );
      // The server may be stopped in the middle.
      player.stdin.on('error', () => undefined);
      player.stdin.end(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
      await once(player, 'exit');
    },
    async stop() {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
