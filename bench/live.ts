import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DEFAULT_HOP_SAMPLES } from '../streams/clips/index.ts';
import { modelRecipe } from '../streams/analysis/index.ts';
import { DEFAULT_PROGRAM_SETTINGS } from '../streams/program/index.ts';
import { demo, syntheticSource } from '../streams/sources/index.ts';
import { LiveShow, servedShow } from '../src/live/index.ts';
import { ShowServer } from '../src/server/index.ts';
import { syntheticGallery } from './gallery.ts';
import { formatTable } from './measure.ts';

const SECONDS = 60;
/** The first clips warm up connections and compilers. */
const WARM_UP_SECONDS = 10;
const SIZES = [60, 25_000];

const CLIENT = fileURLToPath(new URL('./live-client.js', import.meta.url));

/**
 * A show with its server, the default model and a gallery of each size, heard by a client in a process of its own: the
 * time from the arrival of a clip's last sample to the message at the client, the delay of the main thread's timers,
 * and the outage of the analysis after its process is killed.
 */
export async function benchLive(): Promise<string> {
  const rows: string[][] = [];
  for (const pictures of SIZES) rows.push(await measure(pictures));
  return formatTable(
    ['pictures', 'messages', 'p50', 'p99', 'largest', 'event loop p99', 'clips dropped', 'restart'],
    rows,
  );
}

async function measure(pictures: number): Promise<string[]> {
  const show = await LiveShow.start({
    models: ['built-in'],
    gallery: syntheticGallery(pictures, CLIENT),
    source: 'demo',
    sourceNamed: () => syntheticSource(demo(), { name: 'demo' }),
    modelNamed: () => modelRecipe({ engine: 'cpu', threads: 1 }),
    settings: {},
    defaults: DEFAULT_PROGRAM_SETTINGS,
    hopSamples: DEFAULT_HOP_SAMPLES,
    warn: () => undefined,
  });
  /** Arrival of a clip's last sample, in ms since 1970, by the show's time, which every message carries. */
  const arrivals = new Map<number, number>();
  show.states.subscribe(({ cause, time, latency }) => {
    if (cause !== 'mood') return;
    arrivals.set(time, performance.timeOrigin + performance.now() - latency.total);
  });
  const server = await ShowServer.open({ show: servedShow(show, [], false), port: 0, version: 'bench' });
  const client = spawn(process.execPath, [CLIENT, `ws://127.0.0.1:${server.port}/stream`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const latencies: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const startedAtMs = performance.now();
  const gone = once(client, 'close');
  for await (const line of createInterface({ input: client.stdout })) {
    const [time, receivedAtMs] = JSON.parse(line) as [number, number];
    const elapsed = (performance.now() - startedAtMs) / 1000;
    if (elapsed < WARM_UP_SECONDS) continue;
    delay.enable();
    const arrivedAtMs = arrivals.get(time);
    if (arrivedAtMs !== undefined) latencies.push(receivedAtMs - arrivedAtMs);
    if (elapsed > SECONDS) break;
  }
  delay.disable();
  client.kill();
  await gone;
  const { clips } = show.status();
  const restartMs = await restart(show);
  await server.close();
  await show.close();
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (part: number) => `${sorted[Math.floor(part * (sorted.length - 1))]?.toFixed(1) ?? '–'} ms`;
  return [
    String(pictures),
    String(sorted.length),
    at(0.5),
    at(0.99),
    at(1),
    // The timer itself takes its 10 ms.
    `${Math.max(0, delay.percentile(99) / 1e6 - 10).toFixed(1)} ms`,
    `${clips.dropped + clips.lost} of ${clips.total}`,
    `${(restartMs / 1000).toFixed(2)} s`,
  ];
}

/** Kills the analysis process and waits until it runs again. */
async function restart(show: LiveShow): Promise<number> {
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], {
    encoding: 'utf8',
  });
  const analysis = children.split('\n').find((line) => line.includes('synesthete: analysis'));
  const { restarts } = show.status().analysis;
  const killedAtMs = performance.now();
  process.kill(Number.parseInt(analysis!, 10), 'SIGKILL');
  for (;;) {
    const { analysis: now } = show.status();
    if (now.state === 'running' && now.restarts > restarts) return performance.now() - killedAtMs;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
