import { sha256 } from '../checksum.ts';
import type { ModelDescription } from '../weights/index.ts';

/**
 * SHA-256, in hex, of everything that predictions depend on: the architecture, the preparation of features, the
 * uncertainty and the weights. Models with the same fingerprint make the same predictions; metrics, data and dates
 * don't count.
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
