import { join } from 'node:path';
import {
  ENCODER_INPUT,
  OnnxEncoder,
  loadClipEncoders,
  openClipEncoders,
  pictureSquare,
} from '../../encoders/index.ts';
import type { ClipInput } from '../../encoders/index.ts';
import type { Engine, Session, Value } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import { Graph } from '../../graph/index.ts';
import { PLANE_RANKING, fingerprintOf, pictureVectors, predictorRanking } from '../../model/index.ts';
import type { Model, Mood, PicturePrediction, Prediction } from '../../model/index.ts';
import { PairScorer } from '../../networks/index.ts';
import { readWhole } from '../../read-file.ts';
import type { ModelDescription } from '../../weights/index.ts';
import { pictureEncoderWeights, pictureEncodersIdentity } from './encoders.ts';
import { explainedModel } from './explained.ts';
import { fromSquare } from './from-square.ts';
import {
  ONNX_FEATURES,
  clipFeaturesGraph,
  musicGraph,
  pictureGraph,
  readCoordinates,
  similarityGraph,
} from './graphs.ts';
import { ONNX_FILE, readParts } from './model-file.ts';
import { systemOf } from './network.ts';
import { floats, oneByOne, predictionOf, type Feeds } from './prediction.ts';
import { tasted } from './taste.ts';
import { deviationsOf } from './uncertainty.ts';

/** CPU time grows linearly with the batch, so a batch of 1 is optimal. */
const BATCH_SIZE = 1;

/**
 * Opens CDCML on frozen encoders. The picture encoders take memory and a second: they are opened with the first
 * picture, so that a process that only hears music never pays for them.
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
  const { settings, errors, taste, refined } = parts;
  // Tensors that are missing or don't fit show now, not with the first picture.
  const coordinates = parts.picture.components.length / parts.picture.mean.length;
  readCoordinates(parts, 'image', new Graph('picture').input('x', [BATCH_SIZE, coordinates]));
  const clipEncoders = await openClipEncoders(engine, settings.music.encoders);
  const identities = {
    picture: await pictureEncodersIdentity(settings.picture),
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
    pictureGraph(parts, await pictureEncoderWeights(settings.picture), batch);
  const { onnx } = settings.picture;
  const openOnnx = async (of: NonNullable<typeof onnx>) => {
    const path = join(folder, ONNX_FILE);
    return OnnxEncoder.open(engine, { bytes: await readWhole(path), name: path, settings: of });
  };
  let pictureSession: Promise<Session> | undefined;
  let onnxEncoder: Promise<OnnxEncoder> | undefined;
  const square = pictureSquare(onnx);
  const predictor = predictorRanking(new PairScorer(parts.weights, systemOf(settings)));

  const pictureFeeds = async (pixels: Uint8Array): Promise<Feeds> => {
    const feeds: Record<string, Value> = {};
    if (onnx !== undefined) {
      onnxEncoder ??= openOnnx(onnx);
      const input = await fromSquare(pixels, square, onnx.input);
      const [features] = await (await onnxEncoder).encode([input]);
      feeds[ONNX_FEATURES] = floats([BATCH_SIZE, onnx.output.width], features!);
    }
    const { width, height } = ENCODER_INPUT;
    const bundled = await fromSquare(pixels, square, ENCODER_INPUT);
    feeds['pixels'] = floats([BATCH_SIZE, height, width, 3], Float32Array.from(bundled));
    return feeds;
  };
  const readPicture = async (pixels: Uint8Array): Promise<PicturePrediction> => {
    pictureSession ??= graphOfPictures(BATCH_SIZE).then((graph) => engine.load(graph));
    const values = await (await pictureSession).run(await pictureFeeds(pixels));
    return { ...predictionOf(values, errors.image, 0), unsafe: (values['unsafe']!.data as Float32Array)[0]! };
  };
  const readClip = async (clip: ClipInput): Promise<Prediction> => {
    const features = await clipEncoders.encode(clip);
    const values = await clipSession.run({ features: floats([BATCH_SIZE, features.length], features) });
    return predictionOf(values, errors.music, 0);
  };

  const model: Model = {
    folder,
    fingerprint: fingerprintOf(description),
    description,
    engine: engine.description,
    pictureInput: { ...ENCODER_INPUT, width: square, height: square },
    featureRows: clipEncoders.featureRows,
    ranking: PLANE_RANKING,
    ...(taste &&
      refined && {
        refines: {
          base: refined.base,
          of: (prediction: Mood, embedding: Float32Array) => {
            const mood = tasted(taste, prediction, embedding);
            return { ...mood, ...deviationsOf(errors.image, mood) };
          },
        },
      }),
    embedPictures: (pixels) => oneByOne(pixels, readPicture),
    embedClips: (clips) => oneByOne(clips, readClip),
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
    explained: () => explainedModel(model, { parts, engine, clipEncoders, pictureFeeds }),
    // An ONNX network of another program can't be part of a graph.
    ...(onnx === undefined && {
      graphs: async (batch: number) => ({
        picture: await graphOfPictures(batch),
        music: musicGraph(parts, await loadClipEncoders(settings.music.encoders), batch),
        similarity: similarityGraph(parts, batch),
      }),
    }),
    async close() {
      // A failed open was already reported; there is nothing to close.
      const pictures = await pictureSession?.catch(() => undefined);
      const encoder = await onnxEncoder?.catch(() => undefined);
      await Promise.all([pictures?.close(), encoder?.close(), clipSession.close(), clipEncoders.close()]);
    },
  };
  return model;
}
