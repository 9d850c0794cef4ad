import { availableParallelism } from 'node:os';

/** More processes bring little: ffmpeg and the matching need a core as well. */
const MOST_PROCESSES = 8;

/** How many analysis processes share the files of a command. */
export function analysisProcesses(): number {
  return Math.min(MOST_PROCESSES, availableParallelism());
}
