import { join } from 'node:path';
import { z } from 'zod';
import { featuresOf, ENCODER_INPUT, PictureEncoding } from '../../encoders/index.ts';
import type { Engine } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import { CLIP_SAMPLES, logSpectrogram } from '../../features/index.ts';
import type { Graph, Hardware, Shape } from '../../graph/index.ts';
import {
  fingerprintOf,
  PLANE_RANKING,
  embeddingRanking,
  pictureVectors,
  predictorRanking,
} from '../../model/index.ts';
import type { Model, Mood, PicturePrediction, Ranking, Prediction } from '../../model/index.ts';
import {
  BACKBONE_PREFIX,
  FEATURE_NORMALISATIONS,
  IMAGE_BACKBONES,
  PairScorer,
  SYSTEM_NAMES,
  clipShape,
  pictureShape,
} from '../../networks/index.ts';
import type { SystemSettings, Weights } from '../../networks/index.ts';
import { resizePixels } from '../../pictures/index.ts';
import type { SquashedSize } from '../../pictures/index.ts';
import { assertFiniteTensors, readSafetensors } from '../../weights/index.ts';
import type { ModelDescription } from '../../weights/index.ts';
import {
  clipSideGraph,
  frozenEncoder,
  hearsSamples,
  isEncoderInput,
  pictureInput,
  pictureSideGraph,
  trainedGraphs,
} from './trained-graphs.ts';
import { uncertaintyOf } from './uncertainty.ts';

const count = z.int().positive();

const settingsSchema = z.strictObject({
  system: z.enum(SYSTEM_NAMES),
  imageBackbone: z.enum(IMAGE_BACKBONES),
  imageFrozen: z.boolean(),
  imageFeatures: z.int().nonnegative(),
  imageSize: count,
  normalisation: z.enum(FEATURE_NORMALISATIONS),
  embedding: count,
  /** Models from before this setting have embeddings of any length. */
  unitLength: z.boolean().default(false),
  width: count,
  similarityHidden: z.array(count),
  moodHidden: z.array(count),
  dropout: z.number(),
  predictsSimilarity: z.boolean(),
  moods: z.enum(['shared', 'apart', 'afterwards']),
});

/** @throws SynestheteError BAD_MODEL naming the first setting that is wrong */
function settingsOf(folder: string, { architecture }: ModelDescription): SystemSettings {
  const parsed = settingsSchema.safeParse({ ...architecture.settings, system: architecture.name });
  if (parsed.success) return parsed.data;
  if (architecture.settings['imageBackbone'] === 'inception-v3') {
    throw new SynestheteError(
      'OTHER_ARCHITECTURE',
      `${folder} was trained on nsfwjs's Inception-v3, which this version no longer has: train it again with the image backbone efficientnet-lite0`,
    );
  }
  const { path, message } = parsed.error.issues[0]!;
  throw new SynestheteError(
    'BAD_MODEL',
    `${join(folder, 'model.json')}, architecture.settings.${path.join('.')}: ${message}`,
  );
}

async function readWeights(folder: string, description: ModelDescription): Promise<Weights> {
  const weights: Record<string, Weights[string]> = {};
  for (const { file } of description.weights) {
    const path = join(folder, file);
    const read = await readSafetensors(path);
    assertFiniteTensors(path, read);
    for (const [name, tensor] of read.tensors) weights[name] = tensor;
  }
  return weights;
}

type Session = Awaited<ReturnType<Engine['load']>>;

/** Sessions for one item and for several: graphs have fixed shapes. */
class Side {
  readonly #engine: Engine;
  readonly #build: (batch: number) => Graph;
  readonly #sd: Mood;
  readonly #sessions = new Map<number, Promise<Session>>();

  /** @param sd standard deviations of the errors of its predictions */
  constructor(engine: Engine, build: (batch: number) => Graph, sd: Mood) {
    this.#engine = engine;
    this.#build = build;
    this.#sd = sd;
  }

  async read(items: readonly ArrayLike<number>[], shape: Shape): Promise<Prediction[]> {
    const predictions: Prediction[] = [];
    const size = shape.reduce((product, length) => product * length, 1);
    for (let first = 0; first < items.length;) {
      const batch = items.length - first >= SEVERAL ? SEVERAL : 1;
      const data = new Float32Array(batch * size);
      for (let i = 0; i < batch; i++) data.set(items[first + i]!, i * size);
      const session = await this.#session(batch);
      const results = await session.run({ x: { dtype: 'float32', shape: [batch, ...shape], data } });
      const [embeddings, moods] = [results['embedding']!, results['mood']!];
      const width = embeddings.shape[1]!;
      for (let i = 0; i < batch; i++) {
        predictions.push({
          embedding: (embeddings.data as Float32Array).slice(i * width, (i + 1) * width),
          valence: moods.data[2 * i]!,
          arousal: moods.data[2 * i + 1]!,
          valenceSd: this.#sd.valence,
          arousalSd: this.#sd.arousal,
        });
      }
      first += batch;
    }
    return predictions;
  }

  #session(batch: number): Promise<Session> {
    let session = this.#sessions.get(batch);
    if (!session) {
      session = this.#engine.load(this.#build(batch));
      this.#sessions.set(batch, session);
    }
    return session;
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).close();
  }
}

const SEVERAL = 8;

/** tfjs has many backends, which don't report their hardware. */
function runsOnGpu({ provider }: Engine): boolean {
  return provider !== 'cpu' && provider !== 'tensorflow';
}

