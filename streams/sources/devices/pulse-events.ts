import { startChild } from '../child.ts';
import { systemClock } from '../clock.ts';
import type { DeviceChange } from './device.ts';

/** Messages are read, so they must not be translated. */
export const PULSE_ENV = { LC_ALL: 'C' };

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

/**
 * What PulseAudio, or PipeWire behind its PulseAudio server, announces of devices and defaults: `pactl subscribe`. It
 * ends with the sound server and is started again, with growing pauses; what may have been missed counts as a change.
 */
export async function watchPulse(
  onChange: (change: DeviceChange) => void,
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const heard = await subscription(onChange, signal);
    pauseMs = heard ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
    await systemClock.sleep(pauseMs, signal);
    if (signal.aborted) return;
    onChange('changed');
  }
}

/** @returns whether anything was announced before it ended. */
async function subscription(onChange: (change: DeviceChange) => void, signal: AbortSignal): Promise<boolean> {
  let heard = false;
  try {
    const child = startChild('pactl', ['subscribe'], {
      signal,
      env: PULSE_ENV,
      guarded: true,
      onErrorLine: () => undefined, // the capture reports that the server is away
    });
    let rest = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      heard = true;
      for (const line of lines) {
        const change = parseEvent(line);
        if (change !== undefined && !signal.aborted) onChange(change);
      }
    });
    await child.ended;
  } catch {
    // No process can be started now: tried again, as when the server is away.
  }
  return heard;
}

/** Reads a line such as `Event 'new' on source #5`. Streams, clients and modules come and go without meaning. */
export function parseEvent(line: string): DeviceChange | undefined {
  const [, event, facility] = /^Event '(\w+)' on (\S+) #/.exec(line) ?? [];
  if (facility === 'source' && event === 'new') return 'appeared';
  return facility === 'server' || facility === 'source' || facility === 'sink' ? 'changed' : undefined;
}
