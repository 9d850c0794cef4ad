import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';

const LONGEST_VISIT_MS = 60_000;
/** How often one that stalls stops reading, and for how long at most. */
const LONGEST_STALL_MS = 40_000;

interface Message {
  readonly seq?: number;
  readonly time: number;
  readonly latency: { readonly total: number };
}

/** What all displays of a soak saw, and whether those that read missed anything. */
export class Displays {
  visits = 0;
  messages = 0;
  /** Messages that a reading display missed, by the gaps in their numbers. */
  missing = 0;
  /** Connections of reading displays that ended without being asked to. */
  cut = 0;
  /** From the arrival of a clip's last sample to the message at a display, in ms. */
  readonly latencies: number[] = [];
  readonly #address: string;
  readonly #signal: AbortSignal;

  constructor(origin: string, signal: AbortSignal) {
    this.#address = `${origin.replace('http', 'ws')}/stream`;
    this.#signal = signal;
  }

  /** One display: it connects, watches for a time and leaves; one in two closes the connection properly. */
  async visit(ms: number, { measured = false } = {}): Promise<void> {
    this.visits += 1;
    const socket = new WebSocket(this.#address);
    let last = -1;
    let lastTotal: number | undefined;
    let offsetMs = -Infinity;
    let leaves = false;
    socket.on('message', (data: Buffer) => {
      const nowMs = performance.now();
      const message = JSON.parse(data.toString()) as Message;
      if (message.seq === undefined) return;
      this.messages += 1;
      if (last >= 0) this.missing += Math.max(0, message.seq - last - 1);
      last = message.seq;
      // The fastest message counts as one that took no time to come: on one machine that is a fraction of a millisecond.
      offsetMs = Math.max(offsetMs, 1000 * message.time - nowMs);
      const { total } = message.latency;
      // A message without a new clip repeats the latency of the last one.
      if (measured && lastTotal !== undefined && total !== lastTotal)
        this.latencies.push(total + nowMs + offsetMs - 1000 * message.time);
      lastTotal = total;
    });
    socket.on('error', () => undefined);
    const closed = once(socket, 'close').then(() => {
      if (!leaves) this.cut += 1;
    });
    await Promise.race([closed, this.#pause(ms)]);
    leaves = true;
    if (Math.random() < 0.5) socket.close();
    else socket.terminate();
    await closed;
  }

  async comeAndGo(): Promise<void> {
    for (;;) {
      await this.#pause(Math.random() * LONGEST_VISIT_MS);
      if (this.#signal.aborted) return;
      await this.visit(Math.random() * LONGEST_VISIT_MS);
    }
  }

  /** A display whose network or program hangs: it is connected and reads nothing, again and again. */
  async stall(): Promise<void> {
    while (!this.#signal.aborted) {
      const socket = new WebSocket(this.#address);
      socket.on('error', () => undefined);
      socket.on('open', () => {
        socket.pause();
      });
      const closed = once(socket, 'close');
      await Promise.race([closed, this.#pause(Math.random() * LONGEST_STALL_MS)]);
      socket.terminate();
    }
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#signal }).catch(() => undefined);
  }
}
