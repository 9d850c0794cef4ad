import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { Bundle, Client, Server, encode } from 'node-osc';
import { Registry } from 'prom-client';
import t, { type Test } from 'tap';
import { Osc } from '../../../src/server/index.ts';
import { FakeShow, stateOf } from './support/fake-show.ts';

/** A receiver as a VJ program has it: node-osc's own. */
async function receiver(t: Test) {
  const server = new Server(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const heard: unknown[][] = [];
  let wake: () => void = () => undefined;
  server.on('message', (message: unknown[]) => {
    heard.push(message);
    wake();
  });
  const count = async (wanted: number) => {
    while (heard.length < wanted) await new Promise<void>((resolve) => (wake = resolve));
    return heard.splice(0);
  };
  return { port: server.port, count };
}

async function opened(t: Test, show: FakeShow, to?: number, host = 'localhost', atHost = '127.0.0.1') {
  const lines: string[] = [];
  const asked: unknown[] = [];
  const registry = new Registry();
  let wake: () => void = () => undefined;
  const osc = await Osc.open({
    states: show.states,
    control: (control) => {
      asked.push(control);
      wake();
      show.control(control);
    },
    fileOf: (id) => show.picture(id)?.file,
    at: { host: atHost, port: 0 },
    registry,
    ...(to === undefined ? {} : { to: { host, port: to } }),
    log: (line) => {
      lines.push(line);
      wake();
    },
  });
  t.teardown(() => osc.close());
  const until = async (fits: () => boolean) => {
    while (!fits()) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { osc, port: osc.port!, asked, lines, until, registry };
}

t.test('mood, level, onset and picture go out', async (t) => {
  const { port, count } = await receiver(t);
  const show = new FakeShow();
  const { port: at } = await opened(t, show, port);
  show.states.next(stateOf('a'));
  const close = Math.fround(0.1);
  t.strictSame(await count(4), [
    ['/synesthete/mood', 0.25, 0.75, 0.5],
    ['/synesthete/level', close],
    ['/synesthete/state', 'live'],
    ['/synesthete/picture', 'a', '/nowhere/a.webp', 1.5],
  ]);
  const onset = stateOf('a');
  show.states.next({ ...onset, mood: { ...onset.mood, valence: 1 }, level: { rms: 0, onset: true } });
  t.strictSame(
    await count(3),
    [
      ['/synesthete/mood', 1, 0.75, 0.5],
      ['/synesthete/level', 0],
      ['/synesthete/onset', 1],
    ],
    'the picture only when it changes',
  );
  const client = new Client('127.0.0.1', at);
  t.teardown(() => client.close());
  await client.send('/synesthete/refresh', 1);
  t.match(await count(2), [['/synesthete/state'], ['/synesthete/picture', 'a']]);
});

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ family }) => family === 'IPv6'),
);

t.test('OSC over IPv6, both ways', { skip: hasIpv6 ? false : 'this machine has no IPv6' }, async (t) => {
  for (const at of ['::1', '::']) {
    const raw = createSocket('udp6');
    raw.bind(0, '::1');
    await once(raw, 'listening');
    t.teardown(() => raw.close());
    const show = new FakeShow();
    const { port, asked, until } = await opened(t, show, raw.address().port, '::1', at);
    const coming = once(raw, 'message');
    show.states.next(stateOf('a'));
    const [packet] = (await coming) as [Buffer];
    t.match(packet.toString('latin1'), '/synesthete/mood');
    raw.send(encode({ oscType: 'message', address: '/synesthete/next', args: [] }), port, '::1');
    await until(() => asked.length === 1);
    if (at !== '::') continue;
    const four = createSocket('udp4');
    t.teardown(() => four.close());
    four.send(encode({ oscType: 'message', address: '/synesthete/back', args: [] }), port, '127.0.0.1');
    await until(() => asked.length === 2);
    t.match(asked, [{ control: 'next' }, { control: 'back' }], ':: takes IPv4 as well');
  }
});

