import { once } from 'node:events';
import { Subject } from 'rxjs';
import t from 'tap';
import { ShowServer } from '../../../src/server/index.ts';
import { Client, refusedWith } from './support/client.ts';
import { FakeShow, stateOf } from './support/fake-show.ts';
import { serve } from './support/serve.ts';

t.test('a display gets the last state at once, then each one, whole and counted', async (t) => {
  const { show, at } = await serve(t);
  show.states.next(stateOf('a'));
  show.states.next(stateOf('b', ['c', 'd'], 2, 1));
  const display = await Client.open(`ws://${at}/stream`);
  const first = await display.state(1);
  t.strictSame(first, {
    v: 1,
    epoch: first.epoch,
    seq: 1,
    time: 2,
    mood: { valence: 0.25, arousal: 0.75, confidence: 0.5 },
    level: { rms: 0.1, onset: false },
    show: {
      state: 'live',
      image: { id: 'b', url: 'api/pictures/b', width: 1920, height: 1080 },
      since: 1,
      crossfade: 1.5,
    },
    candidates: [
      { id: 'c', score: 1 },
      { id: 'd', score: 0.9 },
    ],
    latency: { analysis: 12, total: 20 },
  });
  for (let seq = 2; seq < 50; seq++) {
    show.states.next(stateOf('a'));
    await display.state(seq);
  }
  t.equal(display.messages.length, 49, 'each once');
});

t.test('after a restart displays come back to another epoch', async (t) => {
  const { show, server, at } = await serve(t);
  show.states.next(stateOf('a'));
  const before = await (await Client.open(`ws://${at}/stream`)).state(0);
  const display = await Client.open(`ws://${at}/stream`);
  const { port } = server;
  await server.close();
  t.equal((await display.closed).code, 1001);
  const again = await ShowServer.open({ show, port, version: '0' });
  t.teardown(() => again.close());
  show.states.next(stateOf('a'));
  const after = await (await Client.open(`ws://${at}/stream`)).state(0);
  t.not(after.epoch, before.epoch);
  t.strictSame(after.show, before.show);
});

t.test('each group shows the screen of its number, and the main one where there is none', async (t) => {
  const { show, at } = await serve(t);
  const main = await Client.open(`ws://${at}/stream`);
  const [second, third, ninth] = await Promise.all([
    Client.open(`ws://${at}/stream?group=1&name=left`),
    Client.open(`ws://${at}/stream`),
    Client.open(`ws://${at}/stream?group=9`),
  ]);
  third.send({ type: 'hello', group: 2, name: 'right', ref: 0 });
  t.strictSame(await third.reply(0), { v: 1, type: 'reply', ok: true, control: true, ref: 0 });
  const pictures = async (seq: number) =>
    Promise.all(
      [main, second, third, ninth].map(async (display) => (await display.state(seq)).show.image?.id),
    );
  show.states.next(stateOf('b', [], 1, 0, ['a', 'c']));
  t.strictSame(await pictures(0), ['b', 'a', 'c', 'b']);
  show.states.next(stateOf('b', [], 2, 0, ['d', null]));
  t.strictSame(await pictures(1), ['b', 'd', 'b', 'b'], 'a screen without a picture');
  show.states.next(stateOf('b', [], 3, 0, ['gone', 'c']));
  t.strictSame(await pictures(2), ['b', 'b', 'c', 'b'], 'a picture that is gone');
  const changed = stateOf('b', [], 4, 1, ['a', 'c']);
  const side = { image: { id: 'd' }, since: 3.5, crossfade: 2 };
  show.states.next({ ...changed, screens: [changed.show, side, changed.screens[2]!] });
  t.match((await second.state(3)).show, { state: 'live', image: { id: 'd' }, since: 3.5, crossfade: 2 });
  t.match((await main.state(3)).show, { image: { id: 'b' }, since: 1, crossfade: 1.5 });
  const black = { ...changed.show, state: 'blackout', since: 4, crossfade: 1 } as const;
  show.states.next({ ...changed, show: black, screens: [changed.show, side] });
  t.match((await second.state(4)).show, { state: 'blackout', image: { id: 'd' }, since: 4, crossfade: 1 });
  const { clients } = (await (await fetch(`http://${at}/api/clients`)).json()) as {
    clients: { name: string; group: unknown; transport: string }[];
  };
  t.strictSame(
    clients.map(({ name, group, transport }) => [name, group, transport]),
    [
      [null, 'main', 'ws'],
      ['left', 1, 'ws'],
      ['right', 2, 'ws'],
      [null, 9, 'ws'],
    ],
  );
});

t.test('a change of group is answered with its picture at once', async (t) => {
  const { show, at } = await serve(t);
  show.states.next(stateOf('a', [], 1, 0, ['b', 'c']));
  const display = await Client.open(`ws://${at}/stream`);
  await display.state(0);
  display.send({ type: 'hello', group: 2 });
  const message = await display.message<{ seq: number }>(
    ({ show }) => (show as { image: { id: string } } | undefined)?.image.id === 'c',
  );
  t.equal(message.seq, 0);
  t.equal(await refusedWith(`ws://${at}/stream?group=99`), 400);
  t.equal(await refusedWith(`ws://${at}/stream?group=main&name=${'x'.repeat(65)}`), 400);
});

