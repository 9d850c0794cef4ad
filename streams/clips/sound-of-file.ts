import { filter, lastValueFrom, tap, toArray } from 'rxjs';
import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { fileSource } from '../sources/index.ts';
import { StretchCutter } from './clips-of-file.ts';

/**
 * The sound of a stretch of a file, mono at 22,050 Hz, in memory: 88 kB a second.
 *
 * Rejects with the errors of `fileSource`.
 *
 * @param endSeconds undefined: to the end of the file.
 */
export async function soundOfFile(
  path: string,
  startSeconds: number,
  endSeconds: number | undefined,
): Promise<Float32Array> {
  const options = {
    startSeconds,
    cancelling: 'mean' as const,
    ...(endSeconds !== undefined && { durationSeconds: endSeconds - startSeconds }),
  };
  const events = await lastValueFrom(fileSource(path, options).events.pipe(toArray()));
  const blocks = events.flatMap((event) => (event.kind === 'block' ? [event] : []));
  const last = blocks.at(-1);
  const samples = new Float32Array(last ? last.startSample + last.samples.length : 0);
  for (const block of blocks) samples.set(block.samples, block.startSample);
  return samples;
}

/**
 * The sound of a stretch, with up to 1 s before it that its first clip has as its `before`, and where in it the clips of
 * `clipsOfFile` start: the first of them where the stretch does.
 *
 * Rejects with the errors of both: OUT_OF_RANGE where there is no clip.
 */
export async function stretchOfFile(
  path: string,
  startSeconds: number,
  endSeconds: number | undefined,
): Promise<{ readonly samples: Float32Array; readonly clipStarts: readonly number[] }> {
  const clipStarts: number[] = [];
  const cutter = new StretchCutter(path, { startSeconds, endSeconds }, ({ startSample }) => {
    clipStarts.push(startSample - cutter.leadSample);
  });
  const { leadSample, endSample } = cutter;
  const options = {
    cancelling: 'mean' as const,
    ...(endSample !== Infinity && { durationSeconds: endSample / SAMPLE_RATE_HZ }),
  };
  let decodedSamples = 0;
  const wanted = fileSource(path, options).events.pipe(
    filter((event) => event.kind === 'block'),
    tap(({ startSample, samples: block }) => {
      decodedSamples = startSample + block.length;
    }),
    filter(({ startSample, samples: block }) => startSample + block.length > leadSample),
    toArray(),
  );
  const blocks = await lastValueFrom(wanted);
  const samples = new Float32Array(Math.max(0, decodedSamples - leadSample));
  for (const { startSample, samples: block } of blocks) {
    samples.set(block.subarray(Math.max(0, leadSample - startSample)), Math.max(0, startSample - leadSample));
  }
  cutter.push({ startSample: leadSample, samples, arrivedAtMs: 0 });
  cutter.refuseEmpty(decodedSamples / SAMPLE_RATE_HZ);
  return { samples, clipStarts };
}
