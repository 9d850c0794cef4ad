import { join } from 'node:path';
import { PICTURE_SQUARE, loadClipEncoders, openClipEncoders } from '../encoders/index.ts';
import type { ClipInput } from '../encoders/index.ts';
import type { Engine, Session } from '../engine/index.ts';
import { SynestheteError } from '../errors.ts';
import { PairScorer } from '../networks/index.ts';
import { PLANE_RANKING, fingerprintOf, pictureVectors, predictorRanking } from '../serving/index.ts';
import type { Model, PictureReading, Reading } from '../serving/index.ts';
import type { ModelDescription } from '../weights/index.ts';
import { pictureEncoderWeights, pictureEncodersIdentity } from './encoders.ts';
import { explainedModel } from './explained.ts';
import { clipFeaturesGraph, musicGraph, pictureGraph, similarityGraph } from './graphs.ts';
import { readParts } from './model-file.ts';
import { systemOf } from './network.ts';
import { oneByOne, pixelsInput, readingOf, run } from './reading.ts';

/** The cpu takes eight times as long for eight pictures as for one, so a batch of one wastes nothing. */
const BATCH_SIZE = 1;

/**
 * Opens CDCML on frozen encoders. The encoders of pictures take memory and a second: they are opened when the first
 * picture is read, so that a process that only hears music never pays for them.
 *
 * @throws SynestheteError BAD_MODEL, BAD_WEIGHTS, OTHER_ARCHITECTURE (it was trained on other encoders), BROKEN_INSTALL,
 *   ENGINE_FAILED
 */
export async function openCdcml(
  folder: string,
  description: ModelDescription,
  engine: Engine,
): Promise<Model> {
  const parts = await readParts(folder, description);
  const { settings, errors } = parts;
  const clipEncoders = await openClipEncoders(engine, settings.music.encoders);
  const identities = {
    picture: await pictureEncodersIdentity(settings.picture.encoders),
    music: clipEncoders.identity,
  };
  for (const kind of ['picture', 'music'] as const) {
    if (identities[kind] === parts.encoders[kind]) continue;
    await clipEncoders.close();
    throw new SynestheteError(
      'OTHER_ARCHITECTURE',
      `${join(folder, 'model.json')} was trained on other ${kind} encoders than this version has; train it again, or use the version of synesthete that trained it`,
    );
  }
  const clipSession = await engine.load(clipFeaturesGraph(parts, BATCH_SIZE));
  const graphOfPictures = async (batch: number) =>
    pictureGraph(parts, await pictureEncoderWeights(settings.picture.encoders), batch);
  let pictureSession: Promise<Session> | undefined;
  const predictor = predictorRanking(new PairScorer(parts.weights, systemOf(settings)));

  const readPicture = async (pixels: Uint8Array): Promise<PictureReading> => {
    pictureSession ??= graphOfPictures(BATCH_SIZE).then((graph) => engine.load(graph));
    const values = await run(await pictureSession, pixelsInput(pixels));
    return { ...readingOf(values, errors.image, 0), unsafe: (values['unsafe']!.data as Float32Array)[0]! };
  };
  const readClip = async (clip: ClipInput): Promise<Reading> => {
    const data = await clipEncoders.encode(clip);
    const values = await run(clipSession, { name: 'features', shape: [BATCH_SIZE, data.length], data });
    return readingOf(values, errors.music, 0);
  };

  const model: Model = {
    folder,
    fingerprint: fingerprintOf(description),
    description,
    engine: engine.description,
    pictureInput: { width: PICTURE_SQUARE, height: PICTURE_SQUARE, kernel: 'cubic' },
    featureRows: clipEncoders.featureRows,
    ranking: PLANE_RANKING,
    readPictures: (pixels) => oneByOne(pixels, readPicture),
    readClips: (clips) => oneByOne(clips, readClip),
    similarities(pictures, clips) {
      const similarities = new Float32Array(pictures.length * clips.length);
      const vectors = pictureVectors(pictures, predictor.width, (picture) =>
        predictor.pictureVector(picture),
      );
      const scores = new Float32Array(pictures.length);
      clips.forEach((clip, c) => {
        predictor.scores(vectors, predictor.queryVector(clip), scores);
        for (let p = 0; p < pictures.length; p++) similarities[p * clips.length + c] = scores[p]!;
      });
      return Promise.resolve(similarities);
    },
    explained: () => explainedModel(model, { parts, engine, clipEncoders }),
    graphs: async (batch) => ({
      picture: await graphOfPictures(batch),
      music: musicGraph(parts, await loadClipEncoders(settings.music.encoders), batch),
      similarity: similarityGraph(parts, batch),
    }),
    async close() {
      // A failed open was already reported; there is nothing to close.
      const opened = await pictureSession?.catch(() => undefined);
      await Promise.all([opened?.close(), clipSession.close(), clipEncoders.close()]);
    },
  };
  return model;
}
