import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A WebSocket to Socket.IO that says what no client library would: the packets of Engine.IO, as they are written. */
export class EngineClient {
  readonly socket: WebSocket;
  readonly packets: string[] = [];
  readonly closed: Promise<unknown>;
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', resolve);
    });
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      this.packets.push((data as Buffer).toString());
      this.#wake();
    });
  }

  static async open(at: string): Promise<EngineClient> {
    const client = new EngineClient(new WebSocket(`ws://${at}/socket.io/?EIO=4&transport=websocket`));
    await once(client.socket, 'open');
    return client;
  }

  /** The first packet that begins so, of those that came and those to come; it is taken out. */
  async packet(start: string): Promise<string> {
    for (;;) {
      const at = this.packets.findIndex((packet) => packet.startsWith(start));
      if (at >= 0) return this.packets.splice(at, 1)[0]!;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
