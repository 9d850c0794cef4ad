import fc from 'fast-check';
import t, { type Test } from 'tap';
import { COLOUR_STATISTICS, colourStatistics } from '../../../models/pictures/index.ts';

type Colour = readonly [red: number, green: number, blue: number];

const SIZE = { width: 48, height: 48 };

function paint(colour: (x: number, y: number) => Colour, { width, height } = SIZE): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels.set(colour(i % width, Math.floor(i / width)), 3 * i);
  return pixels;
}

/** The numbers by name, in the order of the documentation. */
function statistics(pixels: Uint8Array, size = SIZE) {
  const all = [...colourStatistics(pixels, size)];
  const take = (start: number, count: number): number[] => all.slice(start, start + count);
  return {
    all,
    lightness: take(0, 8),
    redGreen: take(8, 8),
    yellowBlue: take(16, 8),
    saturation: take(24, 8),
    value: take(32, 8),
    colourfulness: all[40]!,
    hueCentre: take(41, 2),
    hues: take(43, 12),
    cells: take(55, 64),
    tiles: { lightness: take(119, 9), redGreen: take(128, 9), yellowBlue: take(137, 9) },
    edges: [take(146, 5), take(151, 5), take(156, 5), take(161, 5)],
  };
}

/** Float32 keeps 7 digits. */
function near(t: Test, found: readonly number[], wanted: readonly number[], name: string): void {
  const error = Math.max(...wanted.map((value, i) => Math.abs(value - found[i]!)));
  t.ok(found.length === wanted.length && error <= 2e-6, `${name}: ${found.join()}, off by ${error}`);
}

t.test('a plain colour', async (t) => {
  const [red, green, blue] = [200 / 255, 100 / 255, 50 / 255];
  const found = statistics(paint(() => [200, 100, 50]));
  t.equal(found.all.length, COLOUR_STATISTICS);
  const plain = (value: number): number[] => [value, 0, 0, value, value, value, value, value];
  const [lightness, rg, yb] = [0.299 * red + 0.587 * green + 0.114 * blue, red - green, (red + green) / 2 - blue] as const; // prettier-ignore
  near(t, found.lightness, plain(lightness), 'lightness');
  near(t, found.redGreen, plain(rg), 'red - green');
  near(t, found.yellowBlue, plain(yb), 'yellow - blue');
  near(t, found.saturation, plain(0.75), 'saturation');
  near(t, found.value, plain(red), 'value');
  near(t, [found.colourfulness], [0.3 * Math.hypot(rg, yb)], 'colourfulness');
  near(t, found.hueCentre, [red - (green + blue) / 2, (Math.sqrt(3) / 2) * (green - blue)], 'hue centre');
  // Between red and orange: 20°.
  near(t, found.hues, [Math.sqrt(0.75 * red), ...Array.from({ length: 11 }, () => 0)], 'hues');
  t.same(found.cells.flatMap((share, i) => (share === 0 ? [] : [i, share])), [3 * 16 + 1 * 4 + 0, 1]); // prettier-ignore
  near(t, found.tiles.lightness, Array.from({ length: 9 }, () => lightness), 'tiles'); // prettier-ignore
  const flat = Math.log(1e-4);
  for (const scale of found.edges) near(t, scale, [flat, flat, flat, 0, flat], 'edges');
});