t.test('numbers go out as floats, whole ones too', async (t) => {
  const raw = createSocket('udp4');
  raw.bind(0, '127.0.0.1');
  await once(raw, 'listening');
  t.teardown(() => raw.close());
  const show = new FakeShow();
  await opened(t, show, raw.address().port);
  const coming = once(raw, 'message');
  show.states.next({ ...stateOf('a'), mood: { valence: 1, arousal: 0, confidence: 1 } });
  const [packet] = (await coming) as [Buffer];
  t.match(packet.toString('latin1'), '/synesthete/mood\0\0\0\0,fff');
});

t.test('controls come in; triggers act when pressed, not when let go', async (t) => {
  const { port, asked, until } = await opened(t, new FakeShow());
  const client = new Client('127.0.0.1', port);
  t.teardown(() => client.close());
  const sent: [string, unknown[], object | undefined][] = [
    ['next', [1], { control: 'next' }],
    ['next', [0], undefined],
    ['next', [{ type: 'float', value: 0.5 }], { control: 'next' }],
    ['next', [], { control: 'next' }],
    ['back', [true], { control: 'back' }],
    ['back', [false], undefined],
    ['hold', [1], { control: 'hold', on: true }],
    ['hold', [0], { control: 'hold', on: false }],
    ['blackout', [1, 2], { control: 'blackout', on: true, fadeSeconds: 2 }],
    ['blackout', [0], { control: 'blackout', on: false }],
    ['pin', ['a'], { control: 'pin', image: 'a' }],
    ['unpin', [1], { control: 'pin', image: null }],
    ['ban', [1], { control: 'ban', on: true }],
    ['ban', [0], undefined],
    ['ban', ['b'], { control: 'ban', image: 'b', on: true }],
    ['unban', ['b'], { control: 'ban', image: 'b', on: false }],
    ['hide', [], { control: 'hide', on: true }],
    ['hide', [0], undefined],
    ['hide', ['b'], { control: 'hide', image: 'b', on: true }],
    ['unhide', ['b'], { control: 'hide', image: 'b', on: false }],
    ['allow', ['b'], { control: 'allow', image: 'b', on: true }],
    ['forbid', ['b'], { control: 'allow', image: 'b', on: false }],
    ['channels', [3, 4], { control: 'channels', channels: [3, 4] }],
    ['channels', ['3,4'], { control: 'channels', channels: [3, 4] }],
    ['channels', [], { control: 'channels', channels: null }],
    ['channels', [0], { control: 'channels', channels: null }],
    ['list-undo', [1], { control: 'list-undo' }],
    ['list-redo', [0], undefined],
    ['bank', ['night'], { control: 'bank', bank: 'night' }],
    ['bank', [''], { control: 'bank', bank: null }],
    ['sensitivity', [{ type: 'float', value: 0.25 }], { control: 'sensitivity', value: 0.25 }],
    ['sensitivity', [7], undefined],
    ['dwell', [2, 8], { control: 'dwell', minimumSeconds: 2, maximumSeconds: 8 }],
    ['dwell', [8, 2], undefined],
    ['crossfade', [1], { control: 'crossfade', seconds: 1 }],
    ['gate', [-42], { control: 'gate', decibels: -42 }],
    ['gate', [3], undefined],
    ['smoothing', [3], { control: 'smoothing', seconds: 3 }],
    [
      'mood-offset',
      [{ type: 'float', value: -0.5 }, 0],
      { control: 'mood-offset', valence: -0.5, arousal: 0 },
    ],
    ['fit', ['0.5'], { control: 'fit', value: 0.5 }],
    ['fit', [1.5], undefined],
    ['display-fit', ['left', 'pan'], { control: 'display-fit', display: 'left', fit: 'pan' }],
    ['display-fit', ['left', ''], { control: 'display-fit', display: 'left', fit: null }],
    ['display-fit', ['left', 'stretch'], undefined],
    ['source', ['demo'], { control: 'source', source: 'demo' }],
    ['model', ['default'], { control: 'model', model: 'default' }],
    ['hold', ['yes'], undefined],
    ['hold', ['0'], { control: 'hold', on: false }],
    ['hold', ['1.0'], { control: 'hold', on: true }],
    ['blackout', ['1', '2.5'], { control: 'blackout', on: true, fadeSeconds: 2.5 }],
    ['next', ['0'], undefined],
    ['next', ['0.0'], undefined],
    ['next', ['1'], { control: 'next' }],
    ['next', ['off'], undefined],
    ['next', [''], undefined],
    ['back', [{ type: 'null', value: null }], undefined],
    ['unpin', ['0'], undefined],
    ['ban', ['0'], undefined],
    ['ban', ['1'], { control: 'ban', on: true }],
    ['ban', ['0123456789012345'], { control: 'ban', image: '0123456789012345', on: true }],
    ['sensitivity', ['0.5'], { control: 'sensitivity', value: 0.5 }],
    ['crossfade', ['soft'], undefined],
    ['constructor', [1], undefined],
    ['hold', [1], { control: 'hold', on: true }],
  ];
  for (const [name, args] of sent) await client.send(`/synesthete/${name}`, ...args);
  const expected = sent.flatMap(([, , control]) => (control === undefined ? [] : [control]));
  await until(() => asked.length === expected.length);
  t.strictSame(asked, expected);
  await client.send(new Bundle(['/synesthete/next', 1], ['/elsewhere', 1], ['/synesthete/back', 1]));
  await until(() => asked.length === expected.length + 2);
});

