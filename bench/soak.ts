import { spawn } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { formatTable } from './measure.ts';

const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 60);
const ROWS = 12;
/** Displays that stay from the first minute to the last. */
const RESIDENTS = 4;
/** Displays that connect at a random moment and stay for a random time. */
const VISITORS = 16;
const LONGEST_VISIT_MS = 60_000;

interface Status {
  readonly status: {
    readonly clips: { total: number; dropped: number; lost: number; lastLoss: string };
    readonly gaps: number;
    readonly analysis: { readonly restarts: number };
  };
}

/** Problems that displays found, and the number of displays. */
interface Displays {
  visits: number;
  messages: number;
  /** Messages that a reading display missed, by the gaps in their numbers. */
  missing: number;
  /** Connections that ended without being asked to. */
  cut: number;
}

/**
 * `live` itself, as `npm start` runs it, with displays that connect, leave and break off. It reports memory (main and
 * analysis process), dropped messages with reasons, and whether reading displays got every message. Lasts SOAK_MINUTES,
 * 60 unless set; shows progress on standard error.
 */
export async function benchSoak(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'synesthete-soak-'));
  const args = [MAIN, 'live', '--demo', '--port', '0', '--state', join(folder, 'show.json')];
  const live = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(live, 'exit');
  const origin = await printedAddress(live.stdout);
  const displays: Displays = { visits: 0, messages: 0, missing: 0, cut: 0 };
  const leaving = new AbortController();
  setMaxListeners(0, leaving.signal);
  const all = [
    ...Array.from({ length: RESIDENTS }, () =>
      visit(origin, displays, 60_000 * MINUTES + 1000, leaving.signal),
    ),
    ...Array.from({ length: VISITORS }, () => comeAndGo(origin, displays, leaving.signal)),
  ];
  const rows: string[][] = [];
  for (let row = 0; row <= ROWS; row++) {
    if (row > 0) await pause((60_000 * MINUTES) / ROWS);
    rows.push(await look(origin, live.pid!, (row * MINUTES) / ROWS, displays));
    process.stderr.write(`${rows.at(-1)!.join('  ')}\n`);
  }
  leaving.abort();
  await Promise.all(all);
  live.kill('SIGINT');
  const [code] = (await ended) as [number | null];
  await rm(folder, { recursive: true });
  return [
    formatTable(
      [
        'minute',
        'main',
        'JS heap',
        'analysis',
        'clips',
        'dropped',
        'lost',
        'gaps',
        'restarts',
        'visits',
        'messages',
        'missing',
        'cut',
        'load',
      ],
      rows,
    ),
    `ended by Ctrl-C with exit code ${code}; ${availableParallelism()} cores`,
  ].join('\n');
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

async function comeAndGo(origin: string, displays: Displays, signal: AbortSignal): Promise<void> {
  for (;;) {
    await pause(Math.random() * LONGEST_VISIT_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await visit(origin, displays, Math.random() * LONGEST_VISIT_MS, signal);
  }
}

/** One display: it connects, watches for a time and leaves; one in two closes the connection properly. */
async function visit(origin: string, displays: Displays, ms: number, signal: AbortSignal): Promise<void> {
  displays.visits += 1;
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/stream`);
  let last = -1;
  let leaves = false;
  socket.on('message', (data: Buffer) => {
    const { seq } = JSON.parse(data.toString()) as { seq?: number };
    if (seq === undefined) return;
    displays.messages += 1;
    if (last >= 0) displays.missing += Math.max(0, seq - last - 1);
    last = seq;
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(() => {
    if (!leaves) displays.cut += 1;
  });
  await Promise.race([closed, pause(ms, undefined, { signal }).catch(() => undefined)]);
  leaves = true;
  if (Math.random() < 0.5) socket.close();
  else socket.terminate();
  await closed;
}

async function look(origin: string, pid: number, minute: number, displays: Displays): Promise<string[]> {
  const [{ status }, metrics] = await Promise.all([
    fetch(`${origin}/api/state`).then((response) => response.json() as Promise<Status>),
    fetch(`${origin}/metrics`).then((response) => response.text()),
  ]);
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'))
    .trim()
    .split(' ')
    .map(Number);
  const analysis = await Promise.all(
    children.map(async (child) => {
      const title = await readFile(`/proc/${child}/cmdline`, 'latin1');
      return title.startsWith('synesthete: analysis') ? residentMiB(child) : 0;
    }),
  );
  const heap = Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(metrics)?.[1]);
  const { clips } = status;
  return [
    minute.toFixed(0),
    `${(await residentMiB(pid)).toFixed(0)} MiB`,
    `${(heap / 2 ** 20).toFixed(0)} MiB`,
    `${Math.max(...analysis).toFixed(0)} MiB`,
    String(clips.total),
    String(clips.dropped),
    `${clips.lost}${clips.lost > 0 ? ` (${clips.lastLoss})` : ''}`,
    String(status.gaps),
    String(status.analysis.restarts),
    String(displays.visits),
    String(displays.messages),
    String(displays.missing),
    String(displays.cut),
    loadavg()[0]!.toFixed(1),
  ];
}

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024;
}
