import t from 'tap';
import { openEngine } from '../../../../models/engine/index.ts';
import { mapCoordinates } from '../../../../models/families/on-encoders/coordinates.ts';
import { Graph } from '../../../../models/graph/index.ts';
import { coordinatesOf, fitCoordinates } from '../../../../models/training/on-encoders/fit-coordinates.ts';
import { BLOCKS, WIDTH, rowsOf, squaredDistance } from '../../training/on-encoders/numbers.ts';

const engine = await openEngine('cpu', { threads: 1 });

/** The mean squared distance of all pairs of rows [count, size], each with itself among them. */
function meanSquaredDistance(values: Float32Array, size: number): number {
  const count = values.length / size;
  const at = (r: number) => values.subarray(r * size, (r + 1) * size);
  let sum = 0;
  for (let i = 0; i < count; i++) for (let j = 0; j < count; j++) sum += squaredDistance(at(i), at(j));
  return sum / count ** 2;
}

t.test('the mean squared distance of all coordinates is 1, each block as its weight', async (t) => {
  const rows = rowsOf(80, 2);
  const map = await fitCoordinates(engine, rows, { blocks: BLOCKS, limit: 100, components: WIDTH });
  const coordinates = await coordinatesOf(engine, map, rows);
  t.ok(Math.abs(meanSquaredDistance(coordinates, WIDTH) - 1) < 0.01);
  const scaled = (from: number, to: number) =>
    Float32Array.from(
      rows.flatMap((row) =>
        [...row.keys()].slice(from, to).map((c) => (row[c]! - map.mean[c]!) * map.scale[c]!),
      ),
    );
  const [first, second] = BLOCKS as [(typeof BLOCKS)[0], (typeof BLOCKS)[0]];
  const ratio =
    meanSquaredDistance(scaled(0, first.width), first.width) /
    meanSquaredDistance(scaled(first.width, WIDTH), second.width);
  t.ok(Math.abs(ratio - first.weight / second.weight) < 0.01, `${ratio}`);
});

t.test('few components keep the distances of many', async (t) => {
  const rows = rowsOf(80, 3);
  const few = await fitCoordinates(engine, rows, { blocks: BLOCKS, limit: 100, components: 3 });
  const kept = meanSquaredDistance(await coordinatesOf(engine, few, rows), 3);
  t.ok(kept > 0.8 && kept < 1, `${kept}`);
});

t.test('one odd number sets nothing apart', async (t) => {
  const rows = rowsOf(50, 3);
  const map = await fitCoordinates(engine, rows, { blocks: BLOCKS, limit: 3, components: WIDTH });
  const odd = Float32Array.from(rows[0]!);
  odd[5] = 1e9;
  const values = await coordinatesOf(engine, map, [rows[0]!, odd]);
  const distance = squaredDistance(values.subarray(0, WIDTH), values.subarray(WIDTH));
  t.ok(distance > 0 && distance < 1, `at a squared distance of ${distance}`);
});

t.test('a block that never varies counts for nothing', async (t) => {
  const rows = rowsOf(30, 4).map((row) => row.fill(0.25, BLOCKS[0]!.width));
  const map = await fitCoordinates(engine, rows, { blocks: BLOCKS, limit: 5, components: 6 });
  const coordinates = await coordinatesOf(engine, map, rows);
  t.ok(coordinates.every(Number.isFinite));
  const other = Float32Array.from(rows[0]!).fill(7, BLOCKS[0]!.width);
  t.same(await coordinatesOf(engine, map, [other]), await coordinatesOf(engine, map, [rows[0]!]));
});

t.test('as part of a graph it is the same', async (t) => {
  const rows = rowsOf(20, 5);
  const map = await fitCoordinates(engine, rows, { blocks: BLOCKS, limit: 1.5, components: 5 });
  const graph = new Graph('coordinates');
  const shape = [rows.length, WIDTH];
  graph.output('y', mapCoordinates(map, graph.input('x', shape)));
  const session = await engine.load(graph);
  const data = Float32Array.from(rows.flatMap((row) => [...row]));
  const { y } = await session.run({ x: { dtype: 'float32', shape, data } });
  await session.close();
  const expected = await coordinatesOf(engine, map, rows);
  t.ok((y!.data as Float32Array).every((value, i) => Math.abs(value - expected[i]!) < 1e-5));
  t.ok(expected.some((value) => Math.abs(value) > 0.1));
});
