import { lastValueFrom, toArray } from 'rxjs';
import { CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { fileSource } from '../sources/index.ts';

interface FileClip {
  /** 44,100 mono samples at 22,050 Hz. */
  readonly samples: Float32Array;
  /** How much of the clip the file had; what is missing at its end is silence. */
  readonly soundSeconds: number;
  /** What the decoder complained of, if it did: the clip may lack sound, or start elsewhere than it should. */
  readonly damage: string | undefined;
}

/**
 * The clip of a file that starts at `startSeconds`, exact to the sample. At the end of a file it is filled up with
 * silence.
 *
 * Rejects with the errors of `fileSource`; OUT_OF_RANGE if the file ends before `startSeconds`.
 */
export async function clipOfFile(path: string, startSeconds: number): Promise<FileClip> {
  const source = fileSource(path, {
    startSeconds,
    durationSeconds: CLIP_SAMPLES / SAMPLE_RATE_HZ,
    cancelling: 'mean',
  });
  const events = await lastValueFrom(source.events.pipe(toArray()));
  const samples = new Float32Array(CLIP_SAMPLES);
  let filled = 0;
  let damage: string | undefined;
  for (const event of events) {
    if (event.kind === 'block') {
      samples.set(event.samples, event.startSample);
      filled = event.startSample + event.samples.length;
    } else if (event.kind === 'status' && event.state === 'damaged') {
      damage ??= event.message;
    }
  }
  return { samples, soundSeconds: filled / SAMPLE_RATE_HZ, damage };
}
