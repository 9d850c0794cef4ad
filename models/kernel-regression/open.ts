import type { Engine, NamedValues, Session } from '../engine/engine.ts';
import { CLIP_STATISTICS, featuresOf, type ClipInput } from '../encoders/index.ts';
import { FEATURE_ROWS, FRAME_COUNT } from '../features/index.ts';
import { INCEPTION_SIDE, nsfwjsWeights } from '../networks/index.ts';
import { EMBEDDING_SIZE, fingerprintOf } from '../serving/index.ts';
import type { Model, PictureReading, Reading } from '../serving/index.ts';
import type { ModelDescription } from '../weights/index.ts';
import { expectedSimilarity } from './expected-similarity.ts';
import { musicGraph, pictureGraph } from './graphs.ts';
import { rankingOptions, readParts } from './model-file.ts';
import { pictureBlocks } from './picture-statistics.ts';
import { planeRanking } from './plane-ranking.ts';

/** A batch on the cpu takes as many times as long as one, so that one wastes nothing. */
const BATCH_SIZE = 1;

const PIXELS_SHAPE = [BATCH_SIZE, INCEPTION_SIDE, INCEPTION_SIDE, 3];
const FEATURES_SHAPE = [BATCH_SIZE, FEATURE_ROWS, FRAME_COUNT];

/**
 * Opens a trained kernel regression. What reads pictures takes seconds to open and much memory: it is opened when the
 * first picture is read, so that who only hears music never pays for it.
 *
 * @throws SynestheteError BAD_MODEL, BAD_WEIGHTS, ENGINE_FAILED; at the first picture BROKEN_INSTALL (nsfwjs's weights
 *   are missing).
 */
export async function openKernelModel(
  folder: string,
  description: ModelDescription,
  engine: Engine,
): Promise<Model> {
  const parts = await readParts(folder, description, ({ picture }) => ({
    picture: pictureBlocks(picture.layers).reduce((sum, width) => sum + width, 0),
    music: CLIP_STATISTICS,
  }));
  const graphOfPictures = async (batch: number) =>
    pictureGraph(await nsfwjsWeights(), parts.settings.picture.layers, parts.picture, batch);
  const musicSession = await engine.load(musicGraph(parts.music, BATCH_SIZE));
  let pictureSession: Promise<Session> | undefined;

  const readPicture = async (pixels: Uint8Array): Promise<PictureReading> => {
    pictureSession ??= graphOfPictures(BATCH_SIZE).then((graph) => engine.load(graph));
    const values = await run(await pictureSession, 'pixels', PIXELS_SHAPE, Float32Array.from(pixels));
    return { ...readingOf(values), unsafe: (values['unsafe']!.data as Float32Array)[0]! };
  };
  const readClip = async (clip: ClipInput): Promise<Reading> =>
    readingOf(await run(musicSession, 'features', FEATURES_SHAPE, featuresOf(clip)));

  return {
    folder,
    fingerprint: fingerprintOf(description),
    description,
    engine: engine.description,
    pictureInput: { width: INCEPTION_SIDE, height: INCEPTION_SIDE },
    ranking: planeRanking(rankingOptions(parts)),
    readPictures: (pixels) => oneByOne(pixels, readPicture),
    needsFeatures: true,
    readClips: (clips) => oneByOne(clips, readClip),
    similarities(pictures, clips) {
      const similarities = new Float32Array(pictures.length * clips.length);
      pictures.forEach((seen, p) => {
        clips.forEach((heard, c) => {
          similarities[p * clips.length + c] = expectedSimilarity(parts.similarity, seen, heard);
        });
      });
      return Promise.resolve(similarities);
    },
    graphs: async (batch) => ({
      picture: await graphOfPictures(batch),
      music: musicGraph(parts.music, batch),
    }),
    async close() {
      // One that could not be opened was told of by readPictures, and there is nothing of it to close.
      const opened = await pictureSession?.catch(() => undefined);
      await Promise.all([opened?.close(), musicSession.close()]);
    },
  };
}

function run(session: Session, input: string, shape: readonly number[], data: Float32Array) {
  return session.run({ [input]: { dtype: 'float32', shape, data } });
}

function readingOf(values: NamedValues): Reading {
  const [valence, arousal] = values['mood']!.data as Float32Array;
  const embedding = (values['embedding']!.data as Float32Array).slice(0, EMBEDDING_SIZE);
  return { embedding, valence: valence!, arousal: arousal! };
}

async function oneByOne<T, R>(items: readonly T[], read: (item: T) => Promise<R>): Promise<R[]> {
  const readings: R[] = [];
  for (const item of items) readings.push(await read(item));
  return readings;
}
