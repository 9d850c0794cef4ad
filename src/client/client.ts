import type { Control } from '../../streams/program/index.ts';
import type {
  DisplayReport,
  FaultCode,
  Hello,
  PROTOCOL_VERSION,
  Reply,
  ShowMessage,
} from '../server/protocol/index.ts';
import { Ahead } from './ahead.ts';
import { Connection, type Link, type SocketConstructor } from './connection.ts';
import { ShowClock } from './show-clock.ts';

const VERSION: typeof PROTOCOL_VERSION = 1;
const HELLO_REF = 'hello';
/**
 * Calls `onAhead` once within each stretch of this length, at a random moment: hundreds of displays behind one address
 * don't all fetch at once, and stay within the server's limits for an address.
 */
const AHEAD_EVERY_MS = 5000;

/** What a display says it shows. */
export type Report = Omit<DisplayReport, 'type' | 'ref'>;

/** What a client says of itself: its name, its group of displays, and the token that lets it control the show. */
export type Introduction = Omit<Hello, 'type' | 'ref'>;

/** Options of a {@link ShowClient}. */
export interface ClientOptions {
  /** Sent after each connecting; a function is called each time. */
  readonly hello?: Introduction | (() => Introduction);
  /** By default the global one. Node 20 has none: give it that of the package `ws`. */
  readonly WebSocket?: SocketConstructor;
  /** Called with the whole state of the show, each time that something in it changes. */
  onShow?(message: ShowMessage): void;
  /** Called when the connection is made or lost. */
  onLink?(link: Link): void;
  /** Called when the server has accepted this client's hello. */
  onHello?(mayControl: boolean): void;
  /** Called when the server refuses a hello, or anything else that is no control. */
  onRefusal?(refusal: ShowRefusal): void;
  /** Called when the token is wrong; the client comes back without it, to look only. */
  onTokenRefused?(): void;
  /**
   * Called every few seconds with the addresses of pictures that may come next, the likeliest first. Fetch the first
   * one that you don't have yet.
   * @param ids of the same pictures
   */
  onAhead?(addresses: readonly string[], ids: readonly string[]): void;
}

/** How a client is doing. */
export interface ClientHealth {
  readonly link: Link;
  /** How often a connection was made. */
  readonly connections: number;
  readonly received: number;
  /** States that were left out while connected, because a newer one had come. */
  readonly missed: number;
  /** Messages that don't belong to this version of the protocol. */
  readonly unknown: number;
  /** Since the newest state; null before the first. */
  readonly silentSeconds: number | null;
}

/** A refusal by the show, with the reason in one line. */
export class ShowRefusal extends Error {
  override readonly name = 'ShowRefusal';
  /** A code of the protocol; or `not-connected` or `connection-lost`: no connection, before or after sending. */
  readonly code: FaultCode | 'not-connected' | 'connection-lost';

  constructor(code: ShowRefusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (refusal: ShowRefusal) => void;
}

/**
 * A client of a show, over the push protocol. It connects at once and reconnects until it is closed; messages hold the
 * whole state, so it asks for nothing again.
 */
export class ShowClient {
  readonly #base: URL;
  readonly #options: ClientOptions;
  readonly #connection: Connection;
  readonly #clock = new ShowClock();
  readonly #ahead = new Ahead();
  readonly #waiting = new Map<number, Waiting>();
  #aheadTimer: ReturnType<typeof setTimeout> | undefined;
  #newest: ShowMessage | null = null;
  #newestAtMs = NaN;
  #isFirstOfConnection = true;
  #refusedToken: string | undefined;
  #refs = 0;
  #link: Link = 'connecting';
  #connections = 0;
  #received = 0;
  #missed = 0;
  #unknown = 0;

  /**
   * @param address of the server, as `http://127.0.0.1:8090`, below a path with a slash at its end, as `https://example.org/visuals/`; a
   *   page of the server gives `location.href`
   * @throws Error where there is no WebSocket
   */
  constructor(address: string | URL, options: ClientOptions = {}) {
    this.#base = new URL(address);
    this.#base.protocol = this.#base.protocol.replace('ws', 'http');
    this.#options = options;
    const Socket = options.WebSocket ?? (globalThis as { readonly WebSocket?: SocketConstructor }).WebSocket;
    if (Socket === undefined) throw new Error('there is no WebSocket here: give that of the package ws');
    const stream = new URL('stream', this.#base);
    stream.protocol = stream.protocol.replace('http', 'ws');
    this.#connection = new Connection(stream.href, Socket, {
      onLink: (link) => {
        this.#onLink(link);
      },
      onMessage: (message) => {
        this.#take(message);
      },
      onUnauthorised: () => {
        this.#refusedToken = this.#introduction().token;
        this.#options.onTokenRefused?.();
      },
    });
  }

  /** Whether it is connected now. */
  get link(): Link {
    return this.#link;
  }

  /** The newest state of the show; null before the first. */
  get newest(): ShowMessage | null {
    return this.#newest;
  }