/**
 * Opens a model that `train` made: CDCML, SP-Net, L3-Net or ACP-Net. On a GPU, and always for L3-Net, it takes samples,
 * not features (see `Model.featureRows`). open-nsfw gives the probability that a picture is unsafe, whatever the
 * model's own network is. It is opened with the first picture, so that a program that only hears music doesn't pay for
 * it.
 *
 * @param folder of its model.json
 * @param hardware what the engine runs on: on a GPU one graph computes the embedding from samples
 * @throws SynestheteError BAD_MODEL, BAD_WEIGHTS, OTHER_ARCHITECTURE, BROKEN_INSTALL, ENGINE_FAILED
 */
export async function openTrainedModel(
  folder: string,
  description: ModelDescription,
  engine: Engine,
  hardware: Hardware = runsOnGpu(engine) ? 'gpu' : 'cpu',
): Promise<Model> {
  const settings = settingsOf(folder, description);
  const uncertainty = uncertaintyOf(folder, description);
  const weights = await readWeights(folder, description);
  const encoder = frozenEncoder(settings);
  const backbone =
    settings.imageFrozen && !encoder
      ? Object.fromEntries(
          Object.entries(weights)
            .filter(([name]) => name.startsWith(BACKBONE_PREFIX))
            .map(([name, tensor]) => [name.slice(BACKBONE_PREFIX.length), tensor]),
        )
      : null;
  let encoding: Promise<PictureEncoding> | undefined;
  const parts = { weights, settings, backbone };
  const square = pictureInput(settings);
  // Tensors that are missing or don't fit show now, not with the first picture.
  pictureSideGraph(parts, 1);
  clipSideGraph(parts, 1, hardware);
  const pictures = new Side(engine, (batch) => pictureSideGraph(parts, batch), uncertainty.image);
  const clips = new Side(engine, (batch) => clipSideGraph(parts, batch, hardware), uncertainty.music);
  const scorer = settings.predictsSimilarity ? new PairScorer(weights, settings) : null;
  const predictor = scorer && predictorRanking(scorer);
  const bySamples = hardware === 'gpu' || hearsSamples(settings);

  return {
    folder,
    fingerprint: fingerprintOf(description),
    description,
    engine: engine.description,
    pictureInput: square,
    featureRows: bySamples ? 'none' : 'all',
    async embedPictures(pixels) {
      encoding ??= PictureEncoding.open(engine, ['open-nsfw', ...(encoder ? [encoder] : [])]);
      const squares = isEncoderInput(square) ? pixels : await resizeAll(pixels, square);
      const encoded = await (await encoding).encode(squares);
      const inputs = encoder ? encoded.map(({ features }) => features.get(encoder)!) : pixels;
      const shape = backbone ? [square.height, square.width, 3] : pictureShape(settings);
      const predictions = await pictures.read(inputs, shape);
      return predictions.map((prediction, i): PicturePrediction => ({
        ...prediction,
        unsafe: encoded[i]!.unsafe!,
      }));
    },
    async embedClips(inputs) {
      for (const { samples } of inputs) {
        if (samples.length !== CLIP_SAMPLES)
          throw new RangeError(`a clip has ${CLIP_SAMPLES} samples, not ${samples.length}`);
      }
      if (hardware === 'gpu')
        return clips.read(inputs.map(({ samples }) => samples), [CLIP_SAMPLES]); // prettier-ignore
      const values = inputs.map((clip) => (bySamples ? logSpectrogram(clip.samples) : featuresOf(clip)));
      return clips.read(values, clipShape(settings));
    },
    similarities: (embedPictures, embedClips) =>
      Promise.resolve(similaritiesOf(embedPictures, embedClips, predictor, description.sigma)),
    ranking: rankingOf(folder, description, settings, predictor),
    graphs: (batch) => trainedGraphs(parts, batch),
    async close() {
      await pictures.close();
      await clips.close();
      // A failed open was already reported by embedPictures; there is nothing to close.
      await (await encoding?.catch(() => undefined))?.close();
    },
  };
}

function resizeAll(pixels: readonly Uint8Array[], from: SquashedSize): Promise<Uint8Array[]> {
  return Promise.all(pixels.map((picture) => resizePixels(picture, from, ENCODER_INPUT)));
}

function rankingOf(
  folder: string,
  { ranking }: ModelDescription,
  { embedding }: SystemSettings,
  predictor: Ranking | null,
): Ranking {
  switch (ranking?.score) {
    case 'embedding':
      return embeddingRanking(embedding);
    case 'predictor':
      if (predictor) return predictor;
      throw new SynestheteError(
        'BAD_MODEL',
        `${join(folder, 'model.json')}, ranking.score: this model has no predictor of similarity`,
      );
    case 'plane':
    case undefined:
      return PLANE_RANKING;
  }
}

/** By the predictor if there is one, else by docs/method.md (1) from the predicted moods. */
function similaritiesOf(
  pictures: readonly Prediction[],
  clips: readonly Prediction[],
  predictor: Ranking | null,
  sigma: number,
): Float32Array {
  const similarities = new Float32Array(pictures.length * clips.length);
  const vectors =
    predictor && pictureVectors(pictures, predictor.width, (picture) => predictor.pictureVector(picture));
  const row = new Float32Array(pictures.length);
  clips.forEach((clip, c) => {
    if (predictor && vectors) predictor.scores(vectors, predictor.queryVector(clip), row);
    else
      pictures.forEach((p, i) => {
        row[i] = Math.exp(-Math.hypot(p.valence - clip.valence, p.arousal - clip.arousal) / sigma);
      });
    for (let i = 0; i < row.length; i++) similarities[i * clips.length + c] = row[i]!;
  });
  return similarities;
}
