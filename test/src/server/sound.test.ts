import type { Subscription } from 'rxjs';
import t, { type Test } from 'tap';
import type { SourceEvent } from '../../../streams/sources/index.ts';
import { Client } from './support/client.ts';
import { serve, type Served } from './support/serve.ts';

const HELLO = { type: 'sound', encoding: 'f32le', rate: 22_050, channels: 1 } as const;

/** Listens as the live pipeline does, and waits for what comes. */
class Listener {
  readonly events: SourceEvent[] = [];
  readonly #subscription: Subscription;
  #wake: () => void = () => undefined;

  constructor(t: Test, { server }: Served) {
    this.#subscription = server.sound.events.subscribe((event) => {
      this.events.push(event);
      this.#wake();
    });
    t.teardown(() => {
      this.#subscription.unsubscribe();
    });
  }

  async event(fits: (event: SourceEvent) => boolean): Promise<SourceEvent> {
    for (;;) {
      const found = this.events.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  samples(): number[] {
    return this.events.flatMap((event) => (event.kind === 'block' ? [...event.samples] : []));
  }
}

function ramp(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => (i % 100) / 100);
}

async function feeder(at: string, hello: object): Promise<Client> {
  const client = await Client.open(`ws://${at}/sound`);
  client.send(hello);
  return client;
}

t.test('samples come out of the source as they were sent, however they were cut', async (t) => {
  const served = await serve(t);
  const listener = new Listener(t, served);
  t.match(listener.events, [{ kind: 'status', state: 'lost', message: 'browser: nobody sends sound yet' }]);
  const client = await feeder(served.at, { ...HELLO, name: 'Anna’s phone' });
  t.match(await client.message(({ ok }) => ok === true), { type: 'reply' });
  const sound = ramp(1000);
  const bytes = Buffer.from(sound.buffer);
  for (const [from, to] of [
    [0, 3],
    [3, 1001],
    [1001, 1001],
    [1001, 4000],
  ]) {
    client.socket.send(bytes.subarray(from, to));
  }
  await listener.event(
    (event) => event.kind === 'block' && event.startSample + event.samples.length === 1000,
  );
  t.strictSame(listener.samples(), [...sound]);
  t.match(listener.events[1], { state: 'delivering', message: 'hearing Anna’s phone' });
  client.socket.close();
  await listener.event(
    (event) => event.kind === 'status' && event.state === 'lost' && /is gone/.test(event.message),
  );
  await listener.event((event) => event.kind === 'gap' && event.atSample === 1000);
});

t.test('stereo at 48 kHz in 16 bits is taken to one channel at 22,050 Hz', async (t) => {
  const served = await serve(t);
  const listener = new Listener(t, served);
  const client = await feeder(served.at, { type: 'sound', encoding: 's16le', rate: 48_000, channels: 2 });
  const frames = 4800;
  const samples = new Int16Array(2 * frames);
  for (let i = 0; i < frames; i++) samples[2 * i] = 16_384;
  client.socket.send(samples);
  const block = await listener.event(({ kind }) => kind === 'block');
  if (block.kind !== 'block') throw new Error('unreachable');
  const expected = (frames / 48_000) * 22_050;
  t.ok(Math.abs(block.samples.length - expected) < 200, `${block.samples.length} of ${expected}`);
  t.ok(Math.abs(block.samples[1000]! - 0.25) < 1e-3, 'the mean of both channels');
});

t.test('one at a time: another is refused, unless it takes over', async (t) => {
  const served = await serve(t);
  const listener = new Listener(t, served);
  const first = await feeder(served.at, HELLO);
  first.socket.send(ramp(100));
  await listener.event(({ kind }) => kind === 'block');
  const second = await feeder(served.at, HELLO);
  t.match(await second.closed, { code: 4503, reason: /takeOver/ });
  const third = await feeder(served.at, { ...HELLO, name: 'third', takeOver: true });
  await third.message(({ ok }) => ok === true);
  t.match(await first.closed, { code: 4409 });
  third.socket.send(ramp(100));
  await listener.event((event) => event.kind === 'status' && event.message === 'hearing third');
  await listener.event(({ kind }) => kind === 'gap');
});

t.test('what is no sound is refused with a code, and bad numbers are silenced', async (t) => {
  const served = await serve(t);
  const { at } = served;
  const listener = new Listener(t, served);
  const refused: [(client: Client) => void, number][] = [
    [(client) => client.socket.send(Buffer.alloc(100)), 4400],
    [(client) => client.socket.send('nonsense'), 4400],
    [(client) => client.send({ ...HELLO, rate: 1e9 }), 4400],
    [(client) => client.send({ ...HELLO, channels: 0 }), 4400],
    [(client) => client.send({ ...HELLO, encoding: 'mp3' }), 4400],
    [(client) => client.send({ ...HELLO, name: 'x'.repeat(10_000) }), 4400],
    [(client) => client.socket.send('x'.repeat(2 ** 21)), 1009],
    [
      (client) => {
        client.send(HELLO);
        client.socket.send('text');
      },
      4400,
    ],
    [
      (client) => {
        client.send(HELLO);
        client.socket.send(Buffer.alloc(22_050 * 4 * 6));
      },
      4429,
    ],
  ];
  for (const [act, code] of refused) {
    const client = await Client.open(`ws://${at}/sound`);
    act(client);
    t.equal((await client.closed).code, code);
  }
  const client = await feeder(at, { ...HELLO, takeOver: true });
  client.socket.send(Float32Array.of(0.5, NaN, Infinity, -0.5));
  await listener.event(({ kind }) => kind === 'block');
  t.strictSame(listener.samples(), [0.5, 0, 0, -0.5]);
  t.ok(listener.events.some((event) => event.kind === 'status' && event.state === 'damaged'));
});

t.test('beyond loopback sound needs the token', async (t) => {
  const served = await serve(t, { host: '0.0.0.0' });
  const without = await feeder(served.at, HELLO);
  t.equal((await without.closed).code, 4401);
  const wrong = await feeder(served.at, { ...HELLO, token: 'wrong' });
  t.equal((await wrong.closed).code, 4401);
  const right = await feeder(served.at, { ...HELLO, token: served.server.token });
  t.match(await right.message(() => true), { ok: true });
});
