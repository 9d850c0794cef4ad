import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SINK = 'mixer';
const BLINK_EVERY_MS = 30_000;
const AWAY_MS = 2000;
const START_MS = 10_000;

/** A device of a PulseAudio server of its own, on which music plays and which goes away for two seconds, again and again. */
export interface BlinkingMixer {
  /** Name of the input, for `--device`. */
  readonly device: string;
  /** What the show needs to find the server. */
  readonly environment: NodeJS.ProcessEnv;
  readonly blinks: number;
  close(): Promise<void>;
}

/** undefined where no PulseAudio is installed. */
export async function openMixer(music: string, signal: AbortSignal): Promise<BlinkingMixer | undefined> {
  const isThere = await run('pulseaudio', ['--version']).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'synesthete-mixer-'));
  await chmod(folder, 0o700);
  const socket = join(folder, 'socket');
  const environment = {
    ...process.env,
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    PULSE_RUNTIME_PATH: folder,
    PULSE_SERVER: `unix:${socket}`,
  };
  const server = spawn(
    'pulseaudio',
    [
      ...['-n', '--daemonize=no', '--exit-idle-time=-1', '--system=false', '--use-pid-file=no'],
      ...['--realtime=no', '--high-priority=no', '--log-level=error'],
      ...['-L', `module-native-protocol-unix auth-anonymous=1 socket=${socket}`],
    ],
    { stdio: 'ignore', env: environment },
  );
  const pactl = async (...args: string[]) => (await run('pactl', args, { env: environment })).stdout.trim();
  const deadline = performance.now() + START_MS;
  while (!(await pactl('info').then(Boolean, () => false))) {
    if (performance.now() > deadline) throw new Error('pulseaudio does not start');
    await pause(100);
  }
  let blinks = 0;
  const blinking = (async () => {
    for (;;) {
      const sink = await pactl('load-module', 'module-null-sink', `sink_name=${SINK}`, 'rate=48000');
      const player = play(music, environment);
      await pause(BLINK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      await pactl('unload-module', sink);
      player.kill('SIGKILL');
      if (signal.aborted) return;
      blinks += 1;
      await pause(AWAY_MS);
    }
  })();
  return {
    device: `${SINK}.monitor`,
    environment,
    get blinks() {
      return blinks;
    },
    async close() {
      await blinking;
      server.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function play(music: string, env: NodeJS.ProcessEnv): ChildProcess {
  const player = spawn('paplay', ['--device', SINK, music], { stdio: 'ignore', env });
  player.on('error', () => undefined);
  return player;
}
