import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { WebSocket, WebSocketServer } from 'ws';
import {
  ShowClient,
  ShowRefusal,
  type ClientOptions,
  type Link,
  type ShowMessage,
} from '../../../src/client/index.ts';
import { messageWith } from '../../web-client/console/support/status.ts';

/* Against a server that says what a test lets it say. Displays and console, which are made of the client, are tested with the program's own. */

class ScriptedServer {
  readonly #server: WebSocketServer;
  readonly heard: Record<string, unknown>[] = [];
  #sockets: WebSocket[] = [];
  #wakes: (() => void)[] = [];

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.push(socket);
      socket.on('message', (data) => {
        this.heard.push(JSON.parse((data as Buffer).toString()) as Record<string, unknown>);
        for (const wake of this.#wakes.splice(0)) wake();
      });
    });
  }

  static async open(t: Test): Promise<ScriptedServer> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const scripted = new ScriptedServer(server);
    t.teardown(() => {
      scripted.#socket.terminate();
      server.close();
    });
    return scripted;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/display?name=left`;
  }

  get #socket(): WebSocket {
    return this.#sockets.at(-1)!;
  }

  /** Waits until so many messages were heard. */
  async hears(count: number): Promise<Record<string, unknown>> {
    while (this.heard.length < count) await new Promise<void>((resolve) => this.#wakes.push(resolve));
    return this.heard[count - 1]!;
  }

  says(message: object | string): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  replies(reply: object): void {
    this.says({ v: 1, type: 'reply', ...reply });
  }

  closes(code: number): void {
    this.#socket.close(code);
  }
}

/** A client of the server, closed with the test. */
function clientOf(t: Test, server: ScriptedServer, options: ClientOptions = {}) {
  const client = new ShowClient(server.address, { WebSocket, ...options });
  t.teardown(() => {
    client.close();
  });
  return client;
}

t.test('the newest state counts, and what is no state does no harm', async (t) => {
  const server = await ScriptedServer.open(t);
  const shown: number[] = [];
  let onLast: () => void;
  const last = new Promise<void>((resolve) => (onLast = resolve));
  const client = clientOf(t, server, {
    onShow({ seq, epoch }: ShowMessage) {
      shown.push(seq);
      if (epoch === 'two') onLast();
    },
  });
  t.match(await server.hears(1), { type: 'hello' });
  server.says(messageWith(1, 'live'));
  server.says(messageWith(5, 'hold'));
  server.says(messageWith(4, 'live'));
  server.says('no JSON');
  server.says({ ...messageWith(6, 'live'), v: 2 });
  server.says(messageWith(0, 'blackout', 'two'));
  await last;
  t.strictSame(shown, [1, 5, 0]);
  t.match(client.newest, { epoch: 'two', show: { state: 'blackout' } });
  t.match(client.health, { link: 'connected', connections: 1, received: 3, missed: 3, unknown: 2 });
  const since = client.showTime! - client.newest!.time;
  t.ok(since >= 0 && since < 5, 'its time runs on');
  t.equal(client.address('/api/pictures/a'), new URL('/api/pictures/a', server.address).href);
});

t.test('a control resolves when it is done, and is rejected with why not', async (t) => {
  const server = await ScriptedServer.open(t);
  const client = clientOf(t, server);
  await t.rejects(client.control({ control: 'next' }), { code: 'not-connected' });
  await server.hears(1);
  const done = client.control({ control: 'next' });
  const refused = client.control({ control: 'pin', image: 'none' });
  const lost = client.control({ control: 'back' });
  const [next, pin] = [await server.hears(2), await server.hears(3)];
  t.match(next, { type: 'control', control: { control: 'next' } });
  server.replies({ ok: false, ref: pin['ref'], error: { code: 'refused', message: 'no such picture' } });
  server.replies({ ok: true, ref: next['ref'], control: true });
  await done;
  await t.rejects(refused, new ShowRefusal('refused', 'no such picture'));
  server.closes(1001);
  await t.rejects(lost, { code: 'connection-lost' });
});

t.test('it comes back by itself, and stays away once it is closed', async (t) => {
  const server = await ScriptedServer.open(t);
  const links: Link[] = [];
  const client = clientOf(t, server, {
    hello: { name: 'left', group: 2 },
    onLink: (link) => links.push(link),
  });
  await server.hears(1);
  server.closes(1012);
  t.match(await server.hears(2), { type: 'hello', name: 'left', group: 2 });
  client.close();
  t.strictSame(links, ['connecting', 'connected', 'lost', 'connecting', 'connected', 'lost']);
  t.equal(client.health.connections, 2);
  await new Promise((resolve) => setTimeout(resolve, 600));
  t.equal(server.heard.length, 2);
});

t.test('a wrong token is not sent again by itself', async (t) => {
  const server = await ScriptedServer.open(t);
  let refusals = 0;
  let tellMayControl: (may: boolean) => void;
  const mayControl = new Promise<boolean>((resolve) => (tellMayControl = resolve));
  const client = clientOf(t, server, {
    hello: { token: 'wrong' },
    onTokenRefused: () => refusals++,
    onHello: (may) => {
      tellMayControl(may);
    },
  });
  t.match(await server.hears(1), { token: 'wrong' });
  server.closes(4401);
  t.notMatch(await server.hears(2), { token: 'wrong' });
  t.equal(refusals, 1);
  client.introduce();
  t.match(await server.hears(3), { token: 'wrong' }, 'but when asked to');
  server.replies({ ok: true, ref: 'hello', control: false });
  t.equal(await mayControl, false);
});

t.test('what may come next is reported with its addresses', async (t) => {
  const server = await ScriptedServer.open(t);
  const told = new Promise<readonly string[]>((resolve) => {
    clientOf(t, server, { onAhead: resolve });
  });
  await server.hears(1);
  server.says({ ...messageWith(1, 'live'), candidates: [{ id: 'sea & sky', score: -1 }] });
  t.strictSame(await told, [new URL('/api/pictures/sea%20%26%20sky', server.address).href]);
});
