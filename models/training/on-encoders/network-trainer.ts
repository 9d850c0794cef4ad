import { hardwareOf, type Engine } from '../../engine/index.ts';
import type { CdcmlSettings } from '../../families/on-encoders/index.ts';
import type { SimilarityFit } from './expected-similarity.ts';
import { trainingStep } from './step.ts';
import { trainStudent, type Lesson, type Trained } from './student.ts';

/** The shared inputs of all networks of a training. */
export interface NetworksGround {
  readonly settings: CdcmlSettings;
  /** σ of (1). */
  readonly sigma: number;
  /** Coordinates of a picture and of a clip. */
  readonly sizes: { readonly picture: number; readonly clip: number };
}

/** One of them. */
export interface NetworkJob {
  /** The fold to leave out; −1 for none. */
  readonly without: number;
  /** All points, including those of that fold, with the teachers' answers. */
  readonly pictures: Lesson;
  readonly clips: Lesson;
  readonly similarity: SimilarityFit;
}

export interface JobOptions {
  /** Called after each epoch. */
  readonly epochDone: (epoch: number) => void;
  /** Stops after the current epoch. */
  readonly signal: AbortSignal | undefined;
}

/** Handlers for training several networks. */
export interface JobHandling<J extends NetworkJob> {
  readonly optionsOf: (job: J) => JobOptions;
  /** Called with each network as soon as it is trained. */
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
