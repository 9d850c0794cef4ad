import { hardwareOf, type Engine } from '../../engine/index.ts';
import type { CdcmlSettings } from '../../families/on-encoders/index.ts';
import type { SimilarityFit } from './expected-similarity.ts';
import { trainingStep } from './step.ts';
import { trainStudent, type Lesson, type Trained } from './student.ts';

/** What the networks of one training have in common. */
export interface NetworksGround {
  readonly settings: CdcmlSettings;
  /** σ of (1). */
  readonly sigma: number;
  /** Coordinates of a picture and of a clip. */
  readonly sizes: { readonly picture: number; readonly clip: number };
}

/** One of them. */
export interface NetworkJob {
  /** The fold that is left out; −1 for none. */
  readonly without: number;
  /** All points, of that fold as well, with what the teachers say of them. */
  readonly pictures: Lesson;
  readonly clips: Lesson;
  readonly similarity: SimilarityFit;
}

export interface JobOptions {
  /** Told after each epoch. */
  readonly epochDone: (epoch: number) => void;
  /** Asked after each epoch. */
  readonly isStopped: () => boolean;
}

/** How those who train several networks deal with each of them. */
export interface JobHandling<J extends NetworkJob> {
  readonly optionsOf: (job: J) => JobOptions;
  /** Told of each network as soon as it is there. */
  readonly trained: (job: J, network: Trained) => Promise<void>;
}

/** Trains networks one after the other on one engine, with one graph. */
export interface NetworkTrainer {
  /**
   * @returns undefined when it was stopped
   * @throws SynestheteError DIVERGED, ENGINE_FAILED
   */
  train(job: NetworkJob, options: JobOptions): Promise<Trained | undefined>;
  close(): Promise<void>;
}

/** @throws SynestheteError ENGINE_FAILED */
export async function openNetworkTrainer(
  engine: Engine,
  { settings, sigma, sizes }: NetworksGround,
): Promise<NetworkTrainer> {
  const step = trainingStep(settings, sizes, sigma, hardwareOf(engine));
  const session = await engine.load(step.graph);
  return {
    train: ({ without, pictures, clips, similarity }, options) =>
      trainStudent({
        pictures,
        clips,
        without,
        similarity,
        settings,
        step,
        session,
        ...options,
      }),
    close: () => session.close(),
  };
}
