import { DiskCache } from '../../../../models/cache.ts';
import { openEngine } from '../../../../models/engine/index.ts';
import type { TrainContext } from '../../../../models/training/end-to-end/index.ts';
import { stretchOfFile } from '../../../../streams/clips/index.ts';

/** A context for trainings in tests: one thread, and what was noticed. */
export async function testContext(cache: string): Promise<TrainContext & { readonly notices: string[] }> {
  const notices: string[] = [];
  return {
    engine: await openEngine('cpu', { threads: 1 }),
    threads: 1,
    readStretch: stretchOfFile,
    cache: new DiskCache({ folder: cache }),
    notice: (line) => notices.push(line),
    notices,
  };
}
