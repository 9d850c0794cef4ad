import { SynestheteError } from '../../models/errors.ts';
import type { Picture as IndexedPicture, Snapshot } from '../../models/gallery/index.ts';
import { PLANE_RANKING, type Model, type Prediction as ModelPrediction } from '../../models/model/index.ts';
import {
  rank,
  allocatePictures,
  type LoadedPictures,
  type RankedPicture,
} from '../../models/ranking/index.ts';
import type { Mood, Prediction } from './prediction.ts';

/** A picture of a gallery. Its mood is that of `moods.csv` where a person gave one there, else what the model predicts. */
export interface Picture extends Mood {
  /** 16 hexadecimal digits, which stay while name and content do. */
  readonly id: string;
  /** Path relative to the gallery, with '/' between folders. */
  readonly file: string;
  /** The folder of the picture, relative to the gallery; null for pictures in the gallery's own. */
  readonly bank: string | null;
  /** Pixels, as it is seen. */
  readonly width: number;
  readonly height: number;
  /** Probability in [0, 1] that it is pornographic. */
  readonly unsafe: number;
  /** Pictures with the same number are copies of each other, exact or near. */
  readonly copyGroup: number;
  /** Absolute path of a JPEG for displays, at most 1920 pixels long. */
  readonly rendition: string;
  /** Absolute path of a small JPEG. */
  readonly thumbnail: string;
}

/** A picture that {@link Gallery.search} found. */
export interface Match extends Picture {
  /** The model's score: the higher, the better it fits. Scores compare within one search only. */
  readonly score: number;
  /** How well it fits, on one scale for all models: 1 is the best picture of the search, 0 as good as blind choice. */
  readonly fit: number;
}

/** Options of {@link Gallery.search}. */
export interface SearchOptions {
  /** Most pictures that are returned, 1 or more; 12 unless set. */
  readonly count?: number;
  /** Only pictures of this folder of the gallery and of those in it. */
  readonly bank?: string;
  /** Whether pictures that are marked as unsafe may be found; false unless set. */
  readonly withUnsafe?: boolean;
}

/** An index of pictures, as it was when it was opened. Nothing of it needs to be closed. */
export interface Gallery {
  /** Absolute path of the folder of pictures. */
  readonly folder: string;
  /** How many pictures it has. */
  readonly size: number;
  /** All folders with pictures in them, relative to the gallery, in order. */
  readonly banks: readonly string[];
  /** All pictures, ordered by `file`; made when they are asked for. */
  pictures(): IterableIterator<Picture>;
  /** @returns the picture with this id; undefined where there is none */
  picture(id: string): Picture | undefined;
  /**
   * Finds the pictures that fit best, the best first.
   *
   * A prediction is compared as in a show, by the model's own ranking: the built-in model compares points of the plane and
   * knows how uncertain they are. A mood alone finds the pictures that are nearest to it in the plane.
   *
   * @throws {@link SynestheteError} `USAGE` for a mood outside of [0, 1], a count below 1 or an unknown bank, `OTHER_MODEL` for
   *   the prediction of another model
   */
  search(query: Mood | Prediction, options?: SearchOptions): Match[];
}

const DEFAULT_COUNT = 12;
/** Of both points when a mood alone is compared: small, and the same for all, so that the distance alone decides. */
const SAME_SD = 0.01;
const NO_EMBEDDING = new Float32Array();
const NO_PUSH: Mood = { valence: 0, arousal: 0 };