t.test('controls are done, refused or malformed, each told by its ref', async (t) => {
  const { show, at, log } = await serve(t);
  const console = await Client.open(`ws://${at}/stream`);
  console.send({ type: 'control', control: { control: 'hold', on: true }, ref: 'h' });
  t.match(await console.reply('h'), { ok: true });
  console.send({ type: 'control', control: { control: 'pin', image: 'nobody' }, ref: 'p' });
  t.match(await console.reply('p'), { ok: false, error: { code: 'refused', message: /no picture nobody/ } });
  console.socket.send('{');
  t.match(await console.message(({ ok }) => ok === false && console.messages.length === 3), {});
  t.match(console.messages[2], { error: { code: 'malformed', message: /JSON/ } });
  const tooLong = { control: 'dwell', minimumSeconds: 5, maximumSeconds: 1 };
  console.send({ type: 'control', control: tooLong, ref: 'd' });
  t.match(await console.reply('d'), { error: { code: 'malformed', message: /longer than the maximum/ } });
  show.onControl(() => {
    throw new TypeError('a bug');
  });
  console.send({ type: 'control', control: { control: 'next' }, ref: 'bug' });
  t.match(await console.reply('bug'), { ok: false, error: { code: 'failed' } });
  t.match(log, [/control next failed: TypeError: a bug/]);
  t.strictSame(show.asked, [{ control: 'hold', on: true }]);
});

t.test('what is no message closes with a code and disturbs nobody', async (t) => {
  const { show, at } = await serve(t, { limits: { messagesPerSecond: 1, messagesBurst: 20 } });
  const other = await Client.open(`ws://${at}/stream`);
  const binary = await Client.open(`ws://${at}/stream`);
  binary.socket.send(Buffer.from([1, 2, 3]));
  t.equal((await binary.closed).code, 1003);
  const oversized = await Client.open(`ws://${at}/stream`);
  oversized.socket.send('x'.repeat(10_000));
  t.equal((await oversized.closed).code, 1009);
  const hasty = await Client.open(`ws://${at}/stream`);
  for (let i = 0; i < 50; i++) hasty.send({ type: 'hello' });
  t.equal((await hasty.closed).code, 4429);
  const pinging = await Client.open(`ws://${at}/stream`);
  for (let i = 0; i < 50; i++) pinging.socket.ping();
  t.equal((await pinging.closed).code, 4429);
  show.states.next(stateOf('a'));
  t.ok(await other.state(0));
});

t.test('a display that stops reading is spared states, costs little, and is cut', async (t) => {
  const { show, server, at } = await serve(t, { limits: { heartbeatMs: 100, stalledAfterMs: 8000 } });
  const stalled = await Client.open(`ws://${at}/stream`);
  const reading = await Client.open(`ws://${at}/stream`);
  stalled.socket.pause();
  const bytes = JSON.stringify(stateOf('a', manyCandidates())).length;
  const before = process.memoryUsage();
  let seq = 0;
  // Ten times as much as a display is sent without a sign of life.
  for (; seq * bytes < 1_280_000; seq++) {
    show.states.next(stateOf('a', manyCandidates()));
    await reading.state(seq);
    reading.messages.length = 0;
  }
  const after = process.memoryUsage();
  const [info] = (
    (await (await fetch(`http://${at}/api/clients`)).json()) as { clients: { skipped: number }[] }
  ).clients;
  t.ok(info!.skipped > seq / 2, `${info!.skipped} of ${seq} spared`);
  t.ok(after.arrayBuffers - before.arrayBuffers < 20e6, 'no heap of waiting messages');
  while (server.clients > 1) await once(reading.socket, 'ping');
  const metrics = await (await fetch(`http://${at}/metrics`)).text();
  t.match(metrics, /synesthete_clients_cut_total\{reason="stalled"\} 1/);
  show.states.next(stateOf('b'));
  t.equal((await reading.state(seq)).show.image?.id, 'b', 'the other goes on');
});

t.test('a display that was slow gets the newest state when it has caught up', async (t) => {
  const { show, at } = await serve(t);
  const slow = await Client.open(`ws://${at}/stream`);
  const reading = await Client.open(`ws://${at}/stream`);
  slow.socket.pause();
  const last = 1000;
  for (let seq = 0; seq <= last; seq++) {
    show.states.next(stateOf('a', manyCandidates()));
    await reading.state(seq);
    reading.messages.length = 0;
  }
  slow.socket.resume();
  await slow.state(last);
  t.ok(slow.messages.length < last / 2, `${slow.messages.length} of ${last} states`);
  const numbers = (slow.messages as { seq: number }[]).map(({ seq }) => seq);
  t.strictSame(
    numbers,
    numbers.toSorted((a, b) => a - b),
    'in order',
  );
});

t.test('a quiet but living display stays', async (t) => {
  const { server, at } = await serve(t, { limits: { heartbeatMs: 50, stalledAfterMs: 2500 } });
  const display = await Client.open(`ws://${at}/stream`);
  for (let i = 0; i < 12; i++) await once(display.socket, 'ping');
  t.equal(server.clients, 1);
});

t.test('there is room for so many', async (t) => {
  const { at, server } = await serve(t, { limits: { clients: 2 } });
  const first = await Client.open(`ws://${at}/stream`);
  await Client.open(`ws://${at}/stream`);
  t.equal(await refusedWith(`ws://${at}/stream`), 503);
  first.socket.close();
  await first.closed;
  while (server.clients === 2) await new Promise(setImmediate);
  t.ok(await Client.open(`ws://${at}/stream`), 'and again when one has left');
});

t.test('a show that fails leaves the last state', async (t) => {
  const show = Object.assign(new FakeShow(), { states: new Subject<ReturnType<typeof stateOf>>() });
  const { at, log } = await serve(t, { show });
  show.states.next(stateOf('a'));
  show.states.error(new Error('the pipeline broke'));
  t.ok(await (await Client.open(`ws://${at}/stream`)).state(0));
  t.strictSame(log, [], 'the program that runs it says why');
});

function manyCandidates(): string[] {
  return Array.from({ length: 64 }, (_, i) => `picture-with-a-long-identity-${i}`);
}
