import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SynestheteError } from '../../../models/errors.ts';
import { writeFailure, writeWhole } from '../../../models/write-whole.ts';
import type { Timeline } from '../../replay/index.ts';
import type { ShowGallery } from '../../show/index.ts';
import { counted } from '../terminal/counted.ts';
import { warn } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { DEFAULT_VIDEO_SIZE, type ReplayOptions } from './options.ts';
import { soundProgress } from './sound-progress.ts';

/**
 * Checks that everything can be written, and that nothing that is played is overwritten.
 * @throws SynestheteError USAGE, WRITE_FAILED
 */
export async function checkOutputs(files: readonly string[], options: ReplayOptions): Promise<void> {
  refuseInputs(files, options);
  for (const path of outputsOf(options)) await checkFolder(path);
}

function refuseInputs(files: readonly string[], options: ReplayOptions): void {
  const outputs = outputsOf(options);
  const played = new Set(files.map((file) => resolve(file)));
  const places = outputs.map((path) => resolve(path));
  const clash = outputs.find((_, i) => played.has(places[i]!) || places.indexOf(places[i]!) !== i);
  if (clash !== undefined) {
    throw new SynestheteError('USAGE', `${clash} would be overwritten: name another file`);
  }
}

export function outputsOf({ out, report, video }: ReplayOptions): string[] {
  return [out, report, video].filter((path) => path !== undefined);
}

/** @throws SynestheteError WRITE_FAILED where nothing can be written. */
async function checkFolder(path: string): Promise<void> {
  await access(dirname(path), constants.W_OK).catch((error: unknown) => {
    throw writeFailure(path, error);
  });
}

/**
 * Writes what the options ask for: the timeline, the page, and the video of a replay that came to its end. What is written is
 * written whatever becomes of the others.
 */
export async function writeOutputs(
  options: ReplayOptions,
  timeline: Timeline,
  gallery: ShowGallery,
  signal: AbortSignal,
): Promise<void> {
  const { out, report, video } = options;
  const { reportPage, writeVideo } = await import('../../replay/index.ts');
  // Standard output holds the timeline, or else the other lines.
  if (out !== undefined) {
    await writeWhole(out, timeline.text);
    await print(`written to ${out}: the timeline of ${lengthOf(timeline)}\n`);
  } else if (report === undefined && video === undefined && !options.serve) await print(timeline.text);
  if (report !== undefined) {
    await writeWhole(report, await reportPage(timeline, gallery));
    await print(`written to ${report}: a page about ${lengthOf(timeline)}\n`);
  }
  if (video === undefined) return;
  if (!timeline.isOver) {
    warn(`${video} was not written: the replay did not come to its end`);
    return;
  }
  const progress = soundProgress('s of video', timeline.endSeconds);
  try {
    await writeVideo({
      path: video,
      parts: timeline.parts,
      shown: timeline.shown,
      endSeconds: timeline.endSeconds,
      gallery,
      ...(options.videoSize ?? DEFAULT_VIDEO_SIZE),
      onProgress: (seconds) => {
        progress.update(seconds);
      },
      onLostPicture: warn,
      signal,
    });
    progress.stop();
    await print(`written to ${video}: the video of ${lengthOf(timeline)}\n`);
  } catch (error) {
    if (!signal.aborted) throw error;
    process.stderr.write('synesthete: interrupted, the video was not written\n');
  } finally {
    progress.stop();
  }
}

function lengthOf({ endSeconds, shown }: Timeline): string {
  return `${endSeconds.toFixed(1)} s of sound, ${counted(shown.length, 'change')} of picture`;
}
