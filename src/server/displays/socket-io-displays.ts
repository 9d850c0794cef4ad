import type { Server as HttpServer } from 'node:http';
import { Server, type Socket } from 'socket.io';
import { z } from 'zod';
import { TokenBucket } from '../access/index.ts';
import { MOST_MESSAGE_BYTES } from '../limits.ts';
import {
  ClientFault,
  describeIssues,
  groupSchema,
  helloSchema,
  type Group,
  type Reply,
  type ShowMessage,
} from '../protocol/index.ts';
import { faultOf, refusal } from './conversation.ts';
import type { DisplayInfo } from './display.ts';
import type { DisplaysOptions } from './websocket-displays.ts';

interface FromServer {
  show: (message: ShowMessage) => void;
  reply: (reply: Reply) => void;
}

interface FromClient {
  hello: (...args: unknown[]) => void;
  control: (...args: unknown[]) => void;
  report: (...args: unknown[]) => void;
}

/** A connection of Engine.IO. Displays join and leave on it, one at a time. */
interface Line {
  /** Whether it holds a packet that the transport can't take yet. */
  waiting: boolean;
  /** The display that has joined on it and has not left. */
  info: DisplayInfo | undefined;
  display: Display | undefined;
}

interface DisplayData {
  info: DisplayInfo;
  line: Line;
}

type Display = Socket<FromClient, FromServer, Record<string, never>, DisplayData>;
type Connection = Display['conn'];

/** The room of displays that are behind, besides the room of their group. */
const BEHIND = 'behind';

const JOIN_WITHIN_MS = 5000;

/** What a client of Socket.IO 2 gets; versions 3 and 4 speak protocol 4 of Engine.IO. */
const OTHER_VERSION =
  'this show speaks Socket.IO 3 and 4 (EIO=4): update the client, socket.io-client to version 4, or use the WebSocket at /stream';

const handshakeSchema = z.looseObject({
  ...helloSchema.pick({ name: true, role: true, token: true }).shape,
  group: groupSchema.optional(),
});

/**
 * Displays that speak Socket.IO, at /socket.io: states come as the event `show`; `hello`, `control` and `report` go the other
 * way, with the fields of the messages of /stream without their type; the acknowledgement is the reply. `auth` of the
 * handshake takes what a hello does.
 */
export class SocketIoDisplays {
  readonly #options: DisplaysOptions;
  readonly #server: Server<FromClient, FromServer, Record<string, never>, DisplayData>;
  readonly #displays = new Set<Display>();
  readonly #lines = new WeakMap<Connection, Line>();

