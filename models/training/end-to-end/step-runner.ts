import { Stepper } from '../../engine/index.ts';
import type { Engine, NamedValues, Session, Value } from '../../engine/index.ts';
import type { Graph } from '../../graph/index.ts';
import { APPLY, FIRST } from '../../graph/training/index.ts';
import type { StateValues } from './readings.ts';
import { INPUT, POOLED, SLOPE } from './step.ts';
import type { TrainingStep } from './step.ts';
import { Stopped, goOnUnless } from './stopped.ts';
import type { GoOn } from './stopped.ts';

/** What of a batch the backbones read. */
const READ_BY_BACKBONES = [INPUT.pictures, INPUT.clips, INPUT.rowMask, INPUT.frameMask] as const;

/** Runs training steps, each of one run or, where the batch is divided, of as many as its micro-batches need. */
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
   * @param initial values of what evolves, by input name; what is missing starts as zeros
   * @throws SynestheteError ENGINE_FAILED
   */
  static async open(engine: Engine, step: TrainingStep, initial: StateValues): Promise<StepRunner> {
    const whole = await engine.load(step.whole.graph);
    if (!step.micro) return new StepRunner(step, [whole], initial);
    const forward = await engine.load(step.micro.forward);
    return new StepRunner(step, [whole, forward, await engine.load(step.micro.backward.graph)], initial);
  }

  /** What evolves, by input name. The arrays are those that the next steps overwrite: copy what is kept. */
  get state(): StateValues {
    return { ...this.#whole.state, ...this.#backward?.state };
  }

  /**
   * One step.
   * @param feeds the batch, the learning rate, and whatever else does not evolve
   * @param isLeft asked between two runs; a run may leave by itself with `Stopped`
   * @returns the loss and its terms; null when the step was left, with everything that stays as it was before
   */
  async run(feeds: NamedValues, isLeft: () => boolean): Promise<NamedValues | null> {
    const goOn = goOnUnless(isLeft);
    try {
      return await this.#run(feeds, goOn);
    } catch (error) {
      if (error instanceof Stopped) return null;
      throw error;
    }
  }

  async #run(feeds: NamedValues, goOn: GoOn): Promise<NamedValues> {
    const { micro } = this.#step;
    if (!micro || !this.#forward || !this.#backward) return this.#whole.step(feeds);
    const parts = Array.from({ length: micro.runs }, (_, part) => this.#partOf(feeds, part, micro.size));
    const pooled = this.#roomForPooled(micro.forward);
    const fixed = { ...feeds, ...valuesOf(micro.forward, this.#backward.state) };
    for (const [part, inputs] of parts.entries()) {
      goOn();
      const results = await this.#forward.run({ ...fixed, ...inputs });
      for (const [name, { data }] of Object.entries(pooled)) {
        const values = results[name]!.data as Float32Array;
        (data as Float32Array).set(values, part * values.length);
      }
    }
    const losses = await this.#whole.step({ ...feeds, ...pooled });
    try {
      for (const [part, inputs] of parts.entries()) {
        goOn();
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

  #roomForPooled({ outputs }: Graph): NamedValues {
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

/** The values of those inputs of a graph that a state has. */
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

/** Rows part · size … (part + 1) · size of a value, in its memory. */
function rowsOf({ dtype, shape, data }: Value, part: number, size: number): Value {
  const width = data.length / shape[0]!;
  return {
    dtype,
    shape: [size, ...shape.slice(1)],
    data: data.subarray(part * size * width, (part + 1) * size * width),
  };
}
