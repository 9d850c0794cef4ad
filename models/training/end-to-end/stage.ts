import type { Engine, NamedValues } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import { LEARNING_RATE } from '../../graph/training/index.ts';
import type { Tensor } from '../../weights/index.ts';
import { Prefetcher } from './batches.ts';
import type { Feeder } from './batches.ts';
import type { Progress } from './checkpoint.ts';
import type { Journal } from './journal.ts';
import type { StateValues } from './readings.ts';
import { StepRunner } from './step-runner.ts';
import type { TrainingStep } from './step.ts';
import { Stopped } from './stopped.ts';

/** A part of a training that has a loss and a network of its own. */
export interface Stage {
  readonly name: 'network' | 'moods';
  readonly step: TrainingStep;
  readonly feeder: Feeder;
  /** What is fed to every step and is not learnt. */
  readonly statistics: StateValues;
  readonly epochs: number;
  readonly patience: number;
  /** Whether `maxSeconds` counts. */
  readonly isTimed: boolean;
  /** @param epoch counts from 1 */
  readonly learningRate: (epoch: number) => number;
  /** How good the weights are, the smaller the better, and what metrics.jsonl tells of them. May throw `Stopped`. */
  readonly validate: (
    state: StateValues,
  ) => Promise<{ readonly criterion: number; readonly figures: Readonly<Record<string, unknown>> }>;
}

/** Where a stage begins or goes on. */
export interface StageStart {
  readonly progress: Progress;
  readonly now: StateValues;
  readonly best: ReadonlyMap<string, Tensor>;
}

/** For those who watch. */
export interface TrainingProgress {
  readonly stage: Stage['name'];
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly etaSeconds: number;
}

export interface StageContext {
  readonly engine: Engine;
  readonly journal: Journal;
  readonly maxSeconds: number;
  readonly checkpointSeconds: number;
  readonly out: string;
  /** Called with a consistent state: after the first step of the stage, after every validation, and in between. */
  readonly save: (
    progress: Progress,
    now: ReadonlyMap<string, Tensor>,
    best: ReadonlyMap<string, Tensor>,
  ) => Promise<void>;
  readonly onProgress: (progress: TrainingProgress) => void;
  /** Is told, in one line, what a person should know. */
  readonly notice: (line: string) => void;
  /** Whether a person wants it to end now. */
  readonly isStopped: () => boolean;
}

export interface StageResult {
  readonly progress: Progress;
  /** Weights of the best validation. */
  readonly best: ReadonlyMap<string, Tensor>;
  readonly isStopped: boolean;
}

/** Batches that are made ready while another one is in work. */
const AHEAD = 1;

/**
 * Runs a stage to its end: its epochs, its patience or its time.
 * @throws SynestheteError DIVERGED, naming the term of the loss or the parameter that is not finite, with the last
 *   checkpoint left as it is
 */
export async function runStage(stage: Stage, start: StageStart, context: StageContext): Promise<StageResult> {
  const runner = await StepRunner.open(context.engine, stage.step, start.now);
  try {
    return await new StageRun(stage, start, context, runner).run();
  } finally {
    await runner.close();
  }
}

class StageRun {
  readonly #stage: Stage;
  readonly #context: StageContext;
  readonly #runner: StepRunner;
  readonly #startedAtMs = performance.now();
  readonly #elapsedBefore: number;
  readonly #firstStep: number;
  #progress: Progress;
  #best: ReadonlyMap<string, Tensor>;
  #savedAtMs = performance.now();
  #isSaved = true;
  /** The step whose weights were validated last; none of before an interruption is validated a second time. */
  #validatedStep: number;

  constructor(stage: Stage, start: StageStart, context: StageContext, runner: StepRunner) {
    this.#stage = stage;
    this.#context = context;
    this.#progress = start.progress;
    this.#best = start.best;
    this.#runner = runner;
    this.#elapsedBefore = start.progress.elapsedSeconds;
    this.#firstStep = start.progress.step;
    this.#validatedStep = start.progress.validatedStep;
  }

