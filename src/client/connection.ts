import type { CLOSE_CODES } from '../server/protocol/index.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4000;
/** A connection that held this long was accepted: losing it is a new trouble. */
const ACCEPTED_AFTER_MS = 5000;
/**
 * A server that says nothing for this long is gone, even if the socket is open: a show sends several states a second.
 */
const SILENCE_MS = 8000;

const UNAUTHORISED: (typeof CLOSE_CODES)['unauthorised'] = 4401;
/** `readyState` of a socket that takes messages. */
const OPEN = 1;

/** Whether a client is connected. */
export type Link = 'connecting' | 'connected' | 'lost';

/** The part of a WebSocket that the client uses: browsers, Node 22 and the package `ws` have one. */
export interface Socket {
  readonly readyState: number;
  /** Sends a text message. */
  send(data: string): void;
  /** Ends the connection. */
  close(): void;
  /** Listens for opening and errors. */
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  /** Listens for messages. */
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  /** Listens for the close. */
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void;
}

/** Opens a WebSocket. */
export type SocketConstructor = new (address: string) => Socket;

export interface ConnectionHandlers {
  onLink(link: Link): void;
  /** Called with the parsed JSON of a text message. */
  onMessage(message: unknown): void;
  /** Called when the server closes the connection because of a wrong token; the client reconnects anyway. */
  onUnauthorised(): void;
}

/** In browsers only: a machine that wakes up, or a network that is back, ends the pause at once. */
const WAKE_EVENTS = ['online', 'pageshow'];

type Wakes = Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;

/** A WebSocket that reconnects, after pauses from 0.25 to 4 s, until it is closed. */
export class Connection {
  readonly #address: string;
  readonly #Socket: SocketConstructor;
  readonly #handlers: ConnectionHandlers;
  #socket: Socket | null = null;
  #pauseMs = FIRST_PAUSE_MS;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  readonly #onWake = (): void => {
    if (this.#socket === null) this.#open();
  };

  constructor(address: string, Socket: SocketConstructor, handlers: ConnectionHandlers) {
    this.#address = address;
    this.#Socket = Socket;
    this.#handlers = handlers;
    for (const event of WAKE_EVENTS) (globalThis as Wakes).addEventListener?.(event, this.#onWake);
    this.#open();
  }

  /** Sends a message as JSON. @returns false when there is no connection, and nothing was sent */
  send(message: object): boolean {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** For good. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const event of WAKE_EVENTS) (globalThis as Wakes).removeEventListener?.(event, this.#onWake);
    this.#drop();
    this.#handlers.onLink('lost');
  }

  #open(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#pause);
    this.#handlers.onLink('connecting');
    const socket = new this.#Socket(this.#address);
    this.#socket = socket;
    this.#awaitSpeech();
    let openedAtMs = Infinity;
    socket.addEventListener('open', () => {
      if (this.#socket !== socket) return;
      openedAtMs = performance.now();
      this.#handlers.onLink('connected');
    });
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket !== socket) return;
      this.#awaitSpeech();
      if (performance.now() - openedAtMs > ACCEPTED_AFTER_MS) this.#pauseMs = FIRST_PAUSE_MS;
      if (typeof data === 'string') this.#handlers.onMessage(parsed(data));
    });
    socket.addEventListener('close', ({ code }) => {
      if (this.#socket !== socket) return;
      if (code === UNAUTHORISED) this.#handlers.onUnauthorised();
      this.#lose();
    });
    // A close follows; without a listener, `ws` throws the error.
    socket.addEventListener('error', () => undefined);
  }

  #awaitSpeech(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#lose();
    }, SILENCE_MS);
  }

  #lose(): void {
    this.#drop();
    // Clients that lost the same server don't all reconnect at the same moment.
    const pauseMs = this.#pauseMs * (0.5 + Math.random());
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.#pauseMs);
    this.#pause = setTimeout(this.#onWake, pauseMs);
    this.#handlers.onLink('lost');
  }

  #drop(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#pause);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}

/** @returns undefined where it is no JSON */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