t.test('malformed packets, and controls that are refused, disturb nothing', async (t) => {
  const { port, asked, lines, until } = await opened(t, new FakeShow());
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  const send = (packet: Buffer | string) =>
    new Promise((resolve) => {
      socket.send(packet, port, '127.0.0.1', resolve);
    });
  const nested = Buffer.concat(
    Array(3000).fill(Buffer.from('#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x14', 'latin1')),
  );
  const malformed: (Buffer | string)[] = [
    '',
    '/',
    '/synesthete/next',
    '/synesthete/next\0\0\0\0nonsense',
    '/synesthete/hold\0\0\0\0,i\0\0\0',
    'error\0\0\0,s\0\0boo\0',
    '#bundle\0',
    nested,
    Buffer.alloc(60_000, 0x2f),
    Buffer.from('/synesthete/ban\0,b\0\0\x7f\xff\xff\xff', 'latin1'),
  ];
  let seed = 1;
  for (let i = 0; i < 150; i++) {
    const packet = Buffer.from('/synesthete/hold\0\0\0\0,i\0\0\0\0\0\x01', 'latin1');
    seed = (seed * 48_271) % 2_147_483_647;
    packet[seed % 20] = seed % 256;
    malformed.push(packet.subarray(0, seed % 27));
  }
  const nexts = () => asked.filter((control) => (control as { control: string }).control === 'next').length;
  for (const [i, packet] of malformed.entries()) {
    await send(packet);
    // One at a time: more would overflow the socket, and UDP drops what it can't hold.
    await send(Buffer.from('/synesthete/next\0\0\0\0,i\0\0\0\0\0\x01', 'latin1'));
    await until(() => nexts() === i + 1);
  }
  const client = new Client('127.0.0.1', port);
  t.teardown(() => client.close());
  await client.send('/synesthete/pin', 'nobody');
  const refused = 'OSC asked for pin: there is no picture nobody: choose one of the gallery';
  await until(() => lines.includes(refused));
});

t.test(
  'what is sent to a broadcast address arrives',
  process.platform === 'linux' ? {} : { skip: 'the loopback interface of Linux alone has one' },
  async (t) => {
    const raw = createSocket('udp4');
    raw.bind(0);
    await once(raw, 'listening');
    t.teardown(() => raw.close());
    const show = new FakeShow();
    const { lines } = await opened(t, show, raw.address().port, '127.255.255.255');
    const coming = once(raw, 'message');
    show.states.next(stateOf('a'));
    const [packet] = (await coming) as [Buffer];
    t.match(packet.toString('latin1'), '/synesthete/mood');
    t.strictSame(lines, []);
  },
);

