import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from '../../../../streams/sources/programs.ts';
import { until } from './processes.ts';

const run = promisify(execFile);

/** A sound server of a test's own, without any hardware; `process.env` points to it. */
export interface SoundServer {
  pactl(...args: string[]): Promise<string>;
  /** Adds an output that plays nowhere; its monitor is NAME.monitor. Resolves with the number of its module. */
  loadSink(name: string, rateHz: number, channels?: number, description?: string): Promise<string>;
  /** Takes away the output of this name that was added last. */
  unloadSink(name: string): Promise<void>;
  /** Plays interleaved float32, stereo unless said, from the first frame to the last. */
  play(sink: string, rateHz: number, samples: Float32Array, channels?: number): Promise<void>;
  /** Ends the server and starts another one, which has no outputs. */
  restart(): Promise<void>;
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

export async function startPulseAudio(): Promise<SoundServer> {
  const folder = serverFolder('pulse');
  const socket = join(folder, 'socket');
  process.env['PULSE_SERVER'] = `unix:${socket}`;
  const start = async () => {
    const server = spawn(
      'pulseaudio',
      [
        ...['-n', '--daemonize=no', '--exit-idle-time=-1', '--system=false', '--use-pid-file=no'],
        ...['--realtime=no', '--high-priority=no', '--log-level=error'],
        ...['-L', `module-native-protocol-unix auth-anonymous=1 socket=${socket}`],
      ],
      { stdio: 'ignore' },
    );
    await answers(server);
    return () => kill(server);
  };
  return soundServer(start, folder);
}

/** A folder for the sockets and the state of a sound server; `process.env` points to it. */
export function serverFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `synesthete-${name}-`));
  chmodSync(folder, 0o700);
  Object.assign(process.env, { HOME: folder, XDG_RUNTIME_DIR: folder, PULSE_RUNTIME_PATH: folder });
  return folder;
}

export async function pactl(...args: string[]): Promise<string> {
  return (await run('pactl', args)).stdout;
}

/** Resolves once the sound server answers; rejects when this program of it has ended before. */
export function answers(server: ChildProcess): Promise<void> {
  return until(async () => {
    if (server.exitCode !== null) throw new Error(`${server.spawnfile} ended with code ${server.exitCode}`);
    return pactl('info').then(
      () => true,
      () => false,
    );
  });
}

export async function kill(server: ChildProcess): Promise<void> {
  server.kill('SIGKILL');
  if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
}

/** @param start starts it, and gives what ends it */
export async function soundServer(
  start: () => Promise<() => Promise<void>>,
  folder: string,
): Promise<SoundServer> {
  let end = await start();
  const modules: { readonly name: string; readonly module: string }[] = [];
  return {
    pactl,
    async loadSink(name, rateHz, channels = 2, description) {
      const format = ['format=float32le', `rate=${rateHz}`, `channels=${channels}`];
      const called = description === undefined ? [] : [`sink_properties=device.description=${description}`];
      const module = (
        await pactl('load-module', 'module-null-sink', `sink_name=${name}`, ...format, ...called)
      ).trim();
      modules.unshift({ name, module });
      return module;
    },
    async unloadSink(name) {
      const at = modules.findIndex((loaded) => loaded.name === name);
      await pactl('unload-module', modules.splice(at, 1)[0]!.module);
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
    async restart() {
      await end();
      modules.length = 0;
      end = await start();
    },
    async stop() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
