import { Option, type Command } from 'commander';
import { BACKEND_NAMES, listDevices, type BackendName, type Device } from '../../../streams/sources/index.ts';

interface DevicesOptions {
  readonly json?: boolean;
  readonly backend?: BackendName;
}

/** `synesthete devices`: which devices give sound, and their names. */
export function addDevicesCommand(program: Command): void {
  program
    .command('devices')
    .description('list the sound devices that can be listened to')
    .option('--json', 'print a JSON list')
    .addOption(backendOption())
    .action(async (options: DevicesOptions) => {
      const devices = await listDevices(options.backend, (note) => {
        process.stderr.write(`synesthete: ${note}\n`);
      });
      process.stdout.write(options.json === true ? toJson(devices) : toTable(devices));
    });
}

/** `--backend`, for every command that opens or lists devices. */
export function backendOption(): Option {
  return new Option('--backend <name>', 'reach the devices in a certain way').choices(BACKEND_NAMES);
}

/** The default of each kind: one input and one monitor at most, whatever the system says of the others. */
export function defaultsOf(devices: readonly Device[]): ReadonlySet<Device> {
  const input = devices.find(({ kind, isDefaultInput }) => kind === 'input' && isDefaultInput);
  const monitor =
    devices.find(({ kind, isDefaultMonitor }) => kind === 'monitor' && isDefaultMonitor) ??
    devices.find(({ kind, isDefaultInput }) => kind === 'monitor' && isDefaultInput);
  return new Set([input, monitor].filter((device) => device !== undefined));
}

function toJson(devices: readonly Device[]): string {
  const defaults = defaultsOf(devices);
  const list = devices.map((device) => ({
    name: device.name,
    description: device.description,
    kind: device.kind,
    default: defaults.has(device),
    rate: device.rateHz ?? null,
    channels: device.channels ?? null,
    backend: device.backend,
  }));
  return `${JSON.stringify(list, undefined, 2)}\n`;
}

function toTable(devices: readonly Device[]): string {
  if (devices.length === 0) {
    return 'There is no sound device. Plug one in, or play into a virtual one (pactl load-module module-null-sink).\n';
  }
  const defaults = defaultsOf(devices);
  const rows = devices.map((device) => [
    defaults.has(device) ? '*' : ' ',
    device.name,
    device.kind,
    device.rateHz === undefined ? '' : `${device.rateHz} Hz`,
    device.channels === undefined ? '' : `${device.channels} ch`,
    device.description,
  ]);
  rows.unshift([' ', 'NAME', 'KIND', 'RATE', 'CH', 'DESCRIPTION']);
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return (
    `${lines.join('\n')}\n\n` +
    'Listen with --device NAME (or a part of it, "default", or "monitor" for what is playing). * is the default of its kind.\n'
  );
}
