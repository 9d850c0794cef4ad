import type { ShowMessage } from '../../src/server/protocol/index.ts';
import { forgetToken } from './token.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4000;
/** A connection that held for so long was accepted: the next one to be lost is a new trouble. */
const ACCEPTED_AFTER_MS = 5000;
/** A server that says nothing for so long is gone, whatever the socket believes: a show speaks several times a second. */
const SILENCE_MS = 8000;

/** Code of the protocol: the token is wrong. */
const UNAUTHORISED = 4401;

export type Link = 'connecting' | 'connected' | 'lost';

export interface ConnectionHandlers {
  onShow(message: ShowMessage): void;
  onLink?(link: Link): void;
  /** An answer to something that was sent, by its `ref`. */
  onReply?(reply: Reply): void;
  /** The token was wrong and is forgotten; the page comes back without it, to look only. */
  onTokenRefused?(): void;
}

export interface Reply {
  readonly ok: boolean;
  readonly ref?: string | number;
  readonly control?: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * The page's connection to the show. It comes back by itself for as long as the page is open; messages hold the whole
 * state, so nothing is asked for again.
 */
export class Connection {
  readonly #hello: () => Readonly<Record<string, unknown>>;
  readonly #handlers: ConnectionHandlers;
  #socket: WebSocket | null = null;
  #pauseMs = FIRST_PAUSE_MS;
  #silence = 0;
  /** Newest message of the epoch: what overtook it on the way is not shown any more. */
  #epoch = '';
  #seq = -1;

  /** @param hello what is said of this page after each connecting: `name`, `group`, `token` of the protocol's hello */
  constructor(hello: () => Readonly<Record<string, unknown>>, handlers: ConnectionHandlers) {
    this.#hello = hello;
    this.#handlers = handlers;
    this.#open();
    // A machine that slept, or a network that is back, need not wait for the pause to end.
    for (const event of ['online', 'pageshow']) {
      addEventListener(event, () => {
        if (this.#socket === null) this.#open();
      });
    }
  }

  /** Sends a message; false when there is no connection, and nothing was sent. */
  send(message: Readonly<Record<string, unknown>>): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Says anew what this page is. */
  introduce(): void {
    this.send({ type: 'hello', ref: 'hello', ...this.#hello() });
  }

  #open(): void {
    this.#handlers.onLink?.('connecting');
    const url = new URL('/stream', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#awaitSpeech();
    let openedAtMs = Infinity;
    socket.addEventListener('open', () => {
      openedAtMs = performance.now();
      this.introduce();
      this.#handlers.onLink?.('connected');
    });
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      this.#awaitSpeech();
      if (performance.now() - openedAtMs > ACCEPTED_AFTER_MS) this.#pauseMs = FIRST_PAUSE_MS;
      if (typeof data === 'string') this.#take(JSON.parse(data) as ShowMessage | (Reply & { type: 'reply' }));
    });
    socket.addEventListener('close', ({ code }) => {
      if (this.#socket !== socket) return;
      if (code === UNAUTHORISED) {
        forgetToken();
        this.#handlers.onTokenRefused?.();
      }
      this.#lose();
    });
  }

  #take(message: ShowMessage | (Reply & { type: 'reply' })): void {
    if ('type' in message) {
      this.#handlers.onReply?.(message);
      return;
    }
    if (message.epoch === this.#epoch && message.seq <= this.#seq) return;
    this.#epoch = message.epoch;
    this.#seq = message.seq;
    this.#handlers.onShow(message);
  }

  #awaitSpeech(): void {
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => {
      this.#socket?.close();
      this.#lose();
    }, SILENCE_MS);
  }

  #lose(): void {
    clearTimeout(this.#silence);
    this.#socket = null;
    this.#handlers.onLink?.('lost');
    // Displays that lost the same server don't all come back in the same moment.
    const pauseMs = this.#pauseMs * (0.5 + Math.random());
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.#pauseMs);
    setTimeout(() => {
      if (this.#socket === null) this.#open();
    }, pauseMs);
  }
}
