import { PICTURE_ENCODER_NAMES } from '../../encoders/index.ts';
import type { OpenClipEncoders } from '../../encoders/index.ts';
import type { Engine, NamedValues, Session } from '../../engine/index.ts';
import {
  explain,
  type Explanation,
  type Model,
  type Mood,
  type PicturePrediction,
  type Prediction,
} from '../../model/index.ts';
import { pictureEncoderWeights } from './encoders.ts';
import { clipCoalitionsGraph, pictureCoalitionsGraph } from './graphs.ts';
import type { CdcmlModelParts } from './model-file.ts';
import { floats, oneByOne, predictionOf, type Feeds } from './prediction.ts';
import { withinOf } from './within.ts';

/** Name of the user's own encoder. */
const ONNX_NAME = 'onnx';

/** What the explained model has open already. */
export interface ExplainedParts {
  readonly parts: CdcmlModelParts;
  readonly engine: Engine;
  readonly clipEncoders: OpenClipEncoders;
  /** Inputs of the picture graphs for one picture. */
  readonly pictureFeeds: (pixels: Uint8Array) => Promise<Feeds>;
}

/**
 * A model whose predictions say how much each encoder contributes. Each encoder runs once for a picture; the small
 * network after it runs for all coalitions of encoders at once. Its predictions equal the model's, up to rounding.
 */
export function explainedModel(
  model: Model,
  { parts, engine, clipEncoders, pictureFeeds }: ExplainedParts,
): Model {
  const { settings, errors } = parts;
  const clipNames = clipEncoders.encoders.map(({ name }) => name);
  const { encoders: bundled, onnx } = settings.picture;
  const pictureNames = [
    ...PICTURE_ENCODER_NAMES.filter((name) => bundled.includes(name)),
    ...(onnx === undefined ? [] : [ONNX_NAME]),
  ];
  let picture: Promise<Session> | undefined;
  let clip: Promise<Session> | undefined;
  const openPicture = async () =>
    engine.load(pictureCoalitionsGraph(parts, await pictureEncoderWeights(settings.picture)));

  const withins = {
    image: withinOf('image', model.description),
    music: withinOf('music', model.description),
  };
  const explainedReading = (
    kind: 'image' | 'music',
    encoders: readonly string[],
    values: NamedValues,
  ): Prediction => {
    const moods = moodsOf(values);
    const explanation: Explanation = { ...explain(encoders, moods), within: withins[kind] };
    return { ...predictionOf(values, errors[kind], moods.length - 1), explanation };
  };
  const readPicture = async (pixels: Uint8Array): Promise<PicturePrediction> => {
    picture ??= openPicture();
    const values = await (await picture).run(await pictureFeeds(pixels));
    const unsafe = (values['unsafe']!.data as Float32Array)[0]!;
    return { ...explainedReading('image', pictureNames, values), unsafe };
  };
  const readClip = async (input: Parameters<Model['embedClips']>[0][number]): Promise<Prediction> => {
    clip ??= engine.load(clipCoalitionsGraph(parts, clipEncoders.widths));
    const data = await clipEncoders.encode(input);
    const values = await (await clip).run({ features: floats([1, data.length], data) });
    return explainedReading('music', clipNames, values);
  };

  return {
    ...model,
    embedPictures: (pixels) => oneByOne(pixels, readPicture),
    embedClips: (clips) => oneByOne(clips, readClip),
    async close() {
      // A failed open was already reported; there is nothing to close.
      const opened = await picture?.catch(() => undefined);
      const openedClip = await clip?.catch(() => undefined);
      await Promise.all([opened?.close(), openedClip?.close(), model.close()]);
    },
  };
}

/** For each coalition. */
function moodsOf(values: NamedValues): Mood[] {
  const data = values['mood']!.data as Float32Array;
  return Array.from({ length: data.length / 2 }, (_, c) => ({
    valence: data[2 * c]!,
    arousal: data[2 * c + 1]!,
  }));
}
