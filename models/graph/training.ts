import type { BatchNormState } from './normalisation.ts';
import { batchNorm, trainBatchNorm } from './normalisation.ts';
import { gradients } from './gradients/gradients.ts';
import type { Graph } from './graph.ts';
import { add, greater, mul, where } from './operators.ts';
import type { Optimiser } from './optimisers.ts';
import { GraphError } from './tensor.ts';
import type { Shape, Tensor } from './tensor.ts';

/** Inputs of every training graph beside the batch: scalars. */
export const LEARNING_RATE = 'learningRate';
export const STEP = 'step';
/** Input, a scalar, of training graphs that accumulate: 1 with the last slice of a batch, else 0. */
export const APPLY = 'apply';

/** Suffix of the output that is the next step's input of the name before it. */
const NEXT = ':next';

/** Names, in a training graph, of what changes from step to step: an input, and the output that follows it. */
export interface Evolving {
  readonly input: string;
  readonly output: string;
  readonly shape: Shape;
}

/**
 * Builds a training step as one graph: batch, parameters, optimiser state and learning rate in; losses, new
 * parameters and new state out. Networks ask it for their parameters and normalisations by name.
 */
export class TrainingGraph {
  readonly graph: Graph;
  readonly #parameters = new Map<string, { tensor: Tensor; decays: boolean; frozen: boolean }>();
  readonly #statistics = new Map<string, { old: Tensor; next: Tensor }>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /**
   * A parameter to be learnt; the same name gives the same tensor.
   * @param options.decays whether weight decay applies, by default to all but vectors (biases and normalisations)
   * @param options.frozen whether it stays as it is
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
   * @param options.fixed whether it normalises by the running statistics, which then stay as they are
   */
  batchNorm(
    name: string,
    x: Tensor,
    options: { epsilon?: number | undefined; fixed?: boolean } = {},
  ): Tensor {
    const shape = [x.shape[1]!];
    const { epsilon, fixed = false } = options;
    const state: BatchNormState = {
      weight: this.parameter(`${name}.weight`, shape),
      bias: this.parameter(`${name}.bias`, shape),
      runningMean: this.graph.input(`${name}.running_mean`, shape),
      runningVar: this.graph.input(`${name}.running_var`, shape),
    };
    if (fixed) return this.graph.within(name, () => batchNorm(x, state, epsilon));
    const { output, runningMean, runningVar } = this.graph.within(name, () =>
      trainBatchNorm(x, state, epsilon),
    );
    this.#statistics.set(`${name}.running_mean`, { old: state.runningMean, next: runningMean });
    this.#statistics.set(`${name}.running_var`, { old: state.runningVar, next: runningVar });
    return output;
  }

  /**
   * Completes the step: gradients of the loss, updates, and the outputs.
   * @param losses outputs to report; `loss`, a scalar, is minimised and reported as "loss"
   * @param options.slices runs that make one step: gradients are summed, and their mean is applied in the run where
   *   APPLY is 1. Running statistics go on with every run.
   * @returns what must be fed back from each step into the next
   * @throws GraphError when a parameter has no influence on the loss
   */
  finish(
    loss: Tensor,
    optimiser: Optimiser,
    losses: Readonly<Record<string, Tensor>> = {},
    options: { slices?: number } = {},
  ): readonly Evolving[] {
    const { slices = 1 } = options;
    const { graph } = this;
    const learnt = [...this.#parameters].filter(([, { frozen }]) => !frozen);
    if (learnt.length === 0) throw new GraphError('A training step needs parameters that are not frozen');
    const derived = gradients(
      loss,
      learnt.map(([, { tensor }]) => tensor),
    );
    graph.output('loss', loss);
    for (const [name, tensor] of Object.entries(losses)) graph.output(name, tensor);
    const learningRate = graph.input(LEARNING_RATE, []);
    const step = graph.input(STEP, []);
    const applies = slices > 1 ? greater(graph.input(APPLY, []), 0) : null;
    const evolving: Evolving[] = [];
    const evolve = (input: Tensor, next: Tensor): void => {
      graph.output(`${input.name}${NEXT}`, next);
      evolving.push({ input: input.name, output: `${input.name}${NEXT}`, shape: input.shape });
    };
    learnt.forEach(([name, { tensor, decays }], i) => {
      graph.within(`${name}:update`, () => {
        const state = optimiser.stateNames.map((part) => graph.input(`${name}:${part}`, tensor.shape));
        const sum = applies && graph.input(`${name}:gradient`, tensor.shape);
        const total = sum ? add(sum, derived[i]!) : derived[i]!;
        const gradient = sum ? mul(total, 1 / slices) : total;
        const updated = optimiser.update({ parameter: tensor, gradient, state, learningRate, step, decays });
        const settle = (old: Tensor, next: Tensor): void => {
          evolve(old, applies ? where(applies, next, old) : next);
        };
        settle(tensor, updated.parameter);
        state.forEach((old, k) => {
          settle(old, updated.state[k]!);
        });
        if (sum && applies) evolve(sum, where(applies, 0, total));
      });
    });
    for (const { old, next } of this.#statistics.values()) evolve(old, next);
    return evolving;
  }
}