/** Gives the pictures of a snapshot to programs. */
export async function galleryOf(
  folder: string,
  snapshot: Snapshot,
  { fingerprint, ranking }: Pick<Model, 'fingerprint' | 'ranking'>,
): Promise<Gallery> {
  const { count, neighbours, corrected, vectors } = snapshot;
  const moods = moodsOf(snapshot);
  const room = await allocatePictures(count, ranking.width);
  room.vectors.set(vectors);
  room.moods.set(moods);
  const byModel = await room.load(neighbours, corrected);
  const inPlane = ranking.score === 'plane' ? byModel : planePictures(moods);
  return {
    folder,
    size: snapshot.count - snapshot.rowsOnList('hidden').length,
    banks: snapshot.banks,
    *pictures() {
      for (let row = 0; row < count; row++) {
        if (!snapshot.isHidden(row)) yield pictureOf(snapshot.picture(row));
      }
    },
    picture(id) {
      const found = snapshot.pictureOf(id);
      return found?.isHidden === false ? pictureOf(found) : undefined;
    },
    search(query, { count: wanted = DEFAULT_COUNT, bank, withUnsafe = false } = {}) {
      checkMood(query);
      checkCount(wanted);
      if (bank !== undefined && !snapshot.banks.includes(bank)) throw noBank(bank, snapshot.banks);
      const allowed = new Uint8Array(count);
      for (let row = 0; row < count; row++) {
        const isSafe = !snapshot.isHidden(row) && (withUnsafe || !snapshot.isUnsafe(row));
        if (isSafe && isBelow(snapshot.bankOf(row), bank)) allowed[row] = 1;
      }
      if (!allowed.includes(1)) return [];
      const isPrediction = 'embedding' in query;
      if (isPrediction && query.model !== fingerprint) throw otherModel(query);
      const request = { offset: NO_PUSH, allowed, count: wanted, alsoIndices: [] };
      const { best } = isPrediction
        ? rank(ranking, byModel, { ...request, prediction: query })
        : rank(PLANE_RANKING, inPlane, { ...request, prediction: predictionOf(query) });
      return best.map((ranked) => matchOf(snapshot, ranked));
    },
  };
}

function moodsOf({ count, valence, arousal }: Snapshot): Float32Array {
  const moods = new Float32Array(2 * count);
  for (let row = 0; row < count; row++) moods.set([valence[row]!, arousal[row]!], 2 * row);
  return moods;
}

/** For a model that ranks by something else than the plane. */
function planePictures(moods: Float32Array): LoadedPictures {
  const count = moods.length / 2;
  const vectors = new Float32Array(count * PLANE_RANKING.width);
  for (let row = 0; row < count; row++) {
    const prediction = predictionOf({ valence: moods[2 * row]!, arousal: moods[2 * row + 1]! });
    vectors.set(PLANE_RANKING.pictureVector(prediction), row * PLANE_RANKING.width);
  }
  return { count, vectors, moods };
}

function predictionOf({ valence, arousal }: Mood): ModelPrediction {
  return { valence, arousal, valenceSd: SAME_SD, arousalSd: SAME_SD, embedding: NO_EMBEDDING };
}

function isBelow(bank: string | null, wanted: string | undefined): boolean {
  return wanted === undefined || bank === wanted || bank?.startsWith(`${wanted}/`) === true;
}

function matchOf(snapshot: Snapshot, { index, score, fit }: RankedPicture): Match {
  return { ...pictureOf(snapshot.picture(index)), score, fit };
}

function pictureOf(picture: IndexedPicture): Picture {
  const { id, file, bank, width, height, valence, arousal, unsafe, group, rendition, thumbnail } = picture;
  return {
    ...{ id, file, bank, width, height, valence, arousal, unsafe },
    ...{ copyGroup: group, rendition, thumbnail },
  };
}

function checkMood({ valence, arousal }: Mood): void {
  for (const [axis, value] of Object.entries({ valence, arousal })) {
    if (value >= 0 && value <= 1) continue;
    throw new SynestheteError('USAGE', `${axis} is ${String(value)}: search with a number from 0 to 1`);
  }
}

function checkCount(count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new SynestheteError('USAGE', `count is ${count}: ask for a whole number of pictures, 1 or more`);
}

function noBank(bank: string, banks: readonly string[]): SynestheteError {
  const known = banks.length === 0 ? 'it has none' : `choose ${banks.join(', ')}`;
  return new SynestheteError('USAGE', `the gallery has no bank ${bank}: ${known}`);
}

function otherModel({ file }: Prediction): SynestheteError {
  return new SynestheteError(
    'OTHER_MODEL',
    `${file} was predicted by another model than the gallery's: predict it again with that one`,
  );
}
