import { FRAME_COUNT, FEATURE_ROWS } from '../../models/features/index.ts';
import { EMBEDDING_SIZE, PLANE_RANKING } from '../../models/model/index.ts';
import type { Model, PicturePrediction, Prediction } from '../../models/model/index.ts';

/** Side of the square that the formula model wants its pictures in. */
export const FORMULA_SIDE = 8;

/** What it says of the errors of all its readings. */
const FORMULA_SD = 0.1;

/**
 * A model by formula instead of learning, for tests of what stands around a model: the redder a picture, the higher its
 * valence; the bluer, the higher its arousal; the greener, the less safe. A clip's valence and arousal are its mean
 * chroma of C and of G. Its ranking is the expected distance in the plane, of which all readings are equally uncertain.
 *
 * @param options `embedding`: how many numbers an embedding has; the last of them is the valence once more.
 */
export function formulaModel(options: { readonly embedding?: number } = {}): Model {
  const { embedding = EMBEDDING_SIZE } = options;
  return {
    folder: 'formula',
    fingerprint: 'f0'.repeat(32),
    description: {
      format: 'synesthete-model',
      formatVersion: 1,
      date: '2026-01-01T00:00:00Z',
      architecture: { name: 'formula', settings: {} },
      features: { normalisation: 'none', mean: [], deviation: [] },
      sigma: 0.38,
      constant: {
        similarity: 0.4,
        image: { valence: 0.5, arousal: 0.5 },
        music: { valence: 0.5, arousal: 0.5 },
      },
      data: [],
      metrics: {},
      weights: [],
    },
    engine: 'formula (in tests only)',
    pictureInput: { width: FORMULA_SIDE, height: FORMULA_SIDE },
    embedPictures: (pixels) => Promise.resolve(pixels.map((picture) => readPicture(picture, embedding))),
    featureRows: 'all',
    embedClips: (clips) => Promise.resolve(clips.map(({ features }) => readClip(features, embedding))),
    similarities: (pictures, clips) =>
      Promise.resolve(
        Float32Array.from(
          pictures.flatMap((p) =>
            clips.map((c) => Math.exp(-Math.hypot(p.valence - c.valence, p.arousal - c.arousal) / 0.38)),
          ),
        ),
      ),
    ranking: PLANE_RANKING,
    close: () => Promise.resolve(),
  };
}

function readPicture(pixels: Uint8Array, width: number): PicturePrediction {
  const mean = (channel: number): number => {
    let sum = 0;
    for (let i = channel; i < pixels.length; i += 3) sum += pixels[i]!;
    return sum / (pixels.length / 3) / 255;
  };
  return { ...point(mean(0), mean(2), width), unsafe: mean(1) };
}

const FIRST_CHROMA_ROW = 40;

function readClip(features: Float32Array, width: number): Prediction {
  if (features.length !== FEATURE_ROWS * FRAME_COUNT) {
    throw new TypeError(`a clip has ${FEATURE_ROWS} × ${FRAME_COUNT} features, not ${features.length}`);
  }
  const mean = (row: number): number => {
    const frames = features.subarray(row * FRAME_COUNT, (row + 1) * FRAME_COUNT);
    return frames.reduce((sum, value) => sum + value, 0) / FRAME_COUNT;
  };
  return point(mean(FIRST_CHROMA_ROW), mean(FIRST_CHROMA_ROW + 7), width);
}

function point(valence: number, arousal: number, width: number): Prediction {
  return formulaReading(valence, arousal, embeddingOf(valence, arousal, width));
}

/** A reading as uncertain as the formula model's. @param embedding zeros unless given */
export function formulaReading(
  valence: number,
  arousal: number,
  embedding: Float32Array = new Float32Array(EMBEDDING_SIZE),
): Prediction {
  return { embedding, valence, arousal, valenceSd: FORMULA_SD, arousalSd: FORMULA_SD };
}

function embeddingOf(valence: number, arousal: number, width: number): Float32Array {
  const embedding = new Float32Array(width);
  embedding[width - 1] = valence;
  embedding.set([valence, arousal]);
  return embedding;
}
