import type { Engine, Session } from '../engine/engine.ts';
import { FEATURE_ROWS, FRAME_COUNT } from '../features/index.ts';
import { CLIP_STATISTICS } from './clip-statistics.ts';
import { musicGraph } from './graphs.ts';

/** Computes the statistics of clips for training. */
export class ClipReader {
  readonly #session: Session;

  private constructor(session: Session) {
    this.#session = session;
  }

  /** @throws SynestheteError ENGINE_FAILED */
  static async open(engine: Engine): Promise<ClipReader> {
    return new ClipReader(await engine.load(musicGraph(undefined, 1)));
  }

  /**
   * @param features the 193 × 87 matrix of a clip, row-major.
   * @throws SynestheteError ENGINE_FAILED
   */
  async read(features: Float32Array): Promise<Float32Array> {
    const { statistics } = await this.#session.run({
      features: { dtype: 'float32', shape: [1, FEATURE_ROWS, FRAME_COUNT], data: features },
    });
    return (statistics!.data as Float32Array).slice(0, CLIP_STATISTICS);
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
