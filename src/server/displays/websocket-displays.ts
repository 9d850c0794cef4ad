import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Access, AddressBuckets } from '../access/index.ts';
import { MOST_MESSAGE_BYTES, type Limits } from '../limits.ts';
import type { ServerMetrics } from '../metrics.ts';
import { ClientFault, type Group } from '../protocol/index.ts';
import type { FailureLog } from '../quiet-log.ts';
import type { Announcer } from './announcer.ts';
import type { Clients } from './clients.ts';
import { faultOf, refusal, wantsReply, type Conversation } from './conversation.ts';
import type { DisplayWatch } from './display-watch.ts';
import { textFrame } from './frame.ts';
import { readQuery } from './query.ts';
import { WebSocketDisplay } from './websocket-display.ts';

export interface DisplaysOptions {
  readonly access: Access;
  readonly announcer: Announcer;
  readonly clients: Clients;
  readonly conversation: Conversation;
  readonly watch: DisplayWatch;
  readonly limits: Limits;
  readonly metrics: ServerMetrics;
  /** What each address may still request. */
  readonly requests: AddressBuckets;
  readonly log: FailureLog;
}

/**
 * Writing to thousands of displays is cut into slices of this length, so that the rest of the program gets its turn:
 * neither the analysis nor a console's answer must wait for the displays.
 */
const SLICE_MS = 5;

/** Time between two searches for quiet displays. */
const LOOK_EVERY_MS = 250;

/** All displays at /stream. */
export class WebSocketDisplays {
  readonly #options: DisplaysOptions;
  readonly #displays = new Set<WebSocketDisplay>();
  readonly #frames = new Map<Group, { readonly seq: number; readonly frame: Buffer }>();
  readonly #looking: NodeJS.Timeout;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Small messages gain little, and each display would cost a compressor.
    perMessageDeflate: false,
    maxPayload: MOST_MESSAGE_BYTES,
  });
  /** Displays that still need the newest state. */
  #left: Iterator<WebSocketDisplay> | undefined;
  /** Whether the next slice is scheduled. */
  #waiting = false;

  constructor(options: DisplaysOptions) {
    this.#options = options;
    this.#looking = setInterval(() => {
      this.#cutQuietOnes();
    }, LOOK_EVERY_MS);
  }

  /** @throws ClientFault malformed, when the query is not one of a display */
  take(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const hello = readQuery(request);
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      const { access, clients, conversation, limits, watch } = this.#options;
      const peer = access.peerOf(request);
      const info = clients.add('ws', peer, access.mayControl(undefined, peer));
      const display = new WebSocketDisplay(info, socket, stream, limits, (ready) => {
        this.#send(ready);
      });
      conversation.greet(info, hello);
      this.#displays.add(display);
      socket.on('error', () => undefined); // a close follows, with its reason
      socket.on('close', (code) => {
        this.#displays.delete(display);
        clients.remove(info);
        // No closing handshake: its page, machine or network failed.
        watch.leave(info, code === 1006);
      });
      this.#listen(display, socket);
      this.#send(display);
    });
  }

  /**
   * Call it before a new state is announced: sends the last state at once to the displays that still need it. Displays
   * that read miss nothing, even on a machine too busy for the slices.
   */
  finishRound(): void {
    this.#sendUntil(Infinity);
  }

  /** Sends a new state. */
  publish(): void {
    this.#left = this.#displays.values();
    this.#sendSlice();
  }

  close(): void {
    clearInterval(this.#looking);
    this.#left = undefined;
    for (const display of this.#displays) display.goAway();
    this.#sockets.close();
  }

  #sendSlice(): void {
    this.#sendUntil(performance.now() + SLICE_MS);
    if (this.#left === undefined || this.#waiting) return;
    this.#waiting = true;
    setImmediate(() => {
      this.#waiting = false;
      this.#sendSlice();
    });
  }

  #sendUntil(untilMs: number): void {
    if (this.#left === undefined) return;
    for (let next = this.#left.next(); next.done !== true; next = this.#left.next()) {
      this.#send(next.value);
      if (performance.now() >= untilMs) return;
    }
    this.#left = undefined;
  }

  /** The newest state, unless the display has it. */
  #send(display: WebSocketDisplay): void {
    const newest = this.#frameOf(display.info.group ?? 'main');
    if (newest === undefined || newest.seq === display.sentSeq) return;
    const { metrics } = this.#options;
    if (display.offer(newest.frame, newest.seq)) metrics.sent.inc();
    else metrics.skipped.inc();
  }

  #frameOf(group: Group): { seq: number; frame: Buffer } | undefined {
    const made = this.#frames.get(group);
    const { announcer } = this.#options;
    if (made?.seq === announcer.seq) return made;
    const announcement = announcer.newest(group);
    if (announcement === undefined) return undefined;
    const frame = { seq: announcement.seq, frame: textFrame(announcement.text) };
    this.#frames.set(group, frame);
    return frame;
  }

  #listen(display: WebSocketDisplay, socket: WebSocket): void {
    const { metrics } = this.#options;
    const count = (): boolean => {
      metrics.received.inc();
      if (display.bucket.take()) return true;
      this.#cut(display, 'too-many', 'too many messages');
      return false;
    };
    // Each of them costs a pong.
    socket.on('ping', count);
    socket.on('message', (data, isBinary) => {
      if (!count()) return;
      if (isBinary) {
        metrics.cut.inc({ reason: 'binary' });
        display.refuseBinary();
        return;
      }
      // With the default binaryType a message is one Buffer.
      void this.#answer(display, (data as Buffer).toString());
    });
  }

  async #answer(display: WebSocketDisplay, text: string): Promise<void> {
    const { conversation, log, metrics } = this.#options;
    const groupBefore = display.info.group;
    try {
      const message = parseJson(text);
      const reply = await conversation.answer(display.info, message);
      if (!reply.ok) metrics.refused.inc({ code: reply.error.code });
      if (!reply.ok || wantsReply(message)) display.say(JSON.stringify(reply));
    } catch (error) {
      const fault = faultOf(error, log);
      metrics.refused.inc({ code: fault.code });
      display.say(JSON.stringify(refusal(fault)));
      if (fault.code === 'unauthorised' || fault.code === 'too-many') {
        this.#cut(display, fault.code, fault.message);
      }
    }
    if (display.info.group === groupBefore) return;
    display.sentSeq = -1;
    this.#send(display);
  }

  #cutQuietOnes(): void {
    const nowMs = performance.now();
    for (const display of this.#displays) {
      if (!display.checkAlive(nowMs)) this.#cut(display, 'stalled', 'no sign of life');
    }
  }

  #cut(display: WebSocketDisplay, reason: 'too-many' | 'unauthorised' | 'stalled', message: string): void {
    if (display.close(reason, message)) this.#options.metrics.cut.inc({ reason });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ClientFault('malformed', 'the message is not JSON');
  }
}
