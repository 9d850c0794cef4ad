import { once } from 'node:events';
import fc from 'fast-check';
import t from 'tap';
import { controlMessageSchema } from '../../../src/server/protocol/index.ts';
import { Client } from './support/client.ts';
import { stateOf } from './support/fake-show.ts';
import { serve } from './support/serve.ts';

const MESSAGES = 100_000;
const CONNECTIONS = 10;

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

t.test('100,000 malformed messages are each refused, and the show goes on', async (t) => {
  const limits = { messagesPerSecond: 1e9, messagesBurst: 1e9 };
  const { show, at, log } = await serve(t, { limits });
  const display = await Client.open(`ws://${at}/stream`);
  const malformed = malformedMessages();
  t.ok(new Set(malformed).size > 3000, 'of many kinds');
  const attackers = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => Client.open(`ws://${at}/stream`)),
  );
  let accepted = 0;
  let refused = 0;
  for (const { socket } of attackers) {
    socket.removeAllListeners('message');
    socket.on('message', (data) => {
      const text = (data as Buffer).toString();
      if (text.includes('"ok":false')) refused++;
      else if (text.includes('"ok":true')) accepted++;
    });
  }
  const perConnection = MESSAGES / CONNECTIONS;
  for (let sent = 0; sent < perConnection; sent += 250) {
    for (const { socket } of attackers) {
      for (let i = 0; i < 250; i++) socket.send(malformed[(sent + i) % malformed.length]!);
    }
    // All of it is read before more is sent: the server answers pings in turn.
    await Promise.all(
      attackers.map(({ socket }) => {
        socket.ping();
        return once(socket, 'pong');
      }),
    );
    show.states.next(stateOf('a', [], sent));
    await display.state(sent / 250);
  }
  t.equal(accepted, 0);
  t.ok(refused > 0.9 * MESSAGES, `${refused} were answered, the others dropped as nobody read`);
  t.equal(new Set((display.messages as { seq: number }[]).map(({ seq }) => seq)).size, perConnection / 250);
  t.strictSame(show.asked, []);
  t.strictSame(log, []);
  const metrics = await (await fetch(`http://${at}/metrics`)).text();
  t.match(metrics, new RegExp(`messages_refused_total\\{code="malformed"\\} ${MESSAGES}`));
});

t.test('whatever passes the schema is a control, and nothing else is', async (t) => {
  t.ok(controlMessageSchema.safeParse({ type: 'control', control: { control: 'next' } }).success);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => !controlMessageSchema.safeParse(value).success),
    { numRuns: 2000, seed: 4 },
  );
});
