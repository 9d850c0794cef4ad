/** Flux is compared with its mean over this many past frames (100 ms in Böck et al.; a little more here). */
const MEAN_FRAMES = 6;
/** Past frames over which the mean loudness is taken that the flux is measured against: 1 s. */
const LOUDNESS_FRAMES = 43;
/** An onset's flux must be this many times the recent mean… */
const MEAN_FACTOR = 2;
/** …and, in parts of the recent loudness, this much above it. Measured: steady noise stays below 0.05. */
const OFFSET = 0.06;
/** No two onsets are closer than this many frames (70 ms): one stroke is one onset. */
const MIN_DISTANCE_FRAMES = 3;
/** Below −70 dBFS nothing counts: a noise floor flickers by as many dB as music does. */
const GATE_RMS = 10 ** (-70 / 20);

/**
 * Finds onsets as they happen, without looking ahead: the online peak picking of Böck, Krebs and Schedl,
 * "Evaluating the Online Capabilities of Onset Detection Methods" (ISMIR 2012), section 2.3: a frame is an onset
 * when its flux is the highest of the last frames, exceeds their mean by a threshold, and the last onset is long
 * enough ago. The threshold grows with the recent flux and the recent loudness, so that it holds for a whisper and
 * for a wall of sound, and for vibrato.
 */
export class OnsetDetector {
  #recentFlux: number[] = [];
  #recentLoudness: number[] = [];
  #framesSinceOnset = Number.POSITIVE_INFINITY;

  /** Forgets everything, as after a gap. */
  reset(): void {
    this.#recentFlux = [];
    this.#recentLoudness = [];
    this.#framesSinceOnset = Number.POSITIVE_INFINITY;
  }

  /**
   * Takes the next frame and tells whether an onset falls in it.
   *
   * @param flux increase of specific loudness over the last frame, at least 0
   * @param loudness total loudness of this frame, in the unit of `flux`
   * @param rms of this frame, 0 to 1
   */
  push(flux: number, loudness: number, rms: number): boolean {
    this.#recentLoudness.push(loudness);
    if (this.#recentLoudness.length > LOUDNESS_FRAMES) this.#recentLoudness.shift();
    this.#framesSinceOnset += 1;

    const threshold = MEAN_FACTOR * mean(this.#recentFlux) + OFFSET * mean(this.#recentLoudness);
    const last = this.#recentFlux.at(-1) ?? 0;
    const onset =
      rms >= GATE_RMS && flux > last && flux > threshold && this.#framesSinceOnset >= MIN_DISTANCE_FRAMES;

    this.#recentFlux.push(flux);
    if (this.#recentFlux.length > MEAN_FRAMES) this.#recentFlux.shift();
    if (onset) this.#framesSinceOnset = 0;
    return onset;
  }
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}
