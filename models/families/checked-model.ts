import { SynestheteError } from '../errors.ts';
import { GraphError } from '../graph/index.ts';
import type { Model, Prediction } from '../model/index.ts';

/**
 * The same model, whose predictions are all finite. Weights that are finite can still overflow, and one number that is
 * not would spoil an index or a show without a sign.
 *
 * Its functions reject with BAD_MODEL for predictions that are not finite, and with BAD_WEIGHTS for tensors that don't
 * fit the network where that shows only when it is built.
 */
export function checkedModel(model: Model): Model {
  const { folder } = model;
  return {
    ...model,
    async embedPictures(pixels) {
      const predictions = await model.embedPictures(pixels).catch(misfit(folder));
      for (const { unsafe, ...prediction } of predictions) {
        if (!isFinite(prediction) || !Number.isFinite(unsafe)) throw notFinite(folder, 'a picture');
      }
      return predictions;
    },
    async embedClips(clips) {
      const predictions = await model.embedClips(clips).catch(misfit(folder));
      if (!predictions.every(isFinite)) throw notFinite(folder, 'a clip');
      return predictions;
    },
    async similarities(pictures, clips) {
      const similarities = await model.similarities(pictures, clips);
      if (!similarities.every(Number.isFinite))
        throw notFinite(folder, 'the similarity of a picture and a clip');
      return similarities;
    },
    ...(model.explained && { explained: () => checkedModel(model.explained!()) }),
  };
}

/** @returns throws what it is given, as BAD_WEIGHTS where a network can't be built of the weights */
export function misfit(folder: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof GraphError)) throw error;
    throw new SynestheteError(
      'BAD_WEIGHTS',
      `${folder}: its weights do not fit its network (${error.message}); copy the model's whole folder again, or train it again`,
      { cause: error },
    );
  };
}

function isFinite({ embedding, valence, arousal, valenceSd, arousalSd }: Prediction): boolean {
  return [valence, arousal, valenceSd, arousalSd].every(Number.isFinite) && embedding.every(Number.isFinite);
}

function notFinite(folder: string, what: string): SynestheteError {
  return new SynestheteError(
    'BAD_MODEL',
    `the model in ${folder} gives numbers that are not finite for ${what}: train it again, or name another`,
  );
}
