import { InvalidArgumentError, type Command } from 'commander';
import type { Pace } from '../../../streams/sources/index.ts';
import { addModelOptions, type ModelOptions } from '../options/model.ts';
import { DEFAULT_PORT, parsePort } from '../options/network.ts';
import { addProgramOptions, type ProgramOptions } from '../options/program.ts';
import { parsePace } from '../options/source.ts';

/** What the options of `replay` say, as commander gives them. */
export interface ReplayOptions extends ProgramOptions, ModelOptions {
  readonly out?: string;
  readonly report?: string;
  readonly video?: string;
  readonly videoSize?: VideoSize;
  readonly serve?: true;
  readonly host: string;
  readonly port: number;
  readonly pace?: Pace;
  readonly strict?: true;
}

interface VideoSize {
  readonly width: number;
  readonly height: number;
}

export const DEFAULT_VIDEO_SIZE: VideoSize = { width: 1280, height: 720 };

export function addReplayOptions(command: Command): Command {
  command
    .option(
      '--out <file.jsonl>',
      'write the timeline (default: to standard output, without --report, --video or --serve)',
    )
    .option('--report <file.html>', 'write a page with the mood, the waveform and the pictures')
    .option('--video <file.mp4>', 'write the show with its sound as a video', parseVideo)
    .option('--video-size <width>x<height>', 'size of the video (default: 1280x720)', parseSize)
    .option('--strict', 'end where a file fails, instead of leaving it out')
    .option('--serve', 'show it on the displays, at real time')
    .option('--host <address>', 'where to serve', '127.0.0.1')
    .option('--port <n>', 'where to serve; 0 takes any free port', parsePort, DEFAULT_PORT)
    .option('--pace <pace>', 'a multiple of real time (default: 1 with --serve, else max)', parsePace);
  return addModelOptions(addProgramOptions(command));
}

function parseVideo(path: string): string {
  if (/\.mp4$/i.test(path)) return path;
  throw new InvalidArgumentError('Videos are MP4: name a file that ends with .mp4.');
}

function parseSize(text: string): VideoSize {
  const [, width, height] = (/^(\d{2,4})x(\d{2,4})$/.exec(text) ?? []).map(Number);
  if (
    width !== undefined &&
    height !== undefined &&
    width % 2 === 0 &&
    height % 2 === 0 &&
    width > 15 &&
    height > 15
  ) {
    return { width, height };
  }
  throw new InvalidArgumentError('It must be two even numbers of pixels, as 1280x720.');
}
