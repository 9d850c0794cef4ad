import { SynestheteError } from '../../errors.ts';

/** A step of a training and how to continue from its checkpoint. */
export interface TrainingPlace {
  readonly step: number;
  /** Counts from 1. */
  readonly epoch: number;
  /** The folder of the training. */
  readonly out: string;
  /** The learning rate that a resumed run can lower; null when it is fixed. */
  readonly learningRate: number | null;
}

/** @throws SynestheteError DIVERGED, naming the first term of the loss that is not finite */
export function refuseDivergence(losses: ReadonlyMap<string, number>, place: TrainingPlace): void {
  const terms = [...losses].filter(([term]) => term !== 'loss');
  const [term, value] = terms.find(([, loss]) => !Number.isFinite(loss)) ?? [];
  const all = losses.get('loss')!;
  if (term === undefined && Number.isFinite(all)) return;
  const problem =
    term === undefined ? `the sum of the loss is ${all}` : `the term ${term} of the loss is ${value!}`;
  throw diverged(problem, place);
}

export function diverged(
  problem: string,
  { step, epoch, out, learningRate }: TrainingPlace,
): SynestheteError {
  return new SynestheteError(
    'DIVERGED',
    `${problem} at step ${step} (epoch ${epoch}): the last good checkpoint is kept in ${out}`,
    learningRate === null ? {} : { remedy: { kind: 'lower-learning-rate', out, learningRate } },
  );
}
