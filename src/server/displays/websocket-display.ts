import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { TokenBucket } from '../access/index.ts';
import type { Limits } from '../limits.ts';
import { CLOSE_CODES } from '../protocol/index.ts';
import type { DisplayInfo } from './display.ts';

/** After this many bytes since its last sign of life, a display must give another one … */
const ASK_AFTER_BYTES = 32 * 1024;

/** … and gets no more states until it answers: what the network holds for it would be old before it is read. */
const MOST_UNANSWERED_BYTES = 128 * 1024;

/** A closing handshake that takes longer is cut short. */
const CLOSE_WITHIN_MS = 1000;

/**
 * A display on a WebSocket. It gets a state only when it keeps up: when its socket takes bytes, and when it has
 * answered a ping lately. A display that doesn't is `behind`, and gets the newest state when it has caught up; so only
 * what its socket had already taken queues for it.
 */
export class WebSocketDisplay {
  readonly info: DisplayInfo;
  readonly socket: WebSocket;
  readonly bucket: TokenBucket;
  /** The last state that it was sent. */
  sentSeq = -1;
  readonly #stream: Duplex;
  readonly #limits: Limits;
  readonly #onCaughtUp: (display: WebSocketDisplay) => void;
  #behind = false;
  #sinceAnswerBytes = 0;
  #sincePingBytes = 0;
  #pingedAtMs: number | undefined;
  #nextPingMs: number;
  #closing = false;

  /** @param stream what `socket` writes to. @param onCaughtUp called when the display can take a state again */
  constructor(
    info: DisplayInfo,
    socket: WebSocket,
    stream: Duplex,
    limits: Limits,
    onCaughtUp: (display: WebSocketDisplay) => void,
  ) {
    this.info = info;
    this.socket = socket;
    this.#stream = stream;
    this.#limits = limits;
    this.#onCaughtUp = onCaughtUp;
    this.bucket = new TokenBucket(limits.messagesPerSecond, limits.messagesBurst);
    // Displays that joined together are not all pinged together.
    this.#nextPingMs = performance.now() + (0.5 + Math.random() / 2) * limits.heartbeatMs;
    stream.on('drain', () => {
      this.#catchUp();
    });
    socket.on('pong', () => {
      if (this.#pingedAtMs === undefined) return;
      this.#pingedAtMs = undefined;
      this.#sinceAnswerBytes = this.#sincePingBytes;
      this.#catchUp();
    });
  }

  /** @param frame as `textFrame` makes it. @returns false when it was not sent, because the display does not keep up */
  offer(frame: Buffer, seq: number): boolean {
    if (this.#closing || this.socket.readyState !== this.socket.OPEN) return true;
    if (this.#behind || this.#stream.writableNeedDrain || this.#sinceAnswerBytes > MOST_UNANSWERED_BYTES) {
      this.#behind = true;
      this.info.skipped++;
      return false;
    }
    this.sentSeq = seq;
    this.#stream.write(frame);
    this.#sinceAnswerBytes += frame.length;
    this.#sincePingBytes += frame.length;
    if (this.#sinceAnswerBytes > ASK_AFTER_BYTES && this.#pingedAtMs === undefined) this.#ping();
    return true;
  }

  /** Sends text to this display alone; drops it when the display does not read. */
  say(text: string): void {
    if (this.#closing || this.#stream.writableNeedDrain) return;
    this.socket.send(text);
  }

  /** Sends a ping when it is time. @returns false when the last sign of life is too long ago */
  checkAlive(nowMs: number): boolean {
    if (this.#pingedAtMs !== undefined) return nowMs - this.#pingedAtMs < this.#limits.stalledAfterMs;
    if (nowMs >= this.#nextPingMs) this.#ping();
    return true;
  }

  /** @returns false when it is being closed already. */
  close(reason: keyof typeof CLOSE_CODES, message: string): boolean {
    if (this.#closing) return false;
    this.#end(CLOSE_CODES[reason], message);
    return true;
  }

  /** Closes because the server ends: 1001, going away. */
  goAway(): void {
    this.#end(1001, 'the server ends');
  }

  /** Closes because of a message of the kind that this socket does not take: 1003. */
  refuseBinary(): void {
    this.#end(1003, 'messages here are JSON text');
  }

  #end(code: number, message: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.socket.close(code, message.slice(0, 120));
    const cut = setTimeout(() => {
      this.socket.terminate();
    }, CLOSE_WITHIN_MS);
    this.socket.once('close', () => {
      clearTimeout(cut);
    });
  }

  #ping(): void {
    if (this.#closing || this.socket.readyState !== this.socket.OPEN) return;
    const nowMs = performance.now();
    this.#pingedAtMs = nowMs;
    this.#nextPingMs = nowMs + this.#limits.heartbeatMs;
    this.#sincePingBytes = 0;
    this.socket.ping();
  }

  #catchUp(): void {
    if (!this.#behind || this.#stream.writableNeedDrain) return;
    if (this.#sinceAnswerBytes > MOST_UNANSWERED_BYTES) return;
    this.#behind = false;
    this.#onCaughtUp(this);
  }
}
