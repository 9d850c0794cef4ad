import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { analysisOf } from './processes.ts';

const KILL_EVERY_MS = 60_000;
const CONNECTS_A_SECOND = 50;
const STRANGER_EVERY_MS = 1000;
/** Requests that the stranger sends on one connection before it leaves without reading an answer. */
const PIPELINED = 200;

/** What was done to the show. */
export interface Faults {
  kills: number;
  /** Displays that connected, took one message and broke off. */
  connects: number;
  /** Those that got no message. */
  refused: number;
  /** Pipelined requests of the stranger. */
  requests: number;
}

/** The analysis process is killed every minute. */
export async function killAnalysis(pid: number, faults: Faults, signal: AbortSignal): Promise<void> {
  for (;;) {
    await pause(KILL_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const analysis = await analysisOf(pid);
    if (analysis === undefined) continue;
    process.kill(analysis, 'SIGKILL');
    faults.kills += 1;
  }
}

/** Fifty displays a second connect, take their first message and break off. */
export async function connectAndLeave(origin: string, faults: Faults, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    void connectOnce(origin, faults);
    await pause(1000 / CONNECTS_A_SECOND);
  }
}

function connectOnce(origin: string, faults: Faults): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/stream`, { handshakeTimeout: 10_000 });
    let got = false;
    socket.on('message', () => {
      got = true;
      socket.terminate();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      faults.connects += 1;
      if (!got) faults.refused += 1;
      resolve();
    });
  });
}

/** A stranger sends hundreds of requests at once on one connection, for pictures or for a large document, and leaves. */
export async function pipeline(
  origin: string,
  paths: readonly string[],
  faults: Faults,
  signal: AbortSignal,
): Promise<void> {
  const { hostname, port, host } = new URL(origin);
  for (let turn = 0; !signal.aborted; turn++) {
    const path = paths[turn % paths.length]!;
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.on('connect', () => {
      const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      socket.write(request.repeat(PIPELINED), () => {
        faults.requests += PIPELINED;
        socket.destroy();
      });
    });
    await pause(STRANGER_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
