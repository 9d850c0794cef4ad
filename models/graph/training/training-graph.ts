import type { Graph } from '../graph.ts';
import type { BatchNormState } from '../normalisation.ts';
import { batchNorm, trainBatchNorm } from '../normalisation.ts';
import { add, greater, where } from '../operators.ts';
import { GraphError } from '../tensor.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { gradients } from './gradients/gradients.ts';
import type { Optimiser } from './optimisers.ts';

/** Inputs of every training graph beside the batch: scalars. */
export const LEARNING_RATE = 'learningRate';
export const STEP = 'step';
/** Scalar inputs of training graphs whose step takes several runs: 1 in the first (in the last) run, else 0. */
export const FIRST = 'first';
export const APPLY = 'apply';

/** Suffixes of the inputs that hold a sum of gradients, and running statistics, from run to run of a step. */
const SUM = ':gradient';
const PENDING = ':pending';
/** Suffix of the output that is the next step's input of the name before it. */
const NEXT = ':next';

/**
 * Names, in a training graph, of a value that changes from step to step: an input, and the output with its next value.
 */
export interface TrainableState {
  readonly input: string;
  readonly output: string;
  readonly shape: Shape;
  /**
   * Whether it lives only from the first to the last run of one step: sums of gradients, partial statistics. Everything
   * else stays unchanged until the last run, so that a step can be abandoned between two runs and repeated.
   */
  readonly isTransient: boolean;
}

interface Statistic {
  readonly old: Tensor;
  readonly next: Tensor;
  /** Input for its value from the previous run, when a step takes several. */
  readonly pending: Tensor | null;
}

/**
 * Builds a training step as one graph: batch, parameters, optimiser state and learning rate in; losses, new parameters
 * and new state out. Networks get their parameters and normalisations from it by name.
 */
export class TrainingGraph {
  readonly graph: Graph;
  readonly #parameters = new Map<string, { tensor: Tensor; decays: boolean; frozen: boolean }>();
  readonly #statistics: Statistic[] = [];
  readonly #runs: number;
  readonly #isFirst: Tensor | null;

  /**
   * @param options.runs that make one step: gradients are summed over them and applied in the last one. With more than one
   *   the graph has the inputs FIRST and APPLY.
   */
  constructor(graph: Graph, options: { runs?: number } = {}) {
    this.graph = graph;
    this.#runs = options.runs ?? 1;
    this.#isFirst = this.#runs > 1 ? greater(graph.input(FIRST, []), 0) : null;
  }

  /**
   * A trainable parameter; the same name gives the same tensor.
   * @param options.decays whether weight decay applies, by default to all but vectors (biases and normalisations)
   * @param options.frozen whether it stays unchanged
   */
  parameter(name: string, shape: Shape, options: { decays?: boolean; frozen?: boolean } = {}): Tensor {
    const known = this.#parameters.get(name);
    if (known) return known.tensor;
    const tensor = this.graph.input(name, shape);
    const { decays = shape.length > 1, frozen = false } = options;
    this.#parameters.set(name, { tensor, decays, frozen });
    return tensor;
  }

  /**
   * Training-mode batch normalisation with parameters and running statistics `name.weight`, `name.bias`, ….
   * @param options.epsilon added to the variance
   * @param options.fixed whether it normalises by the running statistics, which then stay unchanged
   */
  batchNorm(
    name: string,
    x: Tensor,
    options: { epsilon?: number | undefined; fixed?: boolean } = {},
  ): Tensor {
    const shape = [x.shape[1]!];
    const { epsilon, fixed = false } = options;
    const weight = this.parameter(`${name}.weight`, shape);
    const bias = this.parameter(`${name}.bias`, shape);
    const old = {
      mean: this.graph.input(`${name}.running_mean`, shape),
      variance: this.graph.input(`${name}.running_var`, shape),
    };
    if (fixed) {
      const state: BatchNormState = { weight, bias, runningMean: old.mean, runningVar: old.variance };
      return this.graph.within(name, () => batchNorm(x, state, epsilon));
    }
    const isFirst = this.#isFirst;
    const pending = isFirst && {
      mean: this.graph.input(`${name}.running_mean${PENDING}`, shape),
      variance: this.graph.input(`${name}.running_var${PENDING}`, shape),
    };
    return this.graph.within(name, () => {
      const before = (key: 'mean' | 'variance'): Tensor =>
        isFirst && pending ? where(isFirst, old[key], pending[key]) : old[key];
      const state = { weight, bias, runningMean: before('mean'), runningVar: before('variance') };
      const { output, runningMean, runningVar } = trainBatchNorm(x, state, epsilon);
      this.#statistics.push(
        { old: old.mean, next: runningMean, pending: pending?.mean ?? null },
        { old: old.variance, next: runningVar, pending: pending?.variance ?? null },
      );
      return output;
    });
  }

  /**
   * Completes the step: gradients of the loss, updates, and the outputs. With several runs a step the gradients are summed:
   * the loss of a step is the sum of the runs' losses. Running statistics follow every run.
   * @param losses outputs to report; `loss`, a scalar, is minimised and reported as "loss"
   * @param slopes outputs by these names: the gradient of the loss with respect to the tensor
   * @returns the values to feed back from each run into the next
   * @throws GraphError when a parameter, or a tensor of `slopes`, has no influence on the loss
   */
  finish(
    loss: Tensor,
    optimiser: Optimiser,
    losses: Readonly<Record<string, Tensor>> = {},
    slopes: Readonly<Record<string, Tensor>> = {},
  ): readonly TrainableState[] {
    const { graph } = this;
    const learnt = [...this.#parameters].filter(([, { frozen }]) => !frozen);
    if (learnt.length === 0) throw new GraphError('A training step needs parameters that are not frozen');
    const derived = gradients(loss, [...learnt.map(([, { tensor }]) => tensor), ...Object.values(slopes)]);
    graph.output('loss', loss);
    for (const [name, tensor] of Object.entries(losses)) graph.output(name, tensor);
    Object.keys(slopes).forEach((name, i) => {
      graph.output(name, derived[learnt.length + i]!);
    });
    const learningRate = graph.input(LEARNING_RATE, []);
    const step = graph.input(STEP, []);
    const isFirst = this.#isFirst;
    const isLast = isFirst && greater(graph.input(APPLY, []), 0);
    const trainable: TrainableState[] = [];
    const evolve = (input: Tensor, next: Tensor, isTransient = false): void => {
      graph.output(`${input.name}${NEXT}`, next);
      trainable.push({ input: input.name, output: `${input.name}${NEXT}`, shape: input.shape, isTransient });
    };
    const settle = (old: Tensor, next: Tensor): void => {
      evolve(old, isLast ? where(isLast, next, old) : next);
    };
    learnt.forEach(([name, { tensor, decays }], i) => {
      graph.within(`${name}:update`, () => {
        const state = optimiser.stateNames.map((part) => graph.input(`${name}:${part}`, tensor.shape));
        const sum = isFirst && graph.input(`${name}${SUM}`, tensor.shape);
        const own = derived[i]!;
        const gradient = sum ? where(isFirst, own, add(sum, own)) : own;
        const updated = optimiser.update({ parameter: tensor, gradient, state, learningRate, step, decays });
        settle(tensor, updated.parameter);
        state.forEach((old, k) => {
          settle(old, updated.state[k]!);
        });
        if (sum) evolve(sum, gradient, true);
      });
    });
    for (const { old, next, pending } of this.#statistics) {
      settle(old, next);
      if (pending) evolve(pending, next, true);
    }
    return trainable;
  }
}
