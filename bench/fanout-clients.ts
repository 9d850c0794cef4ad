import { once } from 'node:events';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

/** The displays that a process simulates. */
export interface FanoutTask {
  readonly transport: 'ws' | 'socket.io';
  readonly displays: number;
  readonly port: number;
  /** Whether they read; others stop as soon as they are connected. */
  readonly prediction: boolean;
}

export interface FanoutReport {
  /** States received since the requested one, summed over all displays. */
  readonly received: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

/** Connections made at a time. */
const AT_A_TIME = 50;

const ages: { readonly seq: number; readonly ageMs: number }[] = [];

function take(seq: number, timeSeconds: number): void {
  ages.push({ seq, ageMs: Date.now() - timeSeconds * 1000 });
}

const SEQ = /"seq":(\d+),"time":([\d.]+)/;

async function connectWs({ port, prediction }: FanoutTask): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/stream`, { perMessageDeflate: false });
  socket.on('message', (data) => {
    // Thousands of displays share this process, so they don't parse whole messages as real ones do.
    const [, seq, time] = SEQ.exec((data as Buffer).toString('latin1', 0, 120)) ?? [];
    take(Number(seq), Number(time));
  });
  await once(socket, 'open');
  if (!prediction) socket.pause();
}

async function connectSocketIo({ port, prediction }: FanoutTask): Promise<void> {
  const socket = io(`http://127.0.0.1:${port}`, { forceNew: true, transports: ['websocket'] });
  socket.on('show', ({ seq, time }: { seq: number; time: number }) => {
    take(seq, time);
  });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  if (prediction) return;
  const { transport } = socket.io.engine as unknown as { transport: { ws: WebSocket } };
  transport.ws.pause();
}

async function connectAll(task: FanoutTask): Promise<void> {
  const connect = task.transport === 'ws' ? connectWs : connectSocketIo;
  for (let made = 0; made < task.displays; made += AT_A_TIME) {
    const count = Math.min(AT_A_TIME, task.displays - made);
    await Promise.all(Array.from({ length: count }, () => connect(task)));
  }
}

function reportFrom(from: number): FanoutReport {
  const sorted = ages
    .filter(({ seq }) => seq >= from)
    .map(({ ageMs }) => ageMs)
    .sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? NaN;
  return { received: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), longestMs: at(1) };
}

process.on('message', (message: FanoutTask | { readonly from: number }) => {
  if ('from' in message) process.send?.(reportFrom(message.from));
  else void connectAll(message).then(() => process.send?.('connected'));
});