t.test('a ramp has the moments and quantiles of a uniform distribution', async (t) => {
  const found = statistics(paint((x) => [5 * x, 5 * x, 5 * x]));
  const step = 5 / 255;
  const deviation = step * Math.sqrt((48 ** 2 - 1) / 12);
  // Of 16 columns (0, 3, …, 45) 16 pixels each: 5 % lies in the first and 95 % in the last, the others between two.
  const quantiles = [0, 11.25, 22.5, 33.75, 45].map((column) => column * step);
  near(t, found.lightness, [23.5 * step, deviation, 0, ...quantiles], 'lightness');
  near(t, found.saturation, [0, 0, 0, 0, 0, 0, 0, 0], 'saturation');
  t.same(
    found.hues,
    Array.from({ length: 12 }, () => 0),
  );
  near(t, found.tiles.lightness, [0, 1, 2, 0, 1, 2, 0, 1, 2].map((i) => (7.5 + 16 * i) * step), 'tiles'); // prettier-ignore
  // Halving doubles the step from one pixel to the next; at 8 steps of 5/255 (0.157) it counts as an edge.
  found.edges.forEach((scale, k) => {
    const flat = Math.log(1e-4);
    const slope = step * 2 ** k;
    const wanted = [Math.log(slope + 1e-4), flat, flat, slope > 0.1 ? 1 : 0, flat];
    // Logarithms near those of 1e-4 show the rounding of float32 itself.
    t.ok(wanted.every((value, i) => Math.abs(value - scale[i]!) < 2e-2), `scale ${k}: ${scale.join()}`); // prettier-ignore
  });
});

t.test('a border between black and white is an edge, to the right or downwards', async (t) => {
  const across = statistics(paint((x) => (x < 24 ? [0, 0, 0] : [255, 255, 255])));
  const down = statistics(paint((_, y) => (y < 24 ? [0, 0, 0] : [255, 255, 255])));
  const flat = Math.log(1e-4);
  // One of 47 steps is 1, in one of 47 columns; the Laplacian is −1 and 1 in two of 46 columns.
  const step = Math.log(1 / 47 + 1e-4);
  const spread = Math.log(Math.sqrt(1 / 47 - 1 / 47 ** 2) + 1e-4);
  const bend = Math.log(Math.sqrt(2 / 46) + 1e-4);
  near(t, across.edges[0]!, [step, flat, spread, 1 / 47, bend], 'to the right');
  near(t, down.edges[0]!, [flat, step, spread, 1 / 47, bend], 'downwards');
  near(t, across.tiles.lightness, [0, 0.5, 1, 0, 0.5, 1, 0, 0.5, 1], 'columns');
  near(t, down.tiles.lightness, [0, 0, 0, 0.5, 0.5, 0.5, 1, 1, 1], 'rows');
  near(t, [across.cells[0]!, across.cells[63]!], [Math.SQRT1_2, Math.SQRT1_2], 'cells');
});

t.test('hues are told in twelfths of the circle from red on, their bounds exactly', async (t) => {
  const bounds: Colour[] = [
    [200, 0, 0], [200, 100, 0], [200, 200, 0], [100, 200, 0], [0, 200, 0], [0, 200, 100],
    [0, 200, 200], [0, 100, 200], [0, 0, 200], [100, 0, 200], [200, 0, 200], [200, 0, 100],
  ]; // prettier-ignore
  bounds.forEach((colour, bin) => {
    const { hues } = statistics(paint(() => colour));
    t.same(hues.map((share) => share > 0), hues.map((_, i) => i === bin), colour.join()); // prettier-ignore
  });
});

t.test('between the bounds, hues are where their angle says', async () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(byte, byte, byte, (red, green, blue) => {
      const angle = Math.atan2(Math.sqrt(3) * (green - blue), 2 * red - green - blue);
      const twelfths = ((angle / (2 * Math.PI)) * 12 + 12) % 12;
      fc.pre(red !== green || green !== blue);
      fc.pre(Math.abs(twelfths - Math.round(twelfths)) > 1e-6);
      const { hues } = statistics(paint(() => [red, green, blue]));
      return hues.findIndex((share) => share > 0) === Math.floor(twelfths);
    }),
    { seed: 1, numRuns: 200 },
  );
});

t.test('pixels that do not fill the tiles and the halves are left out there', async (t) => {
  const size = { width: 50, height: 49 };
  const inside = (x: number, y: number): Colour => (x < 48 && y < 48 ? [100, 100, 100] : [255, 0, 0]);
  const found = statistics(paint(inside, size), size);
  near(t, found.tiles.lightness, Array.from({ length: 9 }, () => 100 / 255), 'tiles'); // prettier-ignore
  t.ok(found.hues[0]! > 0);
  t.ok(found.all.every(Number.isFinite));
});
