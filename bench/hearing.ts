import { filter, lastValueFrom, tap } from 'rxjs';
import { createFeatureExtractor, SAMPLE_RATE_HZ } from '../models/features/index.ts';
import { clips } from '../streams/clips/index.ts';
import { fileSource } from '../streams/sources/index.ts';
import { withSoundFile } from './sound.ts';
import { formatTable } from './measure.ts';

const MINUTES = 4;
const ROUNDS = 3;

/**
 * Decodes a file and computes its features at hop 0.5 s on one thread. ffmpeg decodes in its own process; the wall
 * clock includes that time, because this thread waits for it.
 */
export async function benchHearing(): Promise<string> {
  const extractor = await createFeatureExtractor();
  return withSoundFile(MINUTES, async (path) => {
    const rows: string[][] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      let count = 0;
      let extractingMs = 0;
      const cpuBefore = process.cpuUsage();
      const begunAtMs = performance.now();
      await lastValueFrom(
        fileSource(path, { pace: 'consumed' }).events.pipe(
          clips(),
          tap(({ samples }) => {
            const before = performance.now();
            extractor.extract(samples);
            extractingMs += performance.now() - before;
            count += 1;
          }),
          filter(() => false),
        ),
        { defaultValue: undefined },
      );
      const wallMs = performance.now() - begunAtMs;
      const { user, system } = process.cpuUsage(cpuBefore);
      rows.push([
        `round ${round}`,
        String(count),
        (extractingMs / count).toFixed(2),
        ((MINUTES * 60_000) / wallMs).toFixed(1),
        ((MINUTES * 60_000) / ((user + system) / 1000)).toFixed(1),
      ]);
    }
    const header = [
      `${MINUTES} min of 44.1 kHz stereo WAV`,
      'clips',
      'ms a clip',
      '× real time (wall clock)',
      '× real time (processor time of this process)',
    ];
    return `${formatTable(header, rows)}\n${SAMPLE_RATE_HZ} Hz mono after resampling`;
  });
}