  /**
   * Now, in seconds on the scale of the states' `time`; null before the first. It is late by the shortest delay of the
   * network.
   */
  get showTime(): number | null {
    const offset = this.#clock.offsetSeconds;
    return offset === null ? null : performance.now() / 1000 + offset;
  }

  /** How it is doing. */
  get health(): ClientHealth {
    const sinceMs = performance.now() - this.#newestAtMs;
    return {
      link: this.#link,
      connections: this.#connections,
      received: this.#received,
      missed: this.#missed,
      unknown: this.#unknown,
      silentSeconds: Number.isNaN(sinceMs) ? null : sinceMs / 1000,
    };
  }

  /** The whole address of a path that a state gives relative to the server, as `show.image.url`. */
  address(path: string): string {
    return new URL(path, this.#base).href;
  }

  /** The address of a picture. */
  pictureAddress(id: string): string {
    return this.address(`api/pictures/${encodeURIComponent(id)}`);
  }

  /** Addresses of the pictures that are likely to come next, the likeliest first. */
  get likelyNext(): string[] {
    return this.#likelyIds().map((id) => this.pictureAddress(id));
  }

  /**
   * Sends a control to the show. Resolves when the show has done it.
   * @throws ShowRefusal where the show refuses it, or where there is no connection
   */
  control(control: Control): Promise<void> {
    return new Promise((resolve, reject) => {
      const ref = ++this.#refs;
      if (this.#connection.send({ type: 'control', control, ref }))
        this.#waiting.set(ref, { resolve, reject });
      else reject(new ShowRefusal('not-connected', 'not connected: nothing was sent'));
    });
  }

  /**
   * Tells the show what this display shows: call it when that changes, and every few seconds. @returns false where
   * there is no connection
   */
  report(report: Report): boolean {
    return this.#connection.send({ type: 'report', ...report });
  }

  /** Sends the hello again, after it has changed. Also tries a refused token again. */
  introduce(): void {
    this.#refusedToken = undefined;
    this.#introduce();
  }

  /** Ends the connection for good. */
  close(): void {
    clearTimeout(this.#aheadTimer);
    this.#connection.close();
  }

  #introduce(): void {
    const { token, ...rest } = this.#introduction();
    const isUsable = token !== undefined && token !== this.#refusedToken;
    this.#connection.send({ type: 'hello', ref: HELLO_REF, ...rest, ...(isUsable && { token }) });
  }

  #introduction(): Introduction {
    const { hello = {} } = this.#options;
    return typeof hello === 'function' ? hello() : hello;
  }

  #onLink(link: Link): void {
    this.#link = link;
    if (link === 'connected') {
      this.#connections++;
      this.#isFirstOfConnection = true;
      this.#introduce();
    }
    this.#options.onLink?.(link);
    if (link !== 'lost') return;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) {
      reject(new ShowRefusal('connection-lost', 'the connection was lost before the answer'));
    }
  }

  #take(message: unknown): void {
    if (!isOfProtocol(message)) this.#unknown++;
    else if ('type' in message) this.#takeReply(message);
    else this.#takeShow(message);
  }

  #takeReply(reply: Reply): void {
    const waiting = typeof reply.ref === 'number' ? this.#waiting.get(reply.ref) : undefined;
    if (typeof reply.ref === 'number') this.#waiting.delete(reply.ref);
    if (!reply.ok) {
      const refusal = new ShowRefusal(reply.error.code, reply.error.message);
      if (waiting === undefined) this.#options.onRefusal?.(refusal);
      else waiting.reject(refusal);
    } else if (waiting !== undefined) waiting.resolve();
    else if (reply.ref === HELLO_REF) this.#options.onHello?.(reply.control !== false);
  }

  #takeShow(message: ShowMessage): void {
    const last = this.#newest;
    if (last?.epoch === message.epoch) {
      // A newer state overtook this one.
      if (message.seq <= last.seq) return;
      if (!this.#isFirstOfConnection) this.#missed += message.seq - last.seq - 1;
    } else this.#clock.forget();
    this.#isFirstOfConnection = false;
    this.#received++;
    this.#newest = message;
    this.#newestAtMs = performance.now();
    this.#clock.hear(message.time, this.#newestAtMs / 1000);
    this.#ahead.hear(message);
    this.#options.onShow?.(message);
    this.#announceAhead();
  }

  #likelyIds(): string[] {
    return this.#newest === null ? [] : this.#ahead.likely(this.#newest);
  }

  #announceAhead(): void {
    if (this.#options.onAhead === undefined || this.#aheadTimer !== undefined) return;
    this.#aheadTimer = setTimeout(() => {
      this.#aheadTimer = undefined;
      this.#options.onAhead?.(this.likelyNext, this.#likelyIds());
    }, Math.random() * AHEAD_EVERY_MS);
  }
}

function isOfProtocol(message: unknown): message is ShowMessage | Reply {
  return typeof message === 'object' && message !== null && 'v' in message && message.v === VERSION;
}
