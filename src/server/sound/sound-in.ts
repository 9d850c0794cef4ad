import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { SoundFeed } from '../../../streams/sources/index.ts';
import { TokenBucket, type Access } from '../access/index.ts';
import { faultOf, refusal, type Clients, type DisplayInfo } from '../displays/index.ts';
import { MOST_MESSAGE_BYTES, type Limits } from '../limits.ts';
import type { ServerMetrics } from '../metrics.ts';
import {
  CLOSE_CODES,
  ClientFault,
  PROTOCOL_VERSION,
  describeIssues,
  soundHelloSchema,
  type Reply,
  type SoundHello,
} from '../protocol/index.ts';
import type { FailureLog } from '../quiet-log.ts';

export interface SoundInOptions {
  readonly feed: SoundFeed;
  readonly access: Access;
  readonly clients: Clients;
  readonly limits: Limits;
  readonly metrics: ServerMetrics;
  readonly log: FailureLog;
}

/** Less than a quarter of a second of 8 channels of float32 at 192 kHz. */
const MOST_BLOCK_BYTES = 1 << 20;

const HELLO_WITHIN_MS = 5000;

/** Live sound comes at its own pace; this much may have piled up on the way, and the clocks differ a little. */
const MOST_PILED_UP_SECONDS = 5;
const FASTEST = 1.1;

const BYTES = { s16le: 2, f32le: 4 } as const;

interface Feeder {
  readonly info: DisplayInfo;
  readonly socket: WebSocket;
  readonly bytes: TokenBucket;
}

/**
 * Sound in, at /sound: one feeder at a time. Refuses another feeder, unless it says `takeOver`, or the present one has
 * sent nothing for 1.5 s.
 */
export class SoundIn {
  readonly #options: SoundInOptions;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false,
    maxPayload: MOST_BLOCK_BYTES,
  });
  #feeder: Feeder | undefined;

  constructor(options: SoundInOptions) {
    this.#options = options;
  }

  take(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      const { access, clients } = this.#options;
      const peer = access.peerOf(request);
      const info = clients.add('sound', peer, access.mayControl(undefined, peer));
      const late = setTimeout(() => {
        this.#close(socket, CLOSE_CODES.malformed, 'no hello came');
      }, HELLO_WITHIN_MS);
      let feeder: Feeder | undefined;
      socket.on('error', () => undefined); // a close follows, with its reason
      socket.on('close', () => {
        clearTimeout(late);
        clients.remove(info);
        this.#leave(feeder, 'the connection closed');
      });
      socket.on('message', (data, isBinary) => {
        if (socket.readyState !== socket.OPEN) return;
        try {
          // With the default binaryType a message is one Buffer.
          if (feeder !== undefined) this.#hear(feeder, data as Buffer, isBinary);
          else {
            feeder = this.#begin(info, socket, data as Buffer, isBinary);
            clearTimeout(late);
          }
        } catch (error) {
          this.#refuse(socket, error);
        }
      });
    });
  }

  close(): void {
    for (const socket of this.#sockets.clients) this.#close(socket, 1001, 'the server ends');
    this.#sockets.close();
  }

  /** @throws ClientFault */
  #begin(info: DisplayInfo, socket: WebSocket, data: Buffer, isBinary: boolean): Feeder {
    if (isBinary || data.length > MOST_MESSAGE_BYTES) {
      throw new ClientFault('malformed', 'the first message must say, as JSON text, what the samples are');
    }
    const hello = helloOf(data);
    const { access, feed } = this.#options;
    access.requireControl(hello.token, info);
    info.control = true;
    info.name = hello.name ?? null;
    if (this.#feeder !== undefined) {
      if (hello.takeOver !== true && feed.delivering) {
        throw new ClientFault('unavailable', 'another one sends sound: say takeOver to take its place');
      }
      const before = this.#feeder;
      this.#leave(before, 'another one took its place');
      this.#close(before.socket, CLOSE_CODES['taken-over'], 'another one took the place');
    }
    const { encoding, rate, channels } = hello;
    feed.begin({ encoding, rateHz: rate, channels }, hello.name ?? `a feeder at ${info.address}`);
    const bytesPerSecond = BYTES[encoding] * rate * channels;
    const bytes = new TokenBucket(FASTEST * bytesPerSecond, MOST_PILED_UP_SECONDS * bytesPerSecond);
    this.#feeder = { info, socket, bytes };
    const reply: Reply = { v: PROTOCOL_VERSION, type: 'reply', ok: true, control: true };
    socket.send(JSON.stringify(reply));
    return this.#feeder;
  }

  #hear(feeder: Feeder, data: Buffer, isBinary: boolean): void {
    if (feeder !== this.#feeder) return;
    if (!isBinary) throw new ClientFault('malformed', 'after the hello come samples, as binary messages');
    if (!feeder.bytes.take(data.length)) {
      throw new ClientFault('too-many', 'sound came faster than it plays: are rate and channels right?');
    }
    this.#options.metrics.soundBytes.inc(data.length);
    this.#options.feed.push(data);
  }

  #leave(feeder: Feeder | undefined, reason: string): void {
    if (feeder === undefined || feeder !== this.#feeder) return;
    this.#feeder = undefined;
    this.#options.feed.end(reason);
  }

  #refuse(socket: WebSocket, error: unknown): void {
    const { log, metrics } = this.#options;
    const fault = faultOf(error, log);
    metrics.cut.inc({ reason: fault.code });
    socket.send(JSON.stringify(refusal(fault)));
    const code = fault.code in CLOSE_CODES ? CLOSE_CODES[fault.code as keyof typeof CLOSE_CODES] : 1011;
    this.#close(socket, code, fault.message);
  }

  #close(socket: WebSocket, code: number, message: string): void {
    socket.close(code, message.slice(0, 120));
    const cut = setTimeout(() => {
      socket.terminate();
    }, 1000);
    socket.once('close', () => {
      clearTimeout(cut);
    });
  }
}

/** @throws ClientFault malformed */
function helloOf(data: Buffer): SoundHello {
  let value: unknown;
  try {
    value = JSON.parse(data.toString());
  } catch {
    throw new ClientFault('malformed', 'the first message is not JSON');
  }
  const parsed = soundHelloSchema.safeParse(value);
  if (!parsed.success) throw new ClientFault('malformed', describeIssues(parsed.error));
  return parsed.data;
}
