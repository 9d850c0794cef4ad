import { Stepper } from '../../engine/index.ts';
import type { Engine, NamedValues, Session, Value } from '../../engine/index.ts';
import type { Graph } from '../../graph/index.ts';
import { APPLY, FIRST } from '../../graph/training/index.ts';
import type { StateValues } from './predictions.ts';
import { INPUT, POOLED, SLOPE } from './step.ts';
import type { TrainingStep } from './step.ts';

/** Inputs of a batch that the backbones read. */
const READ_BY_BACKBONES = [INPUT.pictures, INPUT.clips, INPUT.rowMask, INPUT.frameMask] as const;

/** Runs training steps: one run each, or several when micro-batches divide the batch. */
export class StepRunner {
  readonly #step: TrainingStep;
  readonly #whole: Stepper;
  readonly #forward: Session | null;
  readonly #backward: Stepper | null;
  readonly #sessions: readonly Session[];

  private constructor(
    step: TrainingStep,
    sessions: readonly [whole: Session, forward?: Session, backward?: Session],
    initial: StateValues,
  ) {
    const [whole, forward, backward] = sessions;
    this.#step = step;
    this.#sessions = sessions.filter((session) => session !== undefined);
    this.#whole = new Stepper(whole, step.whole.trainable, initial);
    this.#forward = forward ?? null;
    this.#backward =
      backward && step.micro ? new Stepper(backward, step.micro.backward.trainable, initial) : null;
  }

  /**
   * @param initial trainable values by input name; missing ones start as zeros
   * @throws SynestheteError ENGINE_FAILED
   */
  static async open(engine: Engine, step: TrainingStep, initial: StateValues): Promise<StepRunner> {
    const whole = await engine.load(step.whole.graph);
    if (!step.micro) return new StepRunner(step, [whole], initial);
    const forward = await engine.load(step.micro.forward);
    return new StepRunner(step, [whole, forward, await engine.load(step.micro.backward.graph)], initial);
  }

  /** Trainable values by input name. Later steps overwrite the arrays: copy what you keep. */
  get state(): StateValues {
    return { ...this.#whole.state, ...this.#backward?.state };
  }

  /**
   * One step.
   * @param feeds the batch, the learning rate and all other inputs that are not trained
   * @param signal checked between two runs
   * @returns the loss and its terms
   * @throws the reason of the signal, with all weights as they were before the step
   */
  async run(feeds: NamedValues, signal: AbortSignal): Promise<NamedValues> {
    const { micro } = this.#step;
    if (!micro || !this.#forward || !this.#backward) return this.#whole.step(feeds);
    const parts = Array.from({ length: micro.runs }, (_, part) => this.#partOf(feeds, part, micro.size));
    const pooled = this.#allocatePooled(micro.forward);
    const fixed = { ...feeds, ...valuesOf(micro.forward, this.#backward.state) };
    for (const [part, inputs] of parts.entries()) {
      signal.throwIfAborted();
      const results = await this.#forward.run({ ...fixed, ...inputs });
      for (const [name, { data }] of Object.entries(pooled)) {
        const values = results[name]!.data as Float32Array;
        (data as Float32Array).set(values, part * values.length);
      }
    }
    const losses = await this.#whole.step({ ...feeds, ...pooled });
    try {
      for (const [part, inputs] of parts.entries()) {
        signal.throwIfAborted();
        await this.#backward.step({
          ...feeds,
          ...inputs,
          ...slopesOf(losses, part, micro.size),
          [FIRST]: scalar(part === 0 ? 1 : 0),
          [APPLY]: scalar(part === micro.runs - 1 ? 1 : 0),
        });
      }
    } catch (error) {
      this.#whole.undo();
      throw error;
    }
    return losses;
  }

  #partOf(feeds: NamedValues, part: number, size: number): NamedValues {
    return Object.fromEntries(
      READ_BY_BACKBONES.flatMap((name) => {
        const value = feeds[name];
        return value ? [[name, rowsOf(value, part, size)]] : [];
      }),
    );
  }

  #allocatePooled({ outputs }: Graph): NamedValues {
    const { batch } = this.#step;
    return Object.fromEntries(
      [...outputs]
        .filter(([name]) => Object.values<string>(POOLED).includes(name))
        .map(([name, { shape }]) => {
          const [, width] = shape as [number, number];
          return [name, { dtype: 'float32', shape: [batch, width], data: new Float32Array(batch * width) }];
        }),
    );
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) await session.close();
  }
}

function scalar(value: number): Value {
  return { dtype: 'float32', shape: [], data: Float32Array.of(value) };
}

/** Values for the inputs of a graph that the state holds. */
function valuesOf({ inputs }: Graph, state: StateValues): NamedValues {
  return Object.fromEntries(
    [...inputs].flatMap(([name, { shape }]) => {
      const data = state[name];
      return data ? [[name, { dtype: 'float32' as const, shape, data }]] : [];
    }),
  );
}

function slopesOf(results: NamedValues, part: number, size: number): NamedValues {
  return Object.fromEntries(
    Object.values(SLOPE).flatMap((name) => {
      const value = results[name];
      return value ? [[name, rowsOf(value, part, size)]] : [];
    }),
  );
}

/** Rows part · size … (part + 1) · size of a value, as a view of its memory. */
function rowsOf({ dtype, shape, data }: Value, part: number, size: number): Value {
  const width = data.length / shape[0]!;
  return {
    dtype,
    shape: [size, ...shape.slice(1)],
    data: data.subarray(part * size * width, (part + 1) * size * width),
  };
}