t.test(
  'of a bundle only what can not be read is lost; patterns reach the controls that they cover',
  async (t) => {
    const { port, asked, lines, until } = await opened(t, new FakeShow());
    const socket = createSocket('udp4');
    t.teardown(() => socket.close());
    const element = (bytes: string) => {
      const size = Buffer.alloc(4);
      size.writeInt32BE(bytes.length);
      return Buffer.concat([size, Buffer.from(bytes, 'latin1')]);
    };
    socket.send(
      Buffer.concat([
        Buffer.from('#bundle\0\0\0\0\0\0\0\0\x01', 'latin1'),
        element('/synesthete/back\0\0\0\0'),
        element('/synesthete/fit\0,X\0\0\0\0\0\0'),
        element('/synesthete/{hold,unpin}\0\0\0\0,I\0\0'),
        element('/synesthete/dwell\0\0\0,[dh]\0\0\0\x40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08'),
        element('/synesthete/pin\0,r\0\0\0\0\0\0'),
        element('/synesthete/bank\0\0\0\0,S\0\0dawn\0\0\0\0'),
      ]),
      port,
      '127.0.0.1',
    );
    await until(() => asked.length === 5);
    t.strictSame(asked, [
      { control: 'back' },
      { control: 'hold', on: true },
      { control: 'pin', image: null },
      { control: 'dwell', minimumSeconds: 2, maximumSeconds: 8 },
      { control: 'bank', bank: 'dawn' },
    ]);
    t.match(lines, [
      'OSC: /synesthete/fit is ignored: the type "X" of an argument is unknown',
      /^OSC: \/synesthete\/pin is ignored: /,
    ]);
  },
);

t.test('what is ignored is reported once, of each address, and counted', async (t) => {
  const { port, asked, lines, until, registry } = await opened(t, new FakeShow());
  const client = new Client('127.0.0.1', port);
  t.teardown(() => client.close());
  const sync = async (count: number) => {
    await client.send('/synesthete/next', 1);
    await until(() => asked.length === count);
  };
  for (let i = 0; i < 5; i++) {
    await client.send('/synesthete/senstivity', 0.5);
    await client.send('/synesthete/sensitivity', 7 + i);
    await client.send('/1/fader1', i / 5);
    await client.send('/synesthete/back', 0);
  }
  await sync(1);
  t.match(lines, [
    'OSC: /synesthete/senstivity is ignored: there is no such control',
    /^OSC: \/synesthete\/sensitivity is ignored: value: .*1/,
    'OSC: /1/fader1 is ignored: there is no such control',
  ]);
  t.equal(lines.length, 3);
  for (let i = 0; i < 50; i++) await client.send(`/fader/${i}/${'x'.repeat(200)}`, 1);
  await sync(2);
  t.equal(lines.length, 21);
  t.ok(lines.every((line) => line.length < 200));
  t.match(lines.at(-1), /only counted/);
  t.match(await registry.metrics(), /^synesthete_osc_ignored_total\{reason="unknown"\} 65$/m);
});

t.test('a port that is taken is reported in one line', async (t) => {
  const taken: Socket = createSocket('udp4');
  taken.bind(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { port } = taken.address();
  const show = new FakeShow();
  await t.rejects(
    Osc.open({
      states: show.states,
      control: () => undefined,
      fileOf: () => undefined,
      registry: new Registry(),
      at: { host: '127.0.0.1', port },
    }),
    {
      code: 'CANNOT_LISTEN',
      message: `OSC can't listen at 127.0.0.1 port ${port}: the port is taken: end the program that has it, or choose another port`,
    },
  );
});
