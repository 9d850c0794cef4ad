import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Registry } from 'prom-client';
import type { Subscription } from 'rxjs';
import { SoundFeed, type Source } from '../../streams/sources/index.ts';
import {
  Access,
  AddressBuckets,
  Connections,
  Proxies,
  checkToken,
  checkedPublicUrl,
  createToken,
  isLoopback,
} from './access/index.ts';
import {
  Announcer,
  Clients,
  Conversation,
  DisplayWatch,
  SocketIoDisplays,
  WebSocketDisplays,
  faultOf,
  refusal,
  type DisplaysOptions,
} from './displays/index.ts';
import { FAULT_STATUS, Routes, serveBelow, takeTurns } from './http/index.ts';
import { LIMITS, type Limits } from './limits.ts';
import { consoleLink } from './link.ts';
import { cannotListen, checkListening } from './listening.ts';
import { ServerMetrics } from './metrics.ts';
import { ClientFault, type Group } from './protocol/index.ts';
import { createQuietLog, type FailureLog } from './quiet-log.ts';
import type { Show } from './show.ts';
import { SoundIn } from './sound/index.ts';

export interface ShowServerOptions {
  readonly show: Show;
  /** `127.0.0.1` unless set. Beyond loopback controls need a token. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The control token, 12 characters or more: that of the last start keeps consoles linked. */
  readonly token?: string;
  readonly allowedOrigins?: readonly string[];
  /** By which browsers reach the server through a proxy, as `https://show.example.org/visuals/`. Controls need a token then. */
  readonly publicUrl?: string;
  /** Addresses or networks of proxies whose forwarded headers count. Controls need a token then. */
  readonly trustedProxies?: readonly string[];
  /** The built web client. */
  readonly staticFolder?: string;
  /** Version of the program, for the documents. */
  readonly version: string;
  /** Where the sound goes that browsers and other programs send to /sound; a new feed unless set. */
  readonly sound?: SoundFeed;
  readonly limits?: Partial<Limits>;
  /** Called with failures: one line a minute for each kind. */
  readonly log?: (line: string) => void;
}

/** What says who reaches the server. */
type Checked = Pick<ShowServerOptions, 'host' | 'publicUrl' | 'trustedProxies'>;

const LOOPBACK = '127.0.0.1';

/** Requests and their headers must come within this time, which is checked at intervals. */
const REQUEST_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 2000;

/** After this time a connection without traffic is cut, for example that of a client that does not read its picture. */
const IDLE_MS = 30_000;

const KEEP_ALIVE_MS = 5000;

/** Connections besides those of clients: requests for pages and pictures. */
const PLAIN_CONNECTIONS = 2000;

/** Pushes a show to displays, takes controls and sound in, and serves the pages. */
export class ShowServer {
  /** Sound that browsers and other programs send to /sound. */
  readonly sound: Source;
  /** undefined where none is needed, on loopback. */
  readonly token: string | undefined;
  readonly host: string;
  readonly #publicUrl: URL | undefined;
  readonly #http: Server;
  readonly #feed: SoundFeed;
  readonly #websockets: WebSocketDisplays;
  readonly #socketIo: SocketIoDisplays;
  readonly #soundIn: SoundIn;
  readonly #access: Access;
  readonly #clients: Clients;
  readonly #watch: DisplayWatch;
  readonly #metrics: ServerMetrics;
  readonly #log: FailureLog;
  #states: Subscription | undefined;

  /**
   * Opens a server that listens.
   *
   * @throws SynestheteError CANNOT_LISTEN; USAGE for a token that is too short
   */
  static async open(options: ShowServerOptions): Promise<ShowServer> {
    const server = new ShowServer(options);
    try {
      await server.#listen(options);
    } catch (error) {
      await server.close();
      throw cannotListen('the server', server.host, options.port, error);
    }
    return server;
  }

  /** Checks, before there is a show, that a server can be opened. Rejects as `open` does. */
  static async check(options: Checked & Pick<ShowServerOptions, 'port' | 'token'>) {
    const { host = LOOPBACK, port, token, publicUrl, trustedProxies = [] } = options;
    checkToken(token);
    if (publicUrl !== undefined) checkedPublicUrl(publicUrl);
    new Proxies(trustedProxies);
    await checkListening('the server', host, port);
  }

  /** Whether controls need a token: others than the users of this machine reach the server. */
  static needsToken({ host = LOOPBACK, publicUrl, trustedProxies = [] }: Checked): boolean {
    return !isLoopback(host) || publicUrl !== undefined || trustedProxies.length > 0;
  }

