import fc from 'fast-check';
import { encode } from 'node-osc';
import t from 'tap';
import { coversAddress } from '../../../src/server/osc/pattern.ts';
import { readPacket } from '../../../src/server/osc/read.ts';

/* An encoder of the specification's, apart from the reader that is tried. */

interface Argument {
  readonly tags: string;
  readonly data: Buffer;
  readonly value: unknown;
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}

const text = (value: string): Buffer => padded(Buffer.from(`${value}\0`));

function bytes(length: number, write: (data: Buffer) => void): Buffer {
  const data = Buffer.alloc(length);
  write(data);
  return data;
}

function message(address: string, args: readonly Argument[]): Buffer {
  return Buffer.concat([
    text(address),
    text(`,${args.map(({ tags }) => tags).join('')}`),
    ...args.map(({ data }) => data),
  ]);
}

function bundle(...elements: Buffer[]): Buffer {
  const sized = elements.flatMap((element) => [
    bytes(4, (size) => size.writeInt32BE(element.length)),
    element,
  ]);
  return Buffer.concat([text('#bundle'), Buffer.from('0000000000000001', 'hex'), ...sized]);
}

const string = fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => value.replaceAll('\0', ''));
const raw = (tag: string, length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((value): Argument => ({ tags: tag, data: Buffer.from(value), value }));
const simple: fc.Arbitrary<Argument> = fc.oneof(
  fc.integer().map((value) => ({ tags: 'i', data: bytes(4, (data) => data.writeInt32BE(value)), value })),
  fc.float().map((value) => ({ tags: 'f', data: bytes(4, (data) => data.writeFloatBE(value)), value })),
  fc.double().map((value) => ({ tags: 'd', data: bytes(8, (data) => data.writeDoubleBE(value)), value })),
  fc
    .maxSafeInteger()
    .map((value) => ({ tags: 'h', data: bytes(8, (data) => data.writeBigInt64BE(BigInt(value))), value })),
  fc.tuple(fc.constantFrom('s', 'S'), string).map(([tags, value]) => ({ tags, data: text(value), value })),
  fc.uint8Array({ maxLength: 9 }).map((value) => ({
    tags: 'b',
    data: Buffer.concat([bytes(4, (data) => data.writeInt32BE(value.length)), padded(Buffer.from(value))]),
    value,
  })),
  fc.integer({ min: 32, max: 126 }).map((code) => ({
    tags: 'c',
    data: bytes(4, (data) => data.writeUInt32BE(code)),
    value: String.fromCodePoint(code),
  })),
  fc.constantFrom(
    ...(
      [
        ['T', true],
        ['F', false],
        ['N', null],
        ['I', true],
      ] as const
    ).map(([tags, value]) => ({ tags, data: Buffer.alloc(0), value })),
  ),
  raw('t', 8),
  raw('r', 4),
  raw('m', 4),
);
const { argument } = fc.letrec<{ argument: Argument; array: Argument }>((tie) => ({
  argument: fc.oneof({ weight: 5, arbitrary: simple }, { weight: 1, arbitrary: tie('array') }),
  array: fc.array(tie('argument'), { maxLength: 3 }).map((inner) => ({
    tags: `[${inner.map(({ tags }) => tags).join('')}]`,
    data: Buffer.concat(inner.map(({ data }) => data)),
    value: inner.map(({ value }) => value),
  })),
}));
const address = fc.stringMatching(/^\/[a-z]{1,9}(\/[a-z0-9]{1,9}){0,2}$/);
const sent = fc.record({ address, args: fc.array(argument, { maxLength: 6 }) }).map(({ address, args }) => ({
  packet: message(address, args),
  message: { address, args: args.map(({ value }) => value) },
}));

t.test('messages of all types, with arrays, are read as they were written', (t) => {
  fc.assert(
    fc.property(sent, ({ packet, message }) => {
      const read = readPacket(packet);
      return t.strictSame(read, { messages: [message], skipped: [] });
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('and those of another encoder', (t) => {
  const args = [
    { type: 'float' as const, value: 0.5 },
    { type: 'integer' as const, value: -7 },
    { type: 'string' as const, value: 'night' },
  ];
  const packet = encode({ oscType: 'message', address: '/a', args });
  t.strictSame(readPacket(packet).messages, [{ address: '/a', args: [0.5, -7, 'night'] }]);
  t.end();
});

t.test('in a bundle each element that can not be read is skipped by itself', (t) => {
  const unknown = Buffer.concat([text('/unknown'), text(',iX'), Buffer.alloc(8)]);
  const bad = fc.constantFrom(
    [unknown, { address: '/unknown', reason: 'the type "X" of an argument is unknown' }] as const,
    [
      Buffer.concat([text('/cut'), text(',d'), Buffer.alloc(4)]),
      { address: '/cut', reason: 'it is cut off' },
    ] as const,
    [
      Buffer.concat([text('/open'), text(',[i'), Buffer.alloc(4)]),
      { address: '/open', reason: 'an array has no end' },
    ] as const,
    [Buffer.concat([text('/ended'), text(',]')]), { address: '/ended' }] as const,
    [Buffer.from('\xff\0no\0', 'latin1'), { reason: 'it is malformed' }] as const,
    [bundle(bundle(bundle(bundle(message('/deep', []))))), { reason: /deep/ }] as const,
  );
  fc.assert(
    fc.property(
      fc.array(sent, { maxLength: 4 }),
      fc.array(bad, { minLength: 1, maxLength: 3 }),
      fc.array(sent, { maxLength: 4 }),
      (before, wrong, after) => {
        const elements = [
          ...before.map(({ packet }) => packet),
          ...wrong.map(([packet]) => packet),
          bundle(...after.map(({ packet }) => packet)),
        ];
        const { messages, skipped } = readPacket(bundle(...elements));
        t.match(
          skipped,
          wrong.map(([, told]) => told),
        );
        t.equal(skipped.length, wrong.length);
        return t.strictSame(
          messages,
          [...before, ...after].map(({ message }) => message),
        );
      },
    ),
    { numRuns: 60 },
  );
  const whole = bundle(message('/one', []), message('/two', []));
  t.strictSame(readPacket(whole.subarray(0, -4)), {
    messages: [
      { address: '/one', args: [] },
      { address: '/two', args: [] },
    ],
    skipped: [],
  });
  const cut = bundle(message('/one', []), message('/two', [{ tags: 'd', data: Buffer.alloc(8), value: 0 }]));
  t.match(readPacket(cut.subarray(0, -4)), {
    messages: [{ address: '/one' }],
    skipped: [{ address: '/two', reason: 'it is cut off' }],
  });
  t.end();
});

t.test('whatever bytes come in, they are read in no time and with limits', (t) => {
  const begin = fc.constantFrom('', '#bundle\0\0\0\0\0\0\0\0\x01', '/a\0\0,', '/a\0\0,[[[[');
  fc.assert(
    fc.property(begin, fc.uint8Array({ maxLength: 200 }), (begin, rest) => {
      const { messages, skipped } = readPacket(Buffer.concat([Buffer.from(begin, 'latin1'), rest]));
      return messages.length <= 64 && skipped.length <= 70;
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(sent, fc.nat(), fc.nat(255), fc.nat(), ({ packet }, at, byte, length) => {
      const changed = Buffer.from(packet);
      changed[at % packet.length] = byte;
      const { messages, skipped } = readPacket(changed.subarray(0, length % (packet.length + 1)));
      return messages.length + skipped.length === 1 || changed.toString('latin1').startsWith('#bundle');
    }),
    { numRuns: 1000 },
  );
  const many = bundle(...Array.from({ length: 100 }, () => message('/a', [])));
  t.equal(readPacket(many).messages.length, 63);
  t.match(readPacket(many).skipped, [{ reason: /64 messages/ }]);
  t.end();
});

t.test('messages without type tags', (t) => {
  const untyped = (...words: Buffer[]): unknown => {
    const { messages, skipped } = readPacket(Buffer.concat([text('/a'), ...words]));
    return messages[0]?.args ?? skipped;
  };
  const int = (value: number): Buffer => bytes(4, (data) => data.writeInt32BE(value));
  const float = (value: number): Buffer => bytes(4, (data) => data.writeFloatBE(value));
  t.strictSame(untyped(), []);
  t.strictSame(untyped(int(1)), [1]);
  t.strictSame(untyped(int(-1), int(0)), [-1, 0]);
  t.strictSame(untyped(float(0.5), float(24)), [0.5, 24]);
  t.strictSame(untyped(float(2)), [2], 'though its bytes are "@" as well');
  t.strictSame(untyped(text('night')), ['night']);
  for (const id of ['0123456789012345', '9999999999999999', 'deadbeefdeadbeef', '00ffee1234567890']) {
    t.strictSame(untyped(text(id)), [id]);
  }
  t.strictSame(untyped(Buffer.from('cut')), [{ address: '/a', reason: 'it is cut off' }]);
  t.end();
});

t.test('address patterns', (t) => {
  const covers: [string, boolean, string?][] = [
    ['/synesthete/next', true],
    ['/synesthete/*', true],
    ['/*/next', true],
    ['/synesthete/n?xt', true],
    ['/synesthete/n??xt', false],
    ['/synesthete/[l-o]ext', true],
    ['/synesthete/[!l-o]ext', false],
    ['/synesthete/[!a-]ext', true],
    ['/synesthete/{back,next}', true],
    ['/synesthete/{back,ne}*t', true],
    ['/synesthete/{back,hold}', false],
    ['//next', true],
    ['/synesthete//next', true],
    ['//nex', false],
    ['/*', false],
    ['*', false],
    ['/synesthete?next', false],
    ['/synesthete[!a]next', false],
    ['/synesthete/[next', false],
    ['/synesthete/{next', false],
    ['/synesthete/n*e*x*t*', true],
    [`/synesthete/${'*?'.repeat(120)}`, false],
    [`/synesthete/${'{n,ne,nex,}'.repeat(20)}${'*'.repeat(200)}!`, false],
  ];
  for (const [pattern, expected] of covers)
    t.equal(coversAddress(pattern, '/synesthete/next'), expected, pattern);
  fc.assert(
    fc.property(address, fc.nat(), (address, at) => {
      const i = 1 + (at % (address.length - 1));
      const any = address[i] === '/' ? '/' : '?';
      return (
        coversAddress(address, address) &&
        coversAddress(address.slice(0, i) + any + address.slice(i + 1), address) &&
        coversAddress(address.replaceAll(/[^/]+/g, '*'), address) &&
        !coversAddress(`${address.slice(0, i)}[!\x00-\uffff]${address.slice(i + 1)}`, address)
      );
    }),
  );
  t.end();
});
