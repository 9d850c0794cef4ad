import { sizeOf } from '../graph/index.ts';
import type { TrainableState } from '../graph/training/index.ts';
import type { NamedValues, Session, Value } from './engine.ts';

/**
 * Runs a training graph step by step. Trainable state (parameters, optimiser state, running statistics) has two sets of
 * buffers: each step reads one and writes the other, so nothing is copied between steps.
 */
export class Stepper {
  readonly #session: Session;
  readonly #trainable: readonly TrainableState[];
  #now: Record<string, Value>;
  #next: Record<string, Value>;

  /**
   * @param session a loaded training graph, which the stepper does not close
   * @param initial trainable state by input name, copied; missing values start as zeros
   */
  constructor(
    session: Session,
    trainable: readonly TrainableState[],
    initial: Readonly<Record<string, Float32Array>>,
  ) {
    this.#session = session;
    this.#trainable = trainable;
    const allocate = (): Record<string, Value> =>
      Object.fromEntries(
        trainable.map(({ input, shape }) => [
          input,
          { dtype: 'float32', shape, data: new Float32Array(sizeOf(shape)) },
        ]),
      );
    this.#now = allocate();
    this.#next = allocate();
    for (const { input } of trainable) {
      const values = initial[input];
      if (values) this.#now[input]!.data.set(values);
    }
  }

  /**
   * One step.
   * @param feeds the batch, the learning rate and other inputs that are not trained
   * @returns the outputs that are not trainable state: the losses
   */
  async step(feeds: NamedValues): Promise<NamedValues> {
    const into = Object.fromEntries(this.#trainable.map(({ input, output }) => [output, this.#next[input]!]));
    const results = await this.#session.run({ ...feeds, ...this.#now }, into);
    [this.#now, this.#next] = [this.#next, this.#now];
    return Object.fromEntries(Object.entries(results).filter(([name]) => !(name in into)));
  }

  /** Undoes the last step. Earlier steps can't be undone. */
  undo(): void {
    [this.#now, this.#next] = [this.#next, this.#now];
  }

  /** Trainable state by input name. Later steps overwrite the arrays: copy what you keep. */
  get state(): Readonly<Record<string, Float32Array>> {
    return Object.fromEntries(
      Object.entries(this.#now).map(([name, { data }]) => [name, data as Float32Array]),
    );
  }
}
