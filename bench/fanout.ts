import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Subject } from 'rxjs';
import { ShowServer, type Show, type ShowState } from '../src/server/index.ts';
import type { FanoutReport, FanoutTask } from './fanout-clients.ts';
import { formatTable } from './measure.ts';

const MESSAGES_PER_SECOND = 10;
const SECONDS = 10;
const WARM_UP_SECONDS = 2;
const CLIENTS = fileURLToPath(new URL('./fanout-clients.js', import.meta.url));

interface Run {
  readonly transport: FanoutTask['transport'];
  readonly displays: number;
  readonly stalled: number;
}

const RUNS: readonly Run[] = [
  { transport: 'ws', displays: 1000, stalled: 0 },
  { transport: 'ws', displays: 1000, stalled: 50 },
  { transport: 'ws', displays: 5000, stalled: 0 },
  { transport: 'socket.io', displays: 1000, stalled: 0 },
  { transport: 'socket.io', displays: 1000, stalled: 50 },
];

/** Displays run in a process of their own on this machine. Each state carries the time at which it was made. */
export async function benchFanout(): Promise<string> {
  const rows: string[][] = [];
  for (const run of RUNS) rows.push(await measure(run));
  return formatTable(
    [
      `${MESSAGES_PER_SECOND} states a second, ${SECONDS} s`,
      'p50',
      'p99',
      'longest',
      'lost',
      'server CPU',
      'memory gained',
    ],
    rows,
  );
}

async function measure({ transport, displays, stalled }: Run): Promise<string[]> {
  const states = new Subject<ShowState>();
  const server = await ShowServer.open({
    show: showOf(states),
    port: 0,
    version: '0',
    // Longer than the bench, so that no display is disconnected: the worst case for memory.
    limits: { clientsPerAddress: Infinity, stalledAfterMs: 60_000 },
  });
  const readers = await start({ transport, displays, port: server.port, prediction: true });
  const stuck =
    stalled === 0
      ? undefined
      : await start({ transport, displays: stalled, port: server.port, prediction: false });
  // The server counts from 0, including the last state before the measured ones.
  let seq = -1;
  const publish = async (seconds: number) => {
    const beganMs = performance.now();
    for (let i = 1; i <= seconds * MESSAGES_PER_SECOND; i++) {
      states.next(stateNow());
      seq++;
      const waitMs = beganMs + (i * 1000) / MESSAGES_PER_SECOND - performance.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
    }
  };
  await publish(WARM_UP_SECONDS);
  const from = seq + 1;
  const rssBefore = process.memoryUsage().rss;
  const cpuBefore = process.cpuUsage();
  await publish(SECONDS);
  const cpu = process.cpuUsage(cpuBefore);
  const gained = process.memoryUsage().rss - rssBefore;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { received, p50Ms, p99Ms, longestMs } = await report(readers, from);
  await Promise.all([end(readers), stuck === undefined ? undefined : end(stuck)]);
  await server.close();
  const expected = displays * SECONDS * MESSAGES_PER_SECOND;
  return [
    `${displays} ${transport} displays${stalled === 0 ? '' : `, ${stalled} more stopped reading`}`,
    `${p50Ms.toFixed(0)} ms`,
    `${p99Ms.toFixed(0)} ms`,
    `${longestMs.toFixed(0)} ms`,
    `${expected - received} of ${expected}`,
    `${((cpu.user + cpu.system) / 1e4 / SECONDS).toFixed(0)} %`,
    `${(gained / 1e6).toFixed(0)} MB`,
  ];
}

async function start(task: FanoutTask): Promise<ChildProcess> {
  const child = fork(CLIENTS, { serialization: 'advanced' });
  child.send(task);
  await once(child, 'message');
  return child;
}

async function report(child: ChildProcess, from: number): Promise<FanoutReport> {
  child.send({ from });
  const [answer] = (await once(child, 'message')) as [FanoutReport];
  return answer;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const STATUS = { clips: { total: 0, dropped: 0, lost: 0 }, gaps: 0, analysis: { restarts: 0 } };

function showOf(states: Subject<ShowState>): Show {
  return {
    states,
    control: () => undefined,
    status: () => STATUS,
    publicStatus: () => STATUS,
    picture: () => ({ file: '', type: 'image/webp', width: 1920, height: 1080 }),
    rendition: () => Promise.resolve(undefined),
    thumbnail: () => undefined,
    gallery: () => ({ total: 0, revision: '', pictures: [] }),
    keptOut: () => ({ total: 0, revision: '', pictures: [] }),
    devices: () => Promise.resolve([]),
    moods: () => Promise.resolve(''),
    takeMoods: () => Promise.resolve(),
  };
}

/** As large as real states; `time` is when it was made, in seconds of the machine's clock. */
function stateNow(): ShowState {
  return {
    time: Date.now() / 1000,
    mood: { valence: 0.512345, arousal: 0.612345, confidence: 0.712345 },
    level: { rms: 0.123456, onset: false },
    show: { state: 'live', image: { id: 'f3a9c0d1e2b4' }, since: 12.5, crossfade: 1.5 },
    candidates: Array.from({ length: 12 }, (_, i) => ({ id: `f3a9c0d1e2${i + 10}`, score: 1 / (i + 1.1) })),
    screens: [],
    latency: { analysis: 12.3, total: 21.5 },
  };
}