  constructor(options: DisplaysOptions, httpServer: HttpServer) {
    this.#options = options;
    const { access, clients, limits, requests } = options;
    this.#server = new Server(httpServer, {
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: MOST_MESSAGE_BYTES,
      connectTimeout: JOIN_WITHIN_MS,
      pingInterval: limits.heartbeatMs,
      pingTimeout: Math.max(limits.heartbeatMs, limits.stalledAfterMs - limits.heartbeatMs),
      // allowRequest refuses others; these may read the answers to their polling.
      cors: { origin: [...access.foreignOrigins], methods: ['GET', 'POST'] },
      // Leaves upgrades of other paths to others.
      destroyUpgrade: false,
      allowRequest: (request, decide) => {
        try {
          access.checkRequest(request);
          if (!/[?&]EIO=4(?:&|$)/.test(request.url ?? '')) throw new ClientFault('refused', OTHER_VERSION);
          // Until a client joins, it holds a connection: limit the time.
          const peer = access.peerOf(request);
          if (!requests.take(peer.address)) throw new ClientFault('too-many', 'too many requests');
          clients.checkRoom(peer);
          decide(null, true);
        } catch (error) {
          decide(faultOf(error, options.log).message, false);
        }
      },
    });
    this.#server.engine.on('connection', (connection: Connection) => {
      this.#watch(connection);
    });
    this.#server.use((socket, next) => {
      try {
        this.#enter(socket);
        next();
      } catch (error) {
        next(new Error(faultOf(error, options.log).message));
      }
    });
    this.#server.on('connection', (socket) => {
      this.#take(socket);
    });
  }

  /** Sends a new state, encoded once for each group. */
  publish(): void {
    const { announcer, metrics } = this.#options;
    const groups = new Map<Group, number>();
    for (const socket of this.#displays) {
      const { info, line } = socket.data;
      // One packet waits already: put no more behind it.
      if (line.waiting) {
        void socket.join(BEHIND);
        info.skipped++;
        metrics.skipped.inc();
        continue;
      }
      const group = info.group ?? 'main';
      groups.set(group, (groups.get(group) ?? 0) + 1);
    }
    for (const [group, count] of groups) {
      const newest = announcer.newest(group);
      if (newest === undefined) continue;
      this.#server.local.to(roomOf(group)).except(BEHIND).emit('show', newest.message);
      metrics.sent.inc(count);
    }
  }

  /** Disconnects its displays; the caller closes the HTTP server. */
  close(): void {
    this.#server.disconnectSockets(true);
    this.#server.engine.close();
  }

  /** Counts a connection from its first packet on, also without a display on it. */
  #watch(connection: Connection): void {
    const { limits, metrics } = this.#options;
    const line: Line = { waiting: false, info: undefined, display: undefined };
    this.#lines.set(connection, line);
    const bucket = new TokenBucket(limits.messagesPerSecond, limits.messagesBurst);
    connection.on('packet', () => {
      metrics.received.inc();
      if (bucket.take()) return;
      metrics.cut.inc({ reason: 'too-many' });
      connection.close(true);
    });
    connection.on('packetCreate', () => {
      line.waiting = true;
    });
    // It has handed everything to the transport.
    connection.on('drain', () => {
      line.waiting = false;
      const { display } = line;
      if (display?.rooms.has(BEHIND) !== true) return;
      void display.leave(BEHIND);
      this.#send(display);
    });
    // Socket.IO reports nothing about a display whose connection closed between joining and its first turn.
    connection.on('close', () => {
      this.#leave(line);
    });
  }

  /** @throws ClientFault when it may not join */
  #enter(socket: Display): void {
    const { access, clients, conversation } = this.#options;
    const line = this.#lines.get(socket.conn);
    if (line === undefined || socket.conn.readyState !== 'open') {
      throw new ClientFault('unavailable', 'the connection is closed');
    }
    if (line.info !== undefined) throw new ClientFault('refused', 'this connection has a display already');
    const peer = access.peerOf(socket.request);
    clients.checkRoom(peer);
    const hello = handshakeSchema.safeParse(socket.handshake.auth);
    if (!hello.success) throw new ClientFault('malformed', describeIssues(hello.error));
    const info = clients.add('socket.io', peer, access.mayControl(undefined, peer));
    line.info = info;
    socket.data = { info, line };
    try {
      conversation.greet(info, hello.data);
    } catch (error) {
      this.#leave(line);
      throw error;
    }
  }

  #leave(line: Line): void {
    const { display, info } = line;
    if (display !== undefined) this.#displays.delete(display);
    if (info !== undefined) {
      this.#options.clients.remove(info);
      this.#options.watch.leave(info, false);
    }
    line.display = undefined;
    line.info = undefined;
  }

  #take(socket: Display): void {
    const { info, line } = socket.data;
    line.display = socket;
    this.#displays.add(socket);
    socket.on('disconnect', () => {
      this.#leave(line);
    });
    socket.on('hello', (...args) => {
      void this.#answer(socket, 'hello', args);
    });
    socket.on('control', (...args) => {
      void this.#answer(socket, 'control', args);
    });
    socket.on('report', (...args) => {
      void this.#answer(socket, 'report', args);
    });
    void socket.join(roomOf(info.group ?? 'main'));
    this.#send(socket);
  }

  #send(socket: Display): void {
    const newest = this.#options.announcer.newest(socket.data.info.group ?? 'main');
    if (newest === undefined) return;
    socket.emit('show', newest.message);
    this.#options.metrics.sent.inc();
  }

  async #answer(socket: Display, type: keyof FromClient, args: readonly unknown[]): Promise<void> {
    const { conversation, log, metrics } = this.#options;
    const { info, line } = socket.data;
    const groupBefore = info.group ?? 'main';
    const acknowledge = args.at(-1);
    let reply: Reply;
    let cut: 'unauthorised' | 'too-many' | undefined;
    try {
      reply = await conversation.answer(info, { ...fieldsOf(args[0]), type });
    } catch (error) {
      const fault = faultOf(error, log);
      reply = refusal(fault);
      if (fault.code === 'unauthorised' || fault.code === 'too-many') cut = fault.code;
    }
    if (!reply.ok) metrics.refused.inc({ code: reply.error.code });
    if (typeof acknowledge === 'function') (acknowledge as (reply: Reply) => void)(reply);
    else if (!line.waiting && (!reply.ok || type !== 'report')) socket.emit('reply', reply);
    if (cut !== undefined) {
      metrics.cut.inc({ reason: cut });
      socket.disconnect(true);
      return;
    }
    const group = info.group ?? 'main';
    if (group === groupBefore) return;
    void socket.leave(roomOf(groupBefore));
    void socket.join(roomOf(group));
    this.#send(socket);
  }
}

function roomOf(group: Group): string {
  return `group ${group}`;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : { malformed: true };
}
