import {
  PICTURE_ENCODER_NAMES,
  encoderFingerprint,
  onnxEncoderIdentity,
  readEncoderWeights,
} from '../../encoders/index.ts';
import type { PictureEncoderName } from '../../encoders/index.ts';
import type { Weights } from '../../networks/index.ts';
import type { CdcmlSettings } from './settings.ts';

type PictureEncoders = Pick<CdcmlSettings['picture'], 'encoders' | 'onnx'>;

/** The bundled encoders that run, in the order of the features: those that the model learns from, and open-nsfw. */
function runningNames({ encoders }: PictureEncoders): PictureEncoderName[] {
  return PICTURE_ENCODER_NAMES.filter((name) => name === 'open-nsfw' || encoders.includes(name));
}

/**
 * Names and the SHA-256 of the weights; for an ONNX encoder the SHA-256 of all its settings. Encoders of the same
 * identity give the same predictions.
 * @throws SynestheteError BROKEN_INSTALL
 */
export async function pictureEncodersIdentity(encoders: PictureEncoders): Promise<string> {
  const bundled = await Promise.all(
    runningNames(encoders).map(async (name) => `${name}/${await encoderFingerprint(name)}`),
  );
  return [...bundled, ...(encoders.onnx ? [onnxEncoderIdentity(encoders.onnx)] : [])].join(' ');
}

/** The weights of the bundled encoders that run. @throws SynestheteError BROKEN_INSTALL */
export async function pictureEncoderWeights(
  encoders: PictureEncoders,
): Promise<ReadonlyMap<PictureEncoderName, Weights>> {
  const parts = runningNames(encoders).map(async (name) => [name, await readEncoderWeights(name)] as const);
  return new Map(await Promise.all(parts));
}
