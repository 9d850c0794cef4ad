import { PICTURE_ENCODER_NAMES, encoderFingerprint, readEncoderWeights } from '../encoders/index.ts';
import type { PictureEncoderName } from '../encoders/index.ts';
import type { Weights } from '../networks/index.ts';

/** The names in the order in which features stand. */
function orderedNames(wanted: readonly PictureEncoderName[]): PictureEncoderName[] {
  return PICTURE_ENCODER_NAMES.filter((name) => wanted.includes(name));
}

/** Names and the SHA-256 of the weights: features of the same identity are the same. @throws SynestheteError BROKEN_INSTALL */
export async function pictureEncodersIdentity(wanted: readonly PictureEncoderName[]): Promise<string> {
  const parts = orderedNames(wanted).map(async (name) => `${name}/${await encoderFingerprint(name)}`);
  return (await Promise.all(parts)).join(' ');
}

/** @throws SynestheteError BROKEN_INSTALL */
export async function pictureEncoderWeights(
  wanted: readonly PictureEncoderName[],
): Promise<ReadonlyMap<PictureEncoderName, Weights>> {
  const parts = orderedNames(wanted).map(async (name) => [name, await readEncoderWeights(name)] as const);
  return new Map(await Promise.all(parts));
}
