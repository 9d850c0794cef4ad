import { once } from 'node:events';
import fc from 'fast-check';
import t from 'tap';
import { controlMessageSchema } from '../../../src/server/protocol/index.ts';
import { Client } from './support/client.ts';
import { EngineClient } from './support/engine.ts';
import { stateOf } from './support/fake-show.ts';
import { serve } from './support/serve.ts';

/** 100,000 messages together. */
const ROUNDS = 40;
const STREAMS = 10;
const TO_EACH_STREAM = 220;
/** Each is sent so many events, and then a packet that need not be one; so they are opened again in each round. */
const SOCKET_IOS = 10;
const EVENTS = 24;
const KINDS = ['', '0', '1', '2', '3', '4', '40', '41', '42', '43', '44', '451-', '6', 'b'];
/** The first message that is refused closes them. */
const SOUNDS = 50;

/** Near misses of real messages, any JSON, and text that is none. */
function malformedMessages(): string[] {
  const near = fc.record(
    {
      type: fc.oneof(fc.constantFrom('control', 'hello', '__proto__', 'sound'), fc.jsonValue()),
      control: fc.oneof(
        fc.jsonValue(),
        fc.record(
          {
            control: fc.oneof(fc.constantFrom('hold', 'pin', 'dwell', 'mood-offset', 'source'), fc.string()),
            on: fc.jsonValue(),
            image: fc.jsonValue(),
            value: fc.double(),
          },
          { requiredKeys: ['control'] },
        ),
      ),
      group: fc.jsonValue(),
      name: fc.jsonValue(),
      unknown: fc.constant(1),
    },
    { requiredKeys: ['unknown'] },
  );
  const text = fc.oneof(
    near.map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string({ unit: 'binary' }),
    near.map((value) => JSON.stringify(value).slice(0, -1)),
    fc.integer({ min: 1, max: 4000 }).map((depth) => '['.repeat(depth)),
  );
  return fc.sample(text, { seed: 4, numRuns: 5000 });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

t.test('100,000 malformed messages are each refused, and the show goes on', async (t) => {
  const many = 1e9;
  const limits = {
    ...{ messagesPerSecond: many, messagesBurst: many },
    ...{ requestsPerSecond: many, requestsBurst: many },
  };
  const { show, server, at, log } = await serve(t, { limits });
  const display = await Client.open(`ws://${at}/stream`);
  const malformed = malformedMessages();
  t.ok(new Set(malformed).size > 3000, 'of many kinds');
  let next = 0;
  const message = () => malformed[next++ % malformed.length]!;
  const json = malformed.filter(isJson);
  const streams = await Promise.all(Array.from({ length: STREAMS }, () => Client.open(`ws://${at}/stream`)));
  let accepted = 0;
  let refused = 0;
  for (const { socket } of streams) {
    socket.removeAllListeners('message');
    socket.on('message', (data) => {
      const text = (data as Buffer).toString();
      if (text.includes('"ok":false')) refused++;
      else if (text.includes('"ok":true')) accepted++;
    });
  }
  const attackStream = async ({ socket }: Client) => {
    for (let i = 0; i < TO_EACH_STREAM; i++) socket.send(message());
    // All of it is read before more is sent: the server answers pings in turn.
    socket.ping();
    await once(socket, 'pong');
  };
  const attackSocketIo = async () => {
    const client = await EngineClient.open(at);
    client.socket.send('40');
    await client.packet('40');
    for (let i = 0; i < EVENTS; i++) client.socket.send(`42${i}["control",${json[next++ % json.length]!}]`);
    for (let i = 0; i < EVENTS; i++) {
      if ((await client.packet(`43${i}[`)).includes('"ok":false')) refused++;
      else accepted++;
    }
    client.socket.send(`${KINDS[next % KINDS.length]!}${message()}`);
    client.socket.close();
    await client.closed;
  };
  const attackSound = async () => {
    const client = await Client.open(`ws://${at}/sound`);
    client.socket.send(message());
    if ((await client.closed).code === 4400) refused++;
    else accepted++;
  };
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all([
      ...streams.map(attackStream),
      ...Array.from({ length: SOCKET_IOS }, attackSocketIo),
      ...Array.from({ length: SOUNDS }, attackSound),
    ]);
    show.states.next(stateOf('a', [], round));
    await display.state(round);
  }
  const toStreams = ROUNDS * STREAMS * TO_EACH_STREAM;
  const events = ROUNDS * SOCKET_IOS * EVENTS;
  const toSound = ROUNDS * SOUNDS;
  t.equal(toStreams + events + ROUNDS * SOCKET_IOS + toSound, 100_000);
  t.equal(accepted, 0);
  t.ok(
    refused > 0.9 * toStreams + events + toSound,
    `${refused} were answered, the others dropped as nobody read`,
  );
  t.equal(new Set((display.messages as { seq: number }[]).map(({ seq }) => seq)).size, ROUNDS);
  t.strictSame(show.asked, []);
  // They are displays that never say what they show.
  t.strictSame(
    log.filter((line) => !line.startsWith('does not report')),
    [],
  );
  const metrics = await (await fetch(`http://${at}/metrics`)).text();
  t.match(metrics, new RegExp(`messages_refused_total\\{code="malformed"\\} ${toStreams + events}`));
  t.match(metrics, new RegExp(`clients_cut_total\\{reason="malformed"\\} ${toSound}`));
  while (server.clients > STREAMS + 1) await new Promise(setImmediate);
});

t.test('whatever passes the schema is a control, and nothing else is', async (t) => {
  t.ok(controlMessageSchema.safeParse({ type: 'control', control: { control: 'next' } }).success);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => !controlMessageSchema.safeParse(value).success),
    { numRuns: 2000, seed: 4 },
  );
});
