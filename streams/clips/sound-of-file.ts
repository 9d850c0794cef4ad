import { lastValueFrom, toArray } from 'rxjs';
import { fileSource } from '../sources/index.ts';

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
  const options =
    endSeconds === undefined
      ? { startSeconds }
      : { startSeconds, durationSeconds: endSeconds - startSeconds };
  const events = await lastValueFrom(fileSource(path, options).events.pipe(toArray()));
  const blocks = events.flatMap((event) => (event.kind === 'block' ? [event] : []));
  const last = blocks.at(-1);
  const samples = new Float32Array(last ? last.startSample + last.samples.length : 0);
  for (const block of blocks) samples.set(block.samples, block.startSample);
  return samples;
}
