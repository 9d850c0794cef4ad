import { randomUUID } from 'node:crypto';
import type { Catalogue } from '../../streams/program/index.ts';

const revisions = new WeakMap<Catalogue, string>();

/** Opaque; another one for each catalogue and in each run, so that whoever fetched a gallery knows when to do so again. */
export function revisionOf(catalogue: Catalogue): string {
  const known = revisions.get(catalogue);
  if (known !== undefined) return known;
  const revision = randomUUID();
  revisions.set(catalogue, revision);
  return revision;
}
