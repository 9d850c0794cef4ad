import { availableParallelism } from 'node:os';
import { lastValueFrom } from 'rxjs';
import { AnalysisPool, modelRecipe } from '../streams/analysis/index.ts';
import { DEFAULT_HOP_SAMPLES } from '../streams/clips/index.ts';
import { LEVEL_HOP_SAMPLES } from '../streams/levels/index.ts';
import { DEFAULT_PROGRAM_SETTINGS, initialState } from '../streams/program/index.ts';
import { fileSource } from '../streams/sources/index.ts';
import { replay } from '../src/replay/index.ts';
import { syntheticGallery } from './gallery.ts';
import { formatTable } from './measure.ts';
import { withSoundFile } from './sound.ts';

const MINUTES = 4;
const ROUNDS = 3;
const PICTURES = 1000;

/** A whole replay at full speed: decoding, features, the default model, matching, the program. */
export async function benchReplay(): Promise<string> {
  const threads = availableParallelism();
  const pool = await AnalysisPool.start(threads, { model: modelRecipe({ engine: 'cpu', threads: 1 }) });
  try {
    const gallery = await syntheticGallery(PICTURES, '').open(pool.model!);
    pool.setPictures(gallery.pictures);
    const initial = initialState({ ...DEFAULT_PROGRAM_SETTINGS, screens: 1 }, gallery.catalogue);
    const rows = await withSoundFile(MINUTES, async (path) => {
      const made: string[][] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        const startedAtMs = performance.now();
        const source = fileSource(path, {
          blockSamples: LEVEL_HOP_SAMPLES,
          ready: () => pool.ready(),
        });
        await lastValueFrom(
          replay({ sources: [source], analysis: pool, initial, hopSamples: DEFAULT_HOP_SAMPLES }),
        );
        const seconds = (performance.now() - startedAtMs) / 1000;
        made.push([
          `round ${round}`,
          `${seconds.toFixed(1)} s`,
          `${((60 * MINUTES) / seconds).toFixed(1)} ×`,
        ]);
      }
      return made;
    });
    return formatTable(
      [`${MINUTES} min, ${PICTURES} pictures, ${threads} threads`, 'took', 'real time'],
      rows,
    );
  } finally {
    await pool.close();
  }
}
