import { add, div, mul, pow, sqrt, square, sub } from '../operators.ts';
import type { Tensor } from '../tensor.ts';

/** One parameter after an update, and the state that the optimiser keeps for it. */
interface Update {
  readonly parameter: Tensor;
  readonly state: readonly Tensor[];
}

/** Inputs of an update. */
interface UpdateInputs {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  /** In the order of `stateNames`; all zeros before the first step. */
  readonly state: readonly Tensor[];
  /** Learning rate, a scalar. */
  readonly learningRate: Tensor;
  /** Number of this step, a scalar that counts from 1. */
  readonly step: Tensor;
  /** Whether the weight decay applies to this parameter. */
  readonly decays: boolean;
}

export interface Optimiser {
  /** Names of the state tensors of each parameter; they have its shape. */
  readonly stateNames: readonly string[];
  update(inputs: UpdateInputs): Update;
}

/**
 * torch.optim.SGD: g ← g + weightDecay · w; v ← momentum · v + g; w ← w − lr · (v, or g + momentum · v if nesterov).
 */
export function sgd(
  options: { momentum?: number; weightDecay?: number; nesterov?: boolean } = {},
): Optimiser {
  const { momentum = 0, weightDecay = 0, nesterov = false } = options;
  return {
    stateNames: momentum === 0 ? [] : ['momentum'],
    update({ parameter, gradient, state, learningRate, decays }) {
      const decayed = decays && weightDecay !== 0 ? add(gradient, mul(parameter, weightDecay)) : gradient;
      const [old] = state;
      if (!old) return { parameter: sub(parameter, mul(decayed, learningRate)), state: [] };
      const velocity = add(mul(old, momentum), decayed);
      const direction = nesterov ? add(decayed, mul(velocity, momentum)) : velocity;
      return { parameter: sub(parameter, mul(direction, learningRate)), state: [velocity] };
    },
  };
}

/**
 * torch.optim.AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", algorithm 2):
 * w ← w · (1 − lr · weightDecay); w ← w − lr · m̂ / (√v̂ + ε), with bias-corrected m̂ and v̂.
 */
export function adamW(
  options: { beta1?: number; beta2?: number; epsilon?: number; weightDecay?: number } = {},
): Optimiser {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
  return {
    stateNames: ['mean', 'square'],
    update({ parameter, gradient, state, learningRate, step, decays }) {
      const [oldMean, oldSquare] = state as [Tensor, Tensor];
      const { graph } = parameter;
      const mean = add(mul(oldMean, beta1), mul(gradient, 1 - beta1));
      const squared = add(mul(oldSquare, beta2), mul(square(gradient), 1 - beta2));
      const corrected = (beta: number): Tensor => sub(1, pow(graph.scalar(beta), step));
      const root = add(div(sqrt(squared), sqrt(corrected(beta2))), epsilon);
      const stride = div(learningRate, corrected(beta1));
      const shrunk =
        decays && weightDecay !== 0 ? mul(parameter, sub(1, mul(learningRate, weightDecay))) : parameter;
      return { parameter: sub(shrunk, mul(div(mean, root), stride)), state: [mean, squared] };
    },
  };
}
