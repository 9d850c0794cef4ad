import { decodeFile } from './decoder.ts';
import { findFfmpeg } from './programs.ts';
import { chooseTrack } from './tracks.ts';

/**
 * The sound of a file in stereo, as far as it can be decoded: read by the same rules as `fileSource`, so that a moment has
 * the same time in both.
 *
 * @returns pieces of left and right, interleaved, full scale ±1
 * @throws SynestheteError PROGRAM_MISSING
 */
export async function* stereoOfFile(
  path: string,
  rateHz: number,
): AsyncGenerator<Float32Array, void, undefined> {
  const ffmpeg = await findFfmpeg();
  const done = new AbortController();
  const track = await chooseTrack(ffmpeg, path, undefined, done.signal);
  const decoding = decodeFile(ffmpeg, path, done.signal, { track, form: { rateHz, isStereo: true } });
  try {
    yield* decoding.pieces;
  } finally {
    done.abort();
    await decoding.outcome;
  }
}
