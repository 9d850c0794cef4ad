import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bundledFfmpeg } from '../../../../streams/sources/programs.ts';

const run = promisify(execFile);

/** Encodes with the ffmpeg of the npm package, which is there on every machine. */
export async function encode(...args: string[]): Promise<void> {
  const ffmpeg = await bundledFfmpeg();
  if (ffmpeg === undefined) throw new Error('the npm package brings no ffmpeg for this platform');
  await run(ffmpeg, ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...args]);
}
