import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { namesWebSocket, sendBack } from './upgrade.ts';

/** What a connection may have waiting: no browser sends a request before the last one is answered. */
const MOST_WAITING = 32;

/** @returns the answer that the turn waits for; undefined when the turn is over at once */
type Turn = () => ServerResponse | undefined;

/**
 * Lets each connection have one request in work, and lets all others have their turn in between: what a client has sent
 * ahead (pipelined) waits, and is dropped when it leaves. Node itself begins all of them at once, and never closes the
 * answers that wait for their turn when the connection goes, so that what they had opened would stay open.
 *
 * Handshakes of WebSockets wait like requests. An `Upgrade` to anything else is ignored (RFC 9110, section 7.8).
 *
 * @param server with all its listeners: those of `request` and `upgrade` are called in turn from now on
 * @param cut called for a connection that sends too much ahead, which is closed
 */
export function takeTurns(server: Server, cut: () => void): void {
  const lines = new WeakMap<Duplex, Line>();
  const lineOf = (socket: Duplex): Line => {
    const found = lines.get(socket) ?? new Line(socket, cut);
    lines.set(socket, found);
    return found;
  };
  const answer = taken(server, 'request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  const upgrade = taken(server, 'upgrade') as ((
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ) => void)[];
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    lineOf(request.socket).add(() => {
      for (const listener of answer) listener(request, response);
      return response;
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    lineOf(socket).add(() => {
      if (namesWebSocket(request)) for (const listener of upgrade) listener(request, socket, head);
      else sendBack(server, request, head);
      return undefined;
    });
  });
}

function taken(server: Server, event: 'request' | 'upgrade'): unknown[] {
  const listeners = server.listeners(event).map((listener) => listener.bind(server) as unknown);
  server.removeAllListeners(event);
  return listeners;
}

/** The requests of one connection. */
class Line {
  readonly #socket: Duplex;
  readonly #cut: () => void;
  #waiting: Turn[] = [];
  #isBusy = false;

  constructor(socket: Duplex, cut: () => void) {
    this.#socket = socket;
    this.#cut = cut;
    socket.once('close', () => {
      this.#waiting = [];
    });
  }

  add(turn: Turn): void {
    if (this.#socket.destroyed) return;
    if (!this.#isBusy) this.#begin(turn);
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(turn);
    else {
      this.#cut();
      this.#waiting = [];
      this.#socket.destroy();
    }
  }

  #begin(turn: Turn): void {
    this.#isBusy = false;
    const response = turn();
    if (response === undefined) return;
    this.#isBusy = true;
    response.once('close', () => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#isBusy = false;
      else
        setImmediate(() => {
          if (!this.#socket.destroyed) this.#begin(next);
        });
    });
  }
}
