import t from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import { solveMasked, type MaskedSystem } from '../../../models/linear-algebra/conjugate-gradients.ts';
import { solve, timesTransposed } from '../../../models/linear-algebra/symmetric.ts';
import { failure } from '../rejection.ts';
import { noise } from '../training/on-encoders/numbers.ts';

const engine = await openEngine('cpu', { threads: 1 });
const SIZE = 24;

/** A symmetric matrix without a negative eigenvalue, and what is added to its diagonal. */
function problem(): { kernel: Float32Array; diagonal: Float32Array } {
  const rows = noise(SIZE * SIZE, 1);
  return {
    kernel: Float32Array.from(timesTransposed(rows, rows, SIZE), (value) => value / SIZE),
    diagonal: Float32Array.from(noise(SIZE, 2), (value) => 0.3 + 0.1 * value),
  };
}

/** The solution within the rows of the mask, by Cholesky. */
function exactly(
  kernel: Float32Array,
  diagonal: Float32Array,
  { mask }: MaskedSystem,
  target: Float32Array,
): Float64Array {
  const kept = Array.from(mask.keys()).filter((i) => mask[i] === 1);
  const values = Float64Array.from(
    kept.flatMap((i) => kept.map((j) => kernel[i * SIZE + j]! + (i === j ? diagonal[i]! : 0))),
  );
  const found = solve(
    { size: kept.length, values },
    Float64Array.from(kept, (i) => target[i]!),
  );
  const whole = new Float64Array(SIZE);
  kept.forEach((i, k) => (whole[i] = found[k]!));
  return whole;
}

t.test('several systems, each within its mask, as by direct solution', async (t) => {
  const { kernel, diagonal } = problem();
  const target = (seed: number) => Float32Array.from(noise(SIZE, seed));
  const systems: MaskedSystem[] = [
    { mask: new Float32Array(SIZE).fill(1), targets: [target(3), target(4)] },
    { mask: Float32Array.from({ length: SIZE }, (_, i) => (i % 5 === 0 ? 0 : 1)), targets: [target(3)] },
    { mask: Float32Array.from({ length: SIZE }, (_, i) => (i < 3 ? 1 : 0)), targets: [target(5), target(6)] },
  ];
  const found = await solveMasked(engine, kernel, diagonal, systems);
  t.same(found.map(({ length }) => length), [2, 1, 2]); // prettier-ignore
  systems.forEach((system, s) => {
    system.targets.forEach((of, c) => {
      const expected = exactly(kernel, diagonal, system, of);
      const x = found[s]![c]!;
      let [difference, length] = [0, 0];
      for (let i = 0; i < SIZE; i++) {
        difference += (x[i]! - expected[i]!) ** 2;
        length += expected[i]! ** 2;
        if (system.mask[i] === 0) t.equal(x[i], 0, `row ${i} of system ${s}`);
      }
      t.ok(Math.sqrt(difference / length) < 1e-3, `system ${s}, target ${c}`);
    });
  });
});

t.test('a system that is solved at once waits for one that takes long', async (t) => {
  // Eigenvalues over four powers of ten, beside a system of one row, which one step solves.
  const kernel = new Float32Array(SIZE * SIZE);
  const rotation = noise(SIZE * SIZE, 7);
  for (let k = 0; k < SIZE; k++) {
    for (let i = 0; i < SIZE; i++) {
      for (let j = 0; j < SIZE; j++)
        kernel[i * SIZE + j]! += 10 ** (-k / 6) * rotation[k * SIZE + i]! * rotation[k * SIZE + j]!;
    }
  }
  const diagonal = new Float32Array(SIZE).fill(1e-4);
  const target = Float32Array.from(noise(SIZE, 8));
  const one = Float32Array.from({ length: SIZE }, (_, i) => (i === 0 ? 1 : 0));
  const systems = [
    { mask: one, targets: [target, new Float32Array(SIZE)] },
    { mask: new Float32Array(SIZE).fill(1), targets: [target] },
  ];
  const [[single, none], [whole]] = (await solveMasked(engine, kernel, diagonal, systems)) as [
    [Float32Array, Float32Array],
    [Float32Array],
  ];
  t.ok(Math.abs(single[0]! - target[0]! / (kernel[0]! + diagonal[0]!)) < 1e-6 * Math.abs(single[0]!));
  t.ok(none.every((value) => value === 0));
  t.ok(whole.every(Number.isFinite));
});

t.test('equations that are not solved after many steps say so, with the cure', async (t) => {
  // Eigenvalues over twelve powers of ten: more than single precision holds.
  const size = 300;
  const kernel = new Float32Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) kernel[i * size + j] = Math.exp(-(((i - j) / 60) ** 2));
  }
  const diagonal = new Float32Array(size).fill(1e-12);
  const system = { mask: new Float32Array(size).fill(1), targets: [Float32Array.from(noise(size, 9))] };
  t.match(
    await failure('DIVERGED', () => solveMasked(engine, kernel, diagonal, [system])),
    /^after 400 steps of the teacher's equations .* give the settings a larger ridge$/,
  );
});
