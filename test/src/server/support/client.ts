import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import type { ShowMessage } from '../../../../src/server/index.ts';

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A client that keeps what it is sent, for a test to wait for. */
export class Client {
  readonly socket: WebSocket;
  readonly messages: unknown[] = [];
  readonly closed: Promise<Closed>;
  #waiting: (() => void)[] = [];

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, options);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
      });
    });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse((data as Buffer).toString()));
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  static async open(url: string, options: ClientOptions = {}): Promise<Client> {
    const client = new Client(url, options);
    await once(client.socket, 'open');
    return client;
  }

  /** The first message that fits, of those that came and those to come. */
  async message<Message = { ok: boolean; error: { code: string }; ref?: unknown; control?: boolean }>(
    fits: (message: Record<string, unknown>) => boolean,
  ): Promise<Message> {
    for (;;) {
      const found = this.messages.find((message) => fits(message as Record<string, unknown>));
      if (found !== undefined) return found as Message;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  state(seq: number): Promise<ShowMessage> {
    return this.message<ShowMessage>((message) => message['seq'] === seq);
  }

  reply(ref: unknown) {
    return this.message((message) => message['type'] === 'reply' && message['ref'] === ref);
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }
}

/** The HTTP status that a WebSocket was refused with. */
export function refusedWith(url: string, options: ClientOptions = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.on('open', () => {
      reject(new Error('it was taken'));
    });
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode);
      response.destroy();
    });
    socket.on('error', () => undefined);
  });
}
