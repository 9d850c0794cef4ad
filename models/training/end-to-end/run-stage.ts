import type { NamedValues } from '../../engine/index.ts';
import { LEARNING_RATE } from '../../graph/training/index.ts';
import type { Tensor } from '../../weights/index.ts';
import { Prefetcher } from './batches.ts';
import type { Progress } from './checkpoint.ts';
import { diverged, refuseDivergence } from './divergence.ts';
import type { TrainingPlace } from './divergence.ts';
import { valuesOf } from './stage.ts';
import type { Stage, StageContext, StageResult, StageStart } from './stage.ts';
import { StepRunner } from './step-runner.ts';

/** Batches prepared while another one is trained. */
const AHEAD = 1;

/**
 * Runs a stage until its epochs, its patience or its time end, or until the signal is aborted.
 * @throws SynestheteError DIVERGED, naming the term of the loss or the parameter that is not finite, with the last
 *   checkpoint unchanged
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
  /** The step whose weights were validated last. A resumed run doesn't validate them again. */
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
    const { signal } = this.#context;
    let isStopped = false;
    try {
      while (!this.#isDone(steps)) {
        signal.throwIfAborted();
        await this.#advance(prefetcher, steps);
      }
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      isStopped = true;
    }
    if (!this.#isSaved) await this.#save();
    return { progress: this.#progress, best: this.#best, isStopped };
  }

  /** Runs one validation or one step. */
  async #advance(prefetcher: Prefetcher, steps: number): Promise<void> {
    if (this.#isValidationDue()) {
      await this.#validate();
      return;
    }
    await this.#oneStep(prefetcher, steps);
    const isTime = performance.now() - this.#savedAtMs >= 1000 * this.#context.checkpointSeconds;
    if (isTime && !this.#isValidationDue()) await this.#save();
  }

  #isDone(steps: number): boolean {
    const { step, bestEpoch } = this.#progress;
    if (this.#validatedStep !== step || step === 0) return false;
    return step >= steps || this.#isTimeUp || this.#epochOf(step) - bestEpoch >= this.#stage.patience;
  }

  async #oneStep(prefetcher: Prefetcher, steps: number): Promise<void> {
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
    const results = await this.#runner.run({ ...(await prefetcher.take()), ...fixed }, this.#context.signal);
    const losses = new Map(['loss', ...step.terms].map((term) => [term, results[term]!.data[0]!]));
    this.#isSaved = false;
    this.#progress = { ...this.#progress, step: number };
    refuseDivergence(losses, this.#placeOf(number));
    if (number === 1) this.#noticeShares(losses);
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
  }

  #placeOf(step: number): TrainingPlace {
    const { isTimed, learningRate } = this.#stage;
    return {
      step,
      epoch: this.#epochOf(step),
      out: this.#context.out,
      learningRate: isTimed ? learningRate(1) : null,
    };
  }

  /** Shows each term's share of the loss at the start: a term with nearly all of it drowns the others. */
  #noticeShares(losses: ReadonlyMap<string, number>): void {
    const { terms, weights } = this.#stage.step;
    if (terms.length < 2) return;
    const loss = losses.get('loss')!;
    const shares = terms.map(
      (term) => `${term} ${Math.round((100 * weights[term] * losses.get(term)!) / loss)} %`,
    );
    this.#context.notice(`the loss at the start is ${loss.toPrecision(3)}: ${shares.join(', ')}`);
  }

  async #validate(): Promise<void> {
    const weights = weightsOf(this.#stage, this.#runner);
    const state = { ...valuesOf(weights), ...this.#stage.statistics };
    const { criterion, figures } = await this.#stage.validate(state);
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
  }

  async #save(): Promise<void> {
    const now = new Map<string, Tensor>();
    const { state } = this.#runner;
    for (const { input, shape, isTransient } of this.#stage.step.trainable) {
      if (isTransient) continue;
      const data = state[input]!;
      if (!data.every((value) => Number.isFinite(value)))
        throw diverged(`${input} is not finite`, this.#placeOf(this.#progress.step));
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

/** Copies of the parameters and running statistics, without the state of the optimiser. */
function weightsOf(stage: Stage, { state }: StepRunner): Map<string, Tensor> {
  return new Map(
    stage.step.trainable
      .filter(({ input }) => !input.includes(':'))
      .map(({ input, shape }) => [input, { shape, data: state[input]!.slice() }]),
  );
}
