import { filter, lastValueFrom, toArray } from 'rxjs';
import { CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { fileSource, type Block } from '../sources/index.ts';

interface FileClip {
  /** 44,100 mono samples at 22,050 Hz. */
  readonly samples: Float32Array;
  /** How much of the clip the file had; what is missing at its end is silence. */
  readonly soundSeconds: number;
}

/**
 * The clip of a file that starts at `startSeconds`, exact to the sample. At the end of a file it is filled up with
 * silence.
 *
 * Rejects with the errors of `fileSource`; OUT_OF_RANGE if the file ends before `startSeconds`.
 */
export async function clipOfFile(path: string, startSeconds: number): Promise<FileClip> {
  const source = fileSource(path, { startSeconds, durationSeconds: CLIP_SAMPLES / SAMPLE_RATE_HZ });
  const blocks = await lastValueFrom(
    source.events.pipe(
      filter((event): event is Block => event.kind === 'block'),
      toArray(),
    ),
  );
  const samples = new Float32Array(CLIP_SAMPLES);
  let filled = 0;
  for (const block of blocks) {
    samples.set(block.samples, block.startSample);
    filled = block.startSample + block.samples.length;
  }
  return { samples, soundSeconds: filled / SAMPLE_RATE_HZ };
}
