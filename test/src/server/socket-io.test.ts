import { io, type Socket } from 'socket.io-client';
import t, { type Test } from 'tap';
import type { ShowMessage } from '../../../src/server/index.ts';
import { EngineClient } from './support/engine.ts';
import { stateOf } from './support/fake-show.ts';
import { serve } from './support/serve.ts';

function open(t: Test, at: string, options: Parameters<typeof io>[1] = {}): Socket {
  const socket = io(`http://${at}`, { forceNew: true, reconnection: false, ...options });
  t.teardown(() => socket.disconnect());
  return socket;
}

/** What comes with the next event of that name. */
function once(socket: Socket, event: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    socket.once(event, (...args: unknown[]) => {
      resolve(args);
    });
  });
}

/** The states that came, for a test to wait for: several may come in one piece. */
class States {
  readonly #states: ShowMessage[] = [];
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    socket.on('show', (state: ShowMessage) => {
      this.#states.push(state);
      this.#wake();
    });
  }

  async state(seq: number): Promise<ShowMessage> {
    for (;;) {
      // The newest of that number: a change of group brings the same state again.
      const found = this.#states.findLast((state) => state.seq === seq);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
  t.test(`the same protocol over Socket.IO, ${transports.join(' then ')}`, async (t) => {
    const { show, at } = await serve(t);
    show.states.next(stateOf('a', [], 1, 0, ['b', 'c']));
    const socket = open(t, at, { transports, auth: { name: 'left', group: 2 } });
    const states = new States(socket);
    t.match(await states.state(0), { v: 1, seq: 0, show: { image: { id: 'c', url: 'api/pictures/c' } } });
    t.match(await socket.emitWithAck('hello', { group: 'main' }), { ok: true, control: true });
    for (let seq = 1; seq < 20; seq++) {
      show.states.next(stateOf('b', ['a'], seq));
      const message = await states.state(seq);
      t.match(message, { seq, show: { image: { id: 'b' } } });
    }
    t.match(await socket.emitWithAck('control', { control: { control: 'next' } }), { ok: true });
    t.match(await socket.emitWithAck('control', { control: { control: 'fly' } }), {
      ok: false,
      error: { code: 'malformed' },
    });
    t.match(await socket.emitWithAck('control'), { ok: false, error: { code: 'malformed' } });
    socket.emit('hello', { group: 77 });
    t.match((await once(socket, 'reply'))[0], { ok: false });
    t.strictSame(show.asked, [{ control: 'next' }]);
  });
}

t.test('a wrong token is refused, in the handshake and later', async (t) => {
  const { server, at } = await serve(t, { host: '0.0.0.0' });
  const refused = open(t, at, { auth: { token: 'wrong' } });
  t.match((await once(refused, 'connect_error'))[0], { message: 'the token is wrong' });
  const later = open(t, at);
  await once(later, 'connect');
  t.match(await later.emitWithAck('control', { control: { control: 'next' } }), {
    ok: false,
    error: { code: 'unauthorised' },
  });
  later.emit('hello', { token: 'wrong' });
  await once(later, 'disconnect');
  const right = open(t, at, { auth: { token: server.token } });
  await once(right, 'connect');
  t.match(await right.emitWithAck('control', { control: { control: 'next' } }), { ok: true });
});

t.test('a handshake that no display makes is the client’s fault, and told in one line', async (t) => {
  const { server, at, log } = await serve(t);
  for (const auth of [{ name: 7 }, { group: 77 }, { token: ['x'] }, { name: 'left\u0007' }]) {
    const [error] = (await once(open(t, at, { auth }), 'connect_error')) as [Error];
    t.match(error.message, new RegExp(`^${Object.keys(auth)[0]}: [^\n]+$`));
  }
  t.strictSame(log, []);
  t.equal(server.clients, 0);
});

t.test('a connection that closes as it comes in takes no place', async (t) => {
  const { server, at } = await serve(t);
  const url = `http://${at}/socket.io/?EIO=4&transport=polling`;
  const cases: [string, number][] = [
    ['40\x1e1', 0],
    ['40{"name":"left"}\x1e1', 0],
    ['40\x1e40\x1e1', 0],
    // Of two at once one comes in.
    ['40\x1e40', 1],
  ];
  for (const [packets, clients] of cases) {
    const opened = (await (await fetch(url)).text()).slice(1);
    const { sid } = JSON.parse(opened) as { sid: string };
    const post = (body: string) => fetch(`${url}&sid=${sid}`, { method: 'POST', body });
    await post(packets);
    // What Socket.IO puts off to its next turn has happened by then.
    await new Promise(setImmediate);
    t.equal(server.clients, clients, JSON.stringify(packets));
    await post('1');
  }
  t.equal(server.clients, 0);
  const torn = await EngineClient.open(at);
  torn.socket.send('40');
  torn.socket.terminate();
  const whole = await EngineClient.open(at);
  whole.socket.send('40');
  await whole.packet('40');
  while (server.clients > 1) await new Promise(setImmediate);
  whole.socket.close();
  while (server.clients > 0) await new Promise(setImmediate);
});

t.test('displays come and go on one connection, one at a time, and leave nothing behind', async (t) => {
  const limits = { messagesPerSecond: 0.001, messagesBurst: 40 };
  const { show, server, at } = await serve(t, { limits });
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => warnings.push(message);
  process.on('warning', onWarning);
  t.teardown(() => process.off('warning', onWarning));
  const client = await EngineClient.open(at);
  const rounds = 15;
  for (let round = 0; round < rounds; round++) {
    client.socket.send('40');
    await client.packet('40');
    t.equal(server.clients, 1);
    client.socket.send('41');
    while (server.clients === 1) await new Promise(setImmediate);
  }
  client.socket.send('40');
  await client.packet('40');
  show.states.next(stateOf('a'));
  await client.packet('42["show"');
  const metrics = await (await fetch(`http://${at}/metrics`)).text();
  t.match(metrics, new RegExp(`^synesthete_messages_received_total ${2 * rounds + 1}$`, 'm'));
  t.strictSame(warnings, []);
  for (let i = 0; i < 20; i++) client.socket.send('42["hello",{}]');
  await client.closed;
});

t.test('floods, oversized and binary packets harm only who sends them', async (t) => {
  const { show, server, at } = await serve(t, { limits: { messagesPerSecond: 1, messagesBurst: 30 } });
  const other = open(t, at, { transports: ['websocket'] });
  await once(other, 'connect');
  const hasty = open(t, at, { transports: ['websocket'] });
  await once(hasty, 'connect');
  for (let i = 0; i < 50; i++) hasty.emit('hello', {});
  await once(hasty, 'disconnect');
  const oversized = open(t, at, { transports: ['websocket'] });
  await once(oversized, 'connect');
  oversized.emit('hello', { name: 'x'.repeat(20_000) });
  await once(oversized, 'disconnect');
  const binary = open(t, at, { transports: ['websocket'] });
  await once(binary, 'connect');
  t.match(await binary.emitWithAck('control', Buffer.from([1, 2])), { ok: false });
  const states = new States(other);
  show.states.next(stateOf('a'));
  t.ok(await states.state(0));
  t.equal(server.clients, 2);
});

t.test('one that stops reading is given no more than the network holds', async (t) => {
  const { show, at } = await serve(t);
  const stalled = open(t, at, { transports: ['websocket'] });
  const reading = open(t, at, { transports: ['websocket'] });
  await Promise.all([once(stalled, 'connect'), once(reading, 'connect')]);
  const engine = stalled.io.engine as unknown as { transport: { ws: import('ws').WebSocket } };
  engine.transport.ws.pause();
  const candidates = Array.from({ length: 64 }, (_, i) => `picture-${'x'.repeat(50)}-${i}`);
  const before = process.memoryUsage();
  const read = new States(reading);
  const count = 2000;
  for (let seq = 0; seq < count; seq++) {
    show.states.next(stateOf('a', candidates));
    await read.state(seq);
  }
  const after = process.memoryUsage();
  t.ok(after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed < 60e6);
  const { clients } = (await (await fetch(`http://${at}/api/clients`)).json()) as {
    clients: { skipped: number }[];
  };
  t.ok(
    clients.some(({ skipped }) => skipped > 0),
    JSON.stringify(clients.map(({ skipped }) => skipped)),
  );
  const last = new Promise<void>((resolve) => {
    stalled.on('show', ({ seq }: ShowMessage) => {
      if (seq === count - 1) resolve();
    });
  });
  engine.transport.ws.resume();
  await last;
});

t.test('a client of Socket.IO 2 is refused in words', async (t) => {
  const { at } = await serve(t);
  for (const version of ['EIO=3&', '']) {
    const answer = await fetch(`http://${at}/socket.io/?${version}transport=polling`);
    t.equal(answer.ok, false);
    t.match(await answer.text(), /Socket\.IO 3 and 4 \(EIO=4\): update the client/);
  }
  t.ok((await fetch(`http://${at}/socket.io/?EIO=4&transport=polling`)).ok);
});
