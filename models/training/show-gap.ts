import { distancesFrom, planePoints, type PlanePoint, type PlanePoints } from '../plane.ts';

/** How well the pictures of a show follow its music, by people's ratings of both. */
export interface ShowFigures {
  /**
   * (random − shown) / (random − best) of mean distances over time: `shown` from the music to the picture on show,
   * `random` to all pictures, `best` to the nearest at each moment. 1 for the best show, 0 for chance.
   */
  readonly gapClosed: number;
  /**
   * Pearson's correlation over time of the valence of the music and of the picture on show; NaN when one is constant.
   */
  readonly rValence: number;
  readonly rArousal: number;
  /** Different pictures that were shown. */
  readonly pictures: number;
  /** How often the picture changed; the first picture does not count. */
  readonly changes: number;
  /** Seconds with a picture on show and a label of the music, over which the figures are computed. */
  readonly seconds: number;
}

/** Collects the moments of a show, all equally long. */
export class ShowGap {
  readonly #truth: PlanePoints;
  readonly #distances: Float64Array;
  readonly #seconds: number;
  readonly #shownPictures = new Set<number>();
  readonly #valence = new Correlation();
  readonly #arousal = new Correlation();
  #music: PlanePoint | undefined;
  #ofMusic = { random: 0, best: 0 };
  #last: number | undefined;
  #changes = 0;
  #moments = 0;
  #sums = { shown: 0, random: 0, best: 0 };

  /**
   * @param pictures true labels of all available pictures.
   * @param momentSeconds length of a moment.
   */
  constructor(pictures: readonly PlanePoint[], momentSeconds: number) {
    this.#truth = planePoints(pictures);
    this.#distances = new Float64Array(pictures.length);
    this.#seconds = momentSeconds;
  }

  /**
   * @param picture index of the one on show; undefined when there is none.
   * @param music the true label of the music; undefined when it has none; then only changes are counted.
   */
  add(picture: number | undefined, music: PlanePoint | undefined): void {
    if (picture === undefined) return;
    if (this.#last !== undefined && picture !== this.#last) this.#changes += 1;
    this.#last = picture;
    this.#shownPictures.add(picture);
    if (music === undefined) return;
    if (music !== this.#music) this.#take(music);
    this.#moments += 1;
    this.#sums.shown += this.#distances[picture]!;
    this.#sums.random += this.#ofMusic.random;
    this.#sums.best += this.#ofMusic.best;
    this.#valence.add(music.valence, this.#truth.valence[picture]!);
    this.#arousal.add(music.arousal, this.#truth.arousal[picture]!);
  }

  /** All are NaN without moments. */
  get figures(): ShowFigures {
    const { shown, random, best } = this.#sums;
    return {
      gapClosed: (random - shown) / (random - best),
      rValence: this.#valence.coefficient,
      rArousal: this.#arousal.coefficient,
      pictures: this.#shownPictures.size,
      changes: this.#changes,
      seconds: this.#moments * this.#seconds,
    };
  }

  #take(music: PlanePoint): void {
    this.#music = music;
    distancesFrom(planePoints([music]), 0, this.#truth, this.#distances);
    let sum = 0;
    let best = Infinity;
    for (const distance of this.#distances) {
      sum += distance;
      best = Math.min(best, distance);
    }
    this.#ofMusic = { random: sum / this.#distances.length, best };
  }
}

/** Pearson's correlation of a sequence of pairs, by Welford's updates. */
class Correlation {
  #n = 0;
  #meanX = 0;
  #meanY = 0;
  #xx = 0;
  #yy = 0;
  #xy = 0;

  add(x: number, y: number): void {
    this.#n += 1;
    const dx = x - this.#meanX;
    const dy = y - this.#meanY;
    this.#meanX += dx / this.#n;
    this.#meanY += dy / this.#n;
    this.#xx += dx * (x - this.#meanX);
    this.#yy += dy * (y - this.#meanY);
    this.#xy += dx * (y - this.#meanY);
  }

  get coefficient(): number {
    return this.#xy / Math.sqrt(this.#xx * this.#yy);
  }
}
