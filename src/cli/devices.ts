import { Option, type Command } from 'commander';
import { BACKEND_NAMES, listDevices, type BackendName, type Device } from '../../streams/sources/index.ts';

interface DevicesOptions {
  readonly json?: boolean;
  readonly backend?: BackendName;
}

/** `synesthete devices`: what sound can be captured from, and what to call it. */
export function addDevicesCommand(program: Command): void {
  program
    .command('devices')
    .description('List the sound devices that can be listened to.')
    .option('--json', 'for machines: a JSON list')
    .addOption(backendOption())
    .action(async (options: DevicesOptions) => {
      const devices = await listDevices(options.backend);
      process.stdout.write(options.json === true ? toJson(devices) : toTable(devices));
    });
}

/** `--backend`, for every command that opens or lists devices. */
export function backendOption(): Option {
  return new Option('--backend <name>', 'reach the devices in a certain way').choices(BACKEND_NAMES);
}

function toJson(devices: readonly Device[]): string {
  const list = devices.map(({ name, description, kind, isDefault, rateHz, channels, backend }) => ({
    name,
    description,
    kind,
    default: isDefault,
    rate: rateHz ?? null,
    channels: channels ?? null,
    backend,
  }));
  return `${JSON.stringify(list, undefined, 2)}\n`;
}

function toTable(devices: readonly Device[]): string {
  if (devices.length === 0) {
    return 'There is no sound device. Plug one in, or play into a virtual one (pactl load-module module-null-sink).\n';
  }
  const rows = devices.map(({ name, description, kind, isDefault, rateHz, channels }) => [
    isDefault ? '*' : ' ',
    name,
    kind,
    rateHz === undefined ? '' : `${rateHz} Hz`,
    channels === undefined ? '' : `${channels} ch`,
    description,
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
    'Listen with --device NAME (or a part of it, "default", or "monitor" for what is playing). * is the default.\n'
  );
}
