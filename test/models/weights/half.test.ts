import fc from 'fast-check';
import t from 'tap';
import { floatToHalf, halfToFloat } from '../../../models/weights/index.ts';

const allHalves = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits);

t.test('known halves', async (t) => {
  const known: [number, number][] = [
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x03ff, 2 ** -14 - 2 ** -24],
    [0x0001, 2 ** -24],
    [0x3555, 0.333251953125],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
  ];
  t.same(
    [...halfToFloat(Uint16Array.from(known, ([bits]) => bits))],
    known.map(([, value]) => value),
  );
  t.ok(Object.is(halfToFloat(Uint16Array.of(0x8000))[0], -0));
});

t.test('every half comes back from float32 as it was', async (t) => {
  const back = floatToHalf(halfToFloat(allHalves));
  let different = 0;
  for (const bits of allHalves) {
    const isNan = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
    if (isNan ? (back[bits]! & 0x7fff) <= 0x7c00 : back[bits] !== bits) different++;
  }
  t.equal(different, 0);
});

t.test('between each two neighbours the nearer is taken, the even one in the middle', async (t) => {
  const values = halfToFloat(allHalves);
  const wrong: number[] = [];
  const probe = new Float32Array(3);
  const words = new Uint32Array(probe.buffer);
  for (let bits = 0; bits < 0x7bff; bits++) {
    probe[1] = (values[bits]! + values[bits + 1]!) / 2; // exact in float32
    words[0] = words[1]! - 1;
    words[2] = words[1]! + 1;
    const even = bits % 2 === 0 ? bits : bits + 1;
    const [below, middle, above] = floatToHalf(probe);
    if (below !== bits || middle !== even || above !== bits + 1) wrong.push(bits);
  }
  t.same(wrong, []);
});

t.test('too large becomes infinite, from the middle between 65504 and 65536 on', async (t) => {
  t.same([...floatToHalf(Float32Array.of(65519.99, 65520, 1e30, -65520))], [0x7bff, 0x7c00, 0x7c00, 0xfc00]);
});

t.test('no half is nearer than the one that was taken', async () => {
  fc.assert(
    fc.property(fc.float({ min: -65000, max: 65000, noNaN: true }), (value) => {
      const [bits] = floatToHalf(Float32Array.of(value));
      const [taken] = halfToFloat(Uint16Array.of(bits!));
      const neighbours = halfToFloat(Uint16Array.of(bits! - 1, bits! + 1)).filter((x) => !Number.isNaN(x));
      return neighbours.every((neighbour) => Math.abs(neighbour - value) >= Math.abs(taken! - value));
    }),
  );
});

t.test('reads only the part of a buffer that a view shows', async (t) => {
  t.same([...floatToHalf(new Float32Array([9, 1, 9]).subarray(1, 2))], [0x3c00]);
});
