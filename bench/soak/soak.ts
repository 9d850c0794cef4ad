import { spawn } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BUNDLED_MUSIC } from '../../src/built-in/index.ts';
import { formatTable } from '../measure.ts';
import { Displays } from './displays.ts';
import { connectAndLeave, killAnalysis, pipeline, type Faults } from './faults.ts';
import { openMixer } from './mixer.ts';
import { analysisOf, descriptors, residentMiB } from './processes.ts';
import { watchScreen } from './screen.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

const WITH_FAULTS = process.env['SOAK_FAULTS'] === '1';
const MINUTES = Number(process.env['SOAK_MINUTES'] ?? (WITH_FAULTS ? 30 : 60));
const ROWS = 12;
/** Displays that stay from the first minute to the last. */
const RESIDENTS = 4;
/** Displays that connect at a random moment and stay for a random time. */
const VISITORS = 16;
/** With faults: displays that stop reading. */
const STALLING = 4;

interface Status {
  readonly status: {
    readonly clips: { total: number; dropped: number; lost: number };
    readonly gaps: number;
    readonly analysis: { readonly restarts: number };
  };
}

/**
 * `live` itself, as `npm start` runs it, with displays that connect, leave and break off. It reports memory (main and
 * analysis process), descriptors, dropped messages with reasons, and whether reading displays got every message. Lasts
 * SOAK_MINUTES, 60 unless set; shows progress on standard error.
 *
 * With SOAK_FAULTS=1, for 30 minutes unless set: the sound comes from a device that goes away for two seconds twice a
 * minute, the analysis is killed every minute, displays stall, fifty a second connect and leave, a stranger pipelines
 * requests without reading the answers, and every frame of a display in a browser is looked at.
 */
export async function benchSoak(): Promise<string> {
  const leaving = new AbortController();
  const { signal } = leaving;
  setMaxListeners(0, signal);
  const folder = await mkdtemp(join(tmpdir(), 'synesthete-soak-'));
  const mixer = WITH_FAULTS ? await openMixer(BUNDLED_MUSIC, signal) : undefined;
  const sound = mixer === undefined ? ['--demo'] : ['--device', mixer.device];
  const live = spawn(
    process.execPath,
    [MAIN, 'live', ...sound, '--port', '0', '--state', join(folder, 'show.json')],
    { stdio: ['ignore', 'pipe', WITH_FAULTS ? 'ignore' : 'inherit'], env: mixer?.environment ?? process.env },
  );
  const ended = once(live, 'exit');
  const origin = await printedAddress(live.stdout);
  const pid = live.pid!;
  const displays = new Displays(origin, signal);
  const faults: Faults = { kills: 0, connects: 0, refused: 0, requests: 0 };
  const screen = WITH_FAULTS ? await watchScreen(origin) : undefined;
  const all = [
    ...times(RESIDENTS, () => displays.visit(60_000 * MINUTES + 1000, { measured: true })),
    ...times(VISITORS, () => displays.comeAndGo()),
  ];
  if (WITH_FAULTS)
    all.push(
      ...times(STALLING, () => displays.stall()),
      killAnalysis(pid, faults, signal),
      connectAndLeave(origin, faults, signal),
      pipeline(origin, [await onePicture(origin), '/asyncapi.json'], faults, signal),
    );
  const rows: string[][] = [];
  for (let row = 0; row <= ROWS; row++) {
    if (row > 0) await pause((60_000 * MINUTES) / ROWS);
    rows.push(await look(origin, pid, (row * MINUTES) / ROWS, displays));
    process.stderr.write(`${rows.at(-1)!.join('  ')}\n`);
  }
  leaving.abort();
  await Promise.all(all);
  await screen?.close();
  live.kill('SIGINT');
  const [code] = (await ended) as [number | null];
  await mixer?.close();
  await rm(folder, { recursive: true });
  const lines = [formatTable(HEADER, rows), latencyLine(displays.latencies)];
  if (WITH_FAULTS) {
    lines.push(
      mixer === undefined
        ? 'no device that blinks: pulseaudio is not installed'
        : `${mixer.blinks} times the device went away for two seconds`,
      `${faults.kills} times the analysis was killed; ${faults.connects} displays connected and left, ${faults.refused} of them without a message; ${faults.requests} pipelined requests`,
      screen === undefined
        ? 'no screen was watched: chromium is not installed'
        : `${screen.frames} frames of a display, ${screen.blackFrames} of them black; ${screen.longestStillSeconds.toFixed(1)} s the longest without a new one`,
    );
  }
  lines.push(`ended by Ctrl-C with exit code ${code}; ${availableParallelism()} cores`);
  return lines.join('\n');
}

const HEADER = [
  ...['minute', 'main', 'JS heap', 'analysis', 'descriptors', 'clips', 'dropped', 'lost', 'gaps', 'restarts'],
  ...['visits', 'messages', 'missing', 'cut', 'load'],
];

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

async function printedAddress(stdout: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const found = /http:\/\/[\w.:[\]]+/.exec(line);
    if (found === null) continue;
    stdout.resume();
    return found[0];
  }
  throw new Error('live ended before it printed its address');
}

/** Path of the picture on show, once there is one. */
async function onePicture(origin: string): Promise<string> {
  for (;;) {
    const response = await fetch(`${origin}/api/state`);
    const { message } = (await response.json()) as { message: { show: { image: { url: string } | null } } };
    const { image } = message.show;
    if (image !== null) return new URL(image.url, origin).pathname;
    await pause(500);
  }
}

function latencyLine(latencies: readonly number[]): string {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (part: number) => `${sorted[Math.floor(part * (sorted.length - 1))]?.toFixed(0) ?? '–'} ms`;
  return `from a clip's last sample to a display: p50 ${at(0.5)}, p99 ${at(0.99)}, largest ${at(1)} (${sorted.length} messages)`;
}

async function look(origin: string, pid: number, minute: number, displays: Displays): Promise<string[]> {
  const [{ status }, metrics, analysis] = await Promise.all([
    fetch(`${origin}/api/state`).then((response) => response.json() as Promise<Status>),
    fetch(`${origin}/metrics`).then((response) => response.text()),
    analysisOf(pid),
  ]);
  const heap = Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(metrics)?.[1]);
  const { clips } = status;
  return [
    minute.toFixed(0),
    `${(await residentMiB(pid)).toFixed(0)} MiB`,
    `${(heap / 2 ** 20).toFixed(0)} MiB`,
    analysis === undefined ? '–' : `${(await residentMiB(analysis)).toFixed(0)} MiB`,
    String(await descriptors(pid)),
    String(clips.total),
    String(clips.dropped),
    String(clips.lost),
    String(status.gaps),
    String(status.analysis.restarts),
    String(displays.visits),
    String(displays.messages),
    String(displays.missing),
    String(displays.cut),
    loadavg()[0]!.toFixed(1),
  ];
}