  private constructor(options: ShowServerOptions) {
    const { show, version, token } = options;
    checkToken(token);
    const limits = { ...LIMITS, ...options.limits };
    this.host = options.host ?? LOOPBACK;
    this.token = token ?? (ShowServer.needsToken(options) ? createToken() : undefined);
    this.#publicUrl = options.publicUrl === undefined ? undefined : checkedPublicUrl(options.publicUrl);
    const proxies = new Proxies(options.trustedProxies ?? []);
    this.#feed = options.sound ?? new SoundFeed('browser');
    this.sound = this.#feed;
    const access = new Access({
      host: this.host,
      proxies,
      ...(this.#publicUrl !== undefined && { publicUrl: this.#publicUrl }),
      ...(this.token === undefined ? {} : { token: this.token }),
      ...(options.allowedOrigins === undefined ? {} : { allowedOrigins: options.allowedOrigins }),
    });
    const clients = new Clients(limits);
    const announcer = new Announcer((id) => show.picture(id));
    const log = createQuietLog(options.log ?? (() => undefined), (kind) => {
      metrics.failures.inc({ kind });
    });
    const asked = (group: Group) => announcer.newest(group)?.message.show;
    const watch = new DisplayWatch({ clients, asked, badAfterMs: limits.badAfterMs, log });
    const metrics = new ServerMetrics(clients, watch, () => show.status());
    this.#log = log;
    this.#watch = watch;
    const tooMany = (): void => {
      metrics.cut.inc({ reason: 'too-many' });
    };
    const conversation = new Conversation({
      access,
      watch,
      control: (control) => show.control(control),
      log,
    });
    const requests = new AddressBuckets(limits.requestsPerSecond, limits.requestsBurst);
    const shared = { access, announcer, clients, conversation, watch };
    const displays: DisplaysOptions = { ...shared, limits, metrics, requests, log };
    const routes = new Routes({
      ...displays,
      show,
      version,
      ...(this.#publicUrl !== undefined && { publicPath: this.#publicUrl.pathname }),
      pictures: new AddressBuckets(limits.picturesPerSecond, limits.picturesBurst),
      ...(options.staticFolder === undefined ? {} : { staticFolder: options.staticFolder }),
    });
    this.#access = access;
    this.#clients = clients;
    this.#metrics = metrics;
    this.#http = createServer(
      {
        headersTimeout: REQUEST_WITHIN_MS,
        requestTimeout: REQUEST_WITHIN_MS,
        connectionsCheckingInterval: LOOK_EVERY_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        maxHeaderSize: 16_384,
      },
      (request, response) => void routes.handle(request, response),
    );
    this.#http.timeout = IDLE_MS;
    this.#http.maxConnections = limits.clients + PLAIN_CONNECTIONS;
    new Connections(limits, proxies).limit(this.#http, tooMany);
    this.#http.on('upgrade', (request, stream, head) => {
      this.#upgrade(request, stream, head);
    });
    this.#websockets = new WebSocketDisplays(displays);
    this.#socketIo = new SocketIoDisplays(displays, this.#http);
    this.#soundIn = new SoundIn({ ...displays, feed: this.#feed });
    takeTurns(this.#http, tooMany);
    if (this.#publicUrl !== undefined) serveBelow(this.#http, this.#publicUrl.pathname);
    this.#states = show.states.subscribe({
      next: (state) => {
        metrics.observe(state);
        this.#websockets.finishRound();
        announcer.announce(state);
        this.#websockets.publish();
        this.#socketIo.publish();
      },
      // The command that runs the show reports the error.
      error: () => undefined,
    });
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** For people: the console, with the token where one is needed. */
  get link(): string {
    return consoleLink(this.#place, this.token);
  }

  /** The same without the token. */
  get address(): string {
    return consoleLink(this.#place);
  }

  get #place() {
    return { host: this.host, port: this.port, publicUrl: this.#publicUrl };
  }

  /** The registry of /metrics, where the rest of the program counts as well. */
  get registry(): Registry {
    return this.#metrics.registry;
  }

  get clients(): number {
    return this.#clients.count;
  }

  /** Disconnects all clients, and releases the port. */
  async close(): Promise<void> {
    this.#states?.unsubscribe();
    this.#states = undefined;
    this.#websockets.close();
    this.#socketIo.close();
    this.#soundIn.close();
    this.#feed.end('the server ends');
    this.#metrics.close();
    this.#watch.close();
    await new Promise<void>((resolve) => {
      this.#http.close(() => {
        resolve();
      });
      this.#http.closeIdleConnections();
      // Responses that nobody reads would keep the server open; displays are cut within this time anyway.
      setTimeout(() => {
        this.#http.closeAllConnections();
      }, 1000).unref();
    });
  }

  #listen({ port }: ShowServerOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, this.host, () => {
        this.#http.off('error', reject);
        this.#http.on('error', (error) => {
          this.#log('server', `the server: ${error.message}`);
        });
        resolve();
      });
    });
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const path = request.url?.split('?', 1)[0] ?? '';
    if (path === '/socket.io/') return; // Socket.IO hears of it too
    stream.on('error', () => undefined); // it closes, which is all there is to know
    try {
      this.#access.checkRequest(request);
      if (path !== '/stream' && path !== '/sound') {
        throw new ClientFault('not-found', 'WebSockets are at /stream and /sound');
      }
      this.#clients.checkRoom(this.#access.peerOf(request));
      if (path === '/stream') this.#websockets.take(request, stream, head);
      else this.#soundIn.take(request, stream, head);
    } catch (error) {
      const fault = faultOf(error, this.#log);
      const body = JSON.stringify(refusal(fault));
      stream.end(
        `HTTP/1.1 ${FAULT_STATUS[fault.code]} Refused\r\nConnection: close\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        () => {
          stream.destroy();
        },
      );
    }
  }
}
