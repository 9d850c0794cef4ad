import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath } from '../../../../streams/sources/programs.ts';
import { answers, kill, pactl, serverFolder, soundServer, type SoundServer } from './pulseaudio.ts';
import { until } from './processes.ts';

/** With its session manager, which chooses the defaults, and its PulseAudio server. */
const PROGRAMS = ['pipewire', 'pipewire-pulse', 'wireplumber', 'dbus-daemon', 'pactl', 'parec', 'pacat'];

/** Why there is no PipeWire here, for tap's `skip`; false when there is. In CI it must be there. */
export async function pipeWireMissing(): Promise<string | false> {
  for (const program of PROGRAMS) {
    if ((await findOnPath(program)) !== undefined) continue;
    const message = `${program} is not installed (apt-get install pipewire pipewire-pulse wireplumber dbus-daemon pulseaudio-utils)`;
    if (process.env['CI'] === 'true') throw new Error(message);
    return message;
  }
  return false;
}

/** Without a session of a desktop: the session manager needs a message bus of its own. */
export async function startPipeWire(): Promise<SoundServer> {
  const folder = serverFolder('pipewire');
  const bus = `unix:path=${join(folder, 'bus')}`;
  Object.assign(process.env, {
    DBUS_SESSION_BUS_ADDRESS: bus,
    PULSE_SERVER: `unix:${join(folder, 'pulse', 'native')}`,
    PULSE_RUNTIME_PATH: join(folder, 'pulse'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CONFIG_HOME: join(folder, 'config'),
  });
  const start = async () => {
    const quiet = { stdio: 'ignore' } as const;
    const daemon = spawn('dbus-daemon', ['--session', '--nofork', '--nopidfile', `--address=${bus}`], quiet);
    const core = spawn('pipewire', [], quiet);
    const manager = spawn('wireplumber', [], quiet);
    const server = spawn('pipewire-pulse', [], quiet);
    const all = [server, manager, core, daemon];
    await answers(server);
    // The session manager is ready once it has chosen an output.
    await until(async () => !(await pactl('get-default-sink')).startsWith('@'));
    return async () => {
      await Promise.all(all.map(kill));
      for (const left of ['bus', 'pipewire-0.lock', 'pipewire-0', 'pulse']) {
        rmSync(join(folder, left), { recursive: true, force: true });
      }
    };
  };
  return soundServer(start, folder);
}