  #epochOf(step: number): number {
    return Math.floor((step - 1) / this.#stage.feeder.stepsPerEpoch) + 1;
  }

  #isValidationDue(): boolean {
    const { step } = this.#progress;
    if (step === 0 || step === this.#validatedStep) return false;
    return step % this.#stage.feeder.stepsPerEpoch === 0 || this.#isTimeUp;
  }

  get #isTimeUp(): boolean {
    return this.#stage.isTimed && this.#elapsed() >= this.#context.maxSeconds;
  }

  #elapsed(): number {
    return this.#elapsedBefore + (performance.now() - this.#startedAtMs) / 1000;
  }

  async run(): Promise<StageResult> {
    const { feeder, epochs } = this.#stage;
    const steps = epochs * feeder.stepsPerEpoch;
    const prefetcher = new Prefetcher(feeder, this.#firstStep, steps, AHEAD);
    if (this.#firstStep === 0) await this.#save();
    let isStopped = false;
    while (!isStopped && !this.#isDone(steps)) {
      isStopped = this.#context.isStopped() || !(await this.#goOn(prefetcher, steps));
    }
    if (!this.#isSaved) await this.#save();
    return { progress: this.#progress, best: this.#best, isStopped };
  }

  /** A validation or a step. @returns false when it was left, because a person wants it to end */
  async #goOn(prefetcher: Prefetcher, steps: number): Promise<boolean> {
    if (this.#isValidationDue()) return this.#validate();
    if (!(await this.#oneStep(prefetcher, steps))) return false;
    const isTime = performance.now() - this.#savedAtMs >= 1000 * this.#context.checkpointSeconds;
    if (isTime && !this.#isValidationDue()) await this.#save();
    return true;
  }

  #isDone(steps: number): boolean {
    const { step, bestEpoch } = this.#progress;
    if (this.#validatedStep !== step || step === 0) return false;
    return step >= steps || this.#isTimeUp || this.#epochOf(step) - bestEpoch >= this.#stage.patience;
  }

  /** @returns false when it was left between two of its runs; nothing is done of it then */
  async #oneStep(prefetcher: Prefetcher, steps: number): Promise<boolean> {
    const { step, name, epochs, statistics } = this.#stage;
    const number = this.#progress.step + 1;
    const epoch = this.#epochOf(number);
    const learningRate = this.#stage.learningRate(epoch);
    const fixed: NamedValues = {
      ...Object.fromEntries(
        Object.entries(statistics).map(([input, data]) => [
          input,
          { dtype: 'float32' as const, shape: [data.length], data },
        ]),
      ),
      [LEARNING_RATE]: { dtype: 'float32', shape: [], data: Float32Array.of(learningRate) },
    };
    const results = await this.#runner.run(
      { ...(await prefetcher.take()), ...fixed },
      this.#context.isStopped,
    );
    if (!results) return false;
    const losses = new Map(['loss', ...step.terms].map((term) => [term, results[term]!.data[0]!]));
    this.#isSaved = false;
    this.#progress = { ...this.#progress, step: number };
    this.#refuseDivergence(losses, number, epoch);
    if (number === 1) this.#tellShares(losses);
    const loss = losses.get('loss')!;
    this.#context.journal.write({
      kind: 'step',
      stage: name,
      epoch,
      step: number,
      ...Object.fromEntries(losses),
      learningRate,
    });
    const done = number - this.#firstStep;
    const pace = (performance.now() - this.#startedAtMs) / 1000 / done;
    const left = pace * (steps - number);
    this.#context.onProgress({
      stage: name,
      epoch,
      epochs,
      step: number,
      steps,
      loss,
      etaSeconds: this.#stage.isTimed ? Math.min(left, this.#context.maxSeconds - this.#elapsed()) : left,
    });
    return true;
  }

  /** Which part of the loss each term is at the start: one that is nearly all of it drowns the others. */
  #tellShares(losses: ReadonlyMap<string, number>): void {
    const { terms, weights } = this.#stage.step;
    if (terms.length < 2) return;
    const loss = losses.get('loss')!;
    const shares = terms.map(
      (term) => `${term} ${Math.round((100 * weights[term] * losses.get(term)!) / loss)} %`,
    );
    this.#context.notice(`the loss at the start is ${loss.toPrecision(3)}: ${shares.join(', ')}`);
  }

  #refuseDivergence(losses: ReadonlyMap<string, number>, step: number, epoch: number): void {
    const terms = [...losses].filter(([term]) => term !== 'loss');
    const [term, value] = terms.find(([, loss]) => !Number.isFinite(loss)) ?? [];
    const all = losses.get('loss')!;
    if (term === undefined && Number.isFinite(all)) return;
    const what =
      term === undefined ? `the sum of the loss is ${all}` : `the term ${term} of the loss is ${value!}`;
    throw this.#diverged(what, step, epoch);
  }

  #diverged(what: string, step: number, epoch: number): SynestheteError {
    return new SynestheteError('DIVERGED', `${what} at step ${step} (epoch ${epoch}): ${this.#advice()}`);
  }

  #advice(): string {
    const { out } = this.#context;
    const rate = this.#stage.learningRate(1);
    return this.#stage.isTimed
      ? `go on from the last good checkpoint with --resume --out ${out} --learning-rate X, less than ${rate}, or begin anew in another folder with less`
      : `the last good checkpoint is kept in ${out}`;
  }

  /** @returns false when it was left */
  async #validate(): Promise<boolean> {
    const weights = weightsOf(this.#stage, this.#runner);
    const state = { ...valuesOf(weights), ...this.#stage.statistics };
    const validation = await this.#stage.validate(state).catch((error: unknown) => {
      if (error instanceof Stopped) return undefined;
      throw error;
    });
    if (!validation) return false;
    const { criterion, figures } = validation;
    const { step, bestCriterion } = this.#progress;
    const epoch = this.#epochOf(step);
    const isBest = Number.isFinite(criterion) && (bestCriterion === null || criterion < bestCriterion);
    this.#context.journal.write({ kind: 'validation', stage: this.#stage.name, epoch, step, criterion, best: isBest, ...figures }); // prettier-ignore
    this.#validatedStep = step;
    if (isBest || this.#best.size === 0) {
      this.#best = weights;
      this.#progress = { ...this.#progress, bestEpoch: epoch, bestCriterion: isBest ? criterion : null };
    }
    await this.#save();
    return true;
  }

  async #save(): Promise<void> {
    const now = new Map<string, Tensor>();
    const { state } = this.#runner;
    for (const { input, shape, isTransient } of this.#stage.step.trainable) {
      if (isTransient) continue;
      const data = state[input]!;
      if (!data.every((value) => Number.isFinite(value)))
        throw this.#diverged(
          `${input} is not finite`,
          this.#progress.step,
          this.#epochOf(this.#progress.step),
        );
      now.set(input, { shape, data });
    }
    this.#progress = {
      ...this.#progress,
      validatedStep: this.#validatedStep,
      elapsedSeconds: this.#elapsed(),
      metricsBytes: this.#context.journal.bytes,
    };
    await this.#context.save(this.#progress, now, this.#best);
    this.#savedAtMs = performance.now();
    this.#isSaved = true;
  }
}

/** Parameters and running statistics, without what the optimiser keeps; copies. */
function weightsOf(stage: Stage, { state }: StepRunner): Map<string, Tensor> {
  return new Map(
    stage.step.trainable
      .filter(({ input }) => !input.includes(':'))
      .map(({ input, shape }) => [input, { shape, data: state[input]!.slice() }]),
  );
}

/** The values of tensors by their names. */
export function valuesOf(tensors: ReadonlyMap<string, Tensor>): Record<string, Float32Array> {
  return Object.fromEntries([...tensors].map(([name, { data }]) => [name, data]));
}
