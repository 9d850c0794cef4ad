import * as tf from '@tensorflow/tfjs';
import type { Test } from 'tap';
import type { Engine, NamedValues, Value } from '../../../models/engine/index.ts';
import { interpret } from '../../../models/engine/interpreter.ts';
import { Graph, mul, reduceSum, sizeOf } from '../../../models/graph/index.ts';
import type { DType, Hardware, Shape, Tensor } from '../../../models/graph/index.ts';
import { gradients } from '../../../models/graph/training/index.ts';

/** Numbers on [−1, 1) that are the same on every machine. */
export function random(count: number, seed: number): Float32Array {
  let state = (seed * 2654435761) >>> 0 || 1;
  return Float32Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 31 - 1;
  });
}

export function floats(shape: Shape, data: Float32Array): Value {
  return { dtype: 'float32', shape, data };
}

export function toTf({ data, shape, dtype }: Value): tf.Tensor {
  return tf.tensor(data, [...shape], dtype as DType);
}

/** Largest difference as a part of the largest expected magnitude. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, magnitude] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(found[i]! - expected[i]!));
    magnitude = Math.max(magnitude, Math.abs(expected[i]!));
  }
  return found.length === expected.length ? difference / (magnitude || 1) : Infinity;
}

export async function runOnce(engine: Engine, graph: Graph, feeds: NamedValues): Promise<NamedValues> {
  const session = await engine.load(graph);
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

export interface GradientCase {
  readonly name: string;
  readonly shapes: readonly Shape[];
  /** f: tensors of those shapes → a tensor of any shape. */
  readonly build: (graph: Graph, ...inputs: Tensor[]) => Tensor;
  /** Values of an input from numbers on [−1, 1); the numbers themselves unless told. */
  readonly spread?: (value: number, input: number) => number;
  /** Step of the finite difference. */
  readonly step?: number;
  /** Why TensorFlow.js cannot differentiate it, where it cannot. */
  readonly withoutTfjs?: string;
  readonly tunedFor?: Hardware;
}

/**
 * Compares the gradient graph of L = Σ r · f(x), r random, run by the engine, with central differences of L (along
 * random directions, L summed in double precision), with TensorFlow.js's own gradient of the forward graph, and
 * with the gradient graph interpreted by TensorFlow.js. All within 1e-3.
 */
export async function checkGradient(t: Test, engine: Engine, test: GradientCase): Promise<void> {
  const { shapes, build, spread = (value: number): number => value, step = 1e-2, tunedFor = 'cpu' } = test;
  const names = shapes.map((_, i) => `x${i}`);
  const feeds = Object.fromEntries(
    shapes.map((shape, i) => {
      const values = random(sizeOf(shape), i + 1).map((value) => spread(value, i));
      return [names[i]!, floats(shape, values)];
    }),
  );
  const construct = (graph: Graph): { inputs: Tensor[]; y: Tensor; weights: Float32Array; loss: Tensor } => {
    const inputs = shapes.map((shape, i) => graph.input(names[i]!, shape));
    const y = build(graph, ...inputs);
    const weights = random(sizeOf(y.shape), 99);
    return { inputs, y, weights, loss: reduceSum(mul(y, graph.constant('r', y.shape, weights))) };
  };

  const forward = new Graph('forward', tunedFor);
  const { y, weights } = construct(forward);
  forward.output('y', y);
  const backward = new Graph('backward', tunedFor);
  const built = construct(backward);
  gradients(built.loss, built.inputs).forEach((gradient, i) => {
    backward.output(`d${names[i]!}`, gradient);
  });

  const found = await runOnce(engine, backward, feeds);
  const session = await engine.load(forward);
  for (const [i, name] of names.entries()) {
    const x = feeds[name]!;
    const gradient = found[`d${name}`]!.data as Float32Array;
    const length = Math.hypot(...gradient);
    for (const seed of [7, 8]) {
      const direction = random(x.data.length, seed + i).map((value) => Math.sign(value));
      const loss = async (h: number): Promise<number> => {
        const moved = (x.data as Float32Array).map((value, k) => value + h * direction[k]!);
        const result = await session.run({ ...feeds, [name]: floats(x.shape, moved) });
        return (result['y']!.data as Float32Array).reduce((sum, value, k) => sum + value * weights[k]!, 0);
      };
      const central = async (h: number): Promise<number> => ((await loss(h)) - (await loss(-h))) / (2 * h);
      const difference = (4 * (await central(step / 2)) - (await central(step))) / 3;
      const product = gradient.reduce((sum, value, k) => sum + value * direction[k]!, 0);
      const error = Math.abs(difference - product) / (length || 1);
      t.ok(
        error <= 1e-3,
        `${test.name}: ∂/∂${name} against finite differences, error ${error.toExponential(1)}`,
      );
    }
  }
  await session.close();

  tf.tidy(() => {
    const fed = Object.fromEntries(names.map((name) => [name, toTf(feeds[name]!)]));
    const interpreted = interpret(tf, backward, fed);
    for (const name of names) {
      const error = relativeError(interpreted[`d${name}`]!.dataSync(), found[`d${name}`]!.data);
      t.ok(error <= 1e-3, `${test.name}: ∂/∂${name} interpreted by tfjs, error ${error.toExponential(1)}`);
    }
    if (test.withoutTfjs !== undefined) return;
    const own = tf.grads((...xs: tf.Tensor[]) => {
      const y = interpret(tf, forward, Object.fromEntries(names.map((name, i) => [name, xs[i]!])))['y']!;
      return tf.sum(tf.mul(y, tf.tensor(weights, y.shape)));
    })(names.map((name) => fed[name]!));
    names.forEach((name, i) => {
      const error = relativeError(found[`d${name}`]!.data, own[i]!.dataSync());
      t.ok(
        error <= 1e-3,
        `${test.name}: ∂/∂${name} against tfjs's gradient, error ${error.toExponential(1)}`,
      );
    });
  });
}
