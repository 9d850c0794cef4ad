import { randomUUID } from 'node:crypto';
import type { Catalogue } from '../../streams/program/index.ts';

const revisions = new WeakMap<Catalogue, string>();

/** Opaque; differs for each catalogue and each run, so that clients know when to fetch the gallery again. */
export function revisionOf(catalogue: Catalogue): string {
  const known = revisions.get(catalogue);
  if (known !== undefined) return known;
  const revision = randomUUID();
  revisions.set(catalogue, revision);
  return revision;
}
