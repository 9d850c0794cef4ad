import { sha256 } from '../checksum.ts';
import type { ModelDescription } from '../weights/index.ts';

/**
 * What readings depend on: the architecture, how features are made ready, how uncertain its readings are, and the weights, as a SHA-256 in hex. Models
 * with the same fingerprint read the same in everything; metrics, data and dates have no part in it.
 */
export function fingerprintOf({
  architecture,
  features,
  sigma,
  uncertainty,
  weights,
}: ModelDescription): string {
  const files = weights.map(({ file, sha256: checksum }) => [file, checksum]).sort();
  return sha256(JSON.stringify([architecture, features, sigma, uncertainty, files]));
}
