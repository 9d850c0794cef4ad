import { sha256OfFile } from '../../../models/checksum.ts';
import type { Medium } from '../../../models/training/index.ts';
import type { JudgedSplit, TrainSources } from '../../../models/training/end-to-end/index.ts';

/**
 * The split that the tables show, and whether there is a split test at all.
 * @throws SynestheteError those of the manifests; BAD_TABLE when a manifest has no rows of the split
 */
export async function judgedSplit(
  { images, music, scale }: TrainSources,
  asked: JudgedSplit | undefined,
): Promise<{ readonly split: JudgedSplit; readonly hasTest: boolean }> {
  const [{ entriesOfSplit }, { readRated }] = await Promise.all([
    import('../../../models/training/index.ts'),
    import('../../../models/training/end-to-end/index.ts'),
  ]);
  // Each run reports the rows that it leaves out.
  const rated = (path: string, medium: Medium) => readRated(path, medium, scale, () => undefined);
  const manifests = [await rated(images, 'image'), await rated(music, 'music')];
  const hasTest = manifests.every(({ entries }) => entries.some(({ split }) => split === 'test'));
  const split = asked ?? (hasTest ? 'test' : 'val');
  for (const manifest of manifests) entriesOfSplit(manifest, split);
  return { split, hasTest };
}

/**
 * What the data are, independent of where they lie: checksums of the manifests and of the weights that training begins
 * with.
 */
export async function contentsOf(sources: TrainSources): Promise<Record<string, unknown>> {
  const { images, music, pairs, imageWeights, musicWeights, scale, skipBad } = sources;
  const sums = [images, music, pairs, imageWeights, musicWeights].map(async (path) =>
    path === undefined ? null : sha256OfFile(path),
  );
  return { files: await Promise.all(sums), scale: scale ?? null, skipBad };
}
