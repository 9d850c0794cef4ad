import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { stereoOfFile } from '../../streams/sources/index.ts';
import type { Part } from './parts.ts';

const RATE_HZ = 48_000;
const CHANNELS = 2;
const SILENT_FRAMES = 8192;

/** What ffmpeg needs to know about what `feedSound` writes. */
export const SOUND_FORMAT: readonly string[] = ['-f', 'f32le', '-ar', `${RATE_HZ}`, '-ac', `${CHANNELS}`];

/**
 * Writes the sound of a replay: each file for as long as the analysis heard it, so that both stay in step whatever becomes
 * of a file; what can't be read any more is silence.
 *
 * Rejects with the signal's reason, and PROGRAM_MISSING.
 */
export async function feedSound(to: Writable, parts: readonly Part[], signal: AbortSignal): Promise<void> {
  const closed = once(to, 'close').catch(() => undefined);
  const write = async (frames: Float32Array): Promise<void> => {
    signal.throwIfAborted();
    const bytes = Buffer.from(frames.buffer, frames.byteOffset, frames.byteLength);
    if (!to.destroyed && !to.write(bytes)) {
      await Promise.race([once(to, 'drain').catch(() => undefined), closed]);
    }
  };
  for (const { file, startSeconds, endSeconds } of parts) {
    let left = Math.round(endSeconds * RATE_HZ) - Math.round(startSeconds * RATE_HZ);
    if (left === 0) continue;
    for await (const piece of stereoOfFile(file, RATE_HZ)) {
      const taken = piece.subarray(0, left * CHANNELS);
      left -= taken.length / CHANNELS;
      await write(taken);
      if (left === 0 || to.destroyed) break;
    }
    for (; left > 0 && !to.destroyed; left -= SILENT_FRAMES) {
      await write(new Float32Array(Math.min(left, SILENT_FRAMES) * CHANNELS));
    }
  }
  to.end();
}
