import type { Remedy } from './remedy.ts';

/**
 * Every error that a person can meet has a code that stays the same between releases. A message is one line: which
 * file, device or setting, and what is wrong. What to do is in it, or in the error's remedy where callers word it differently.
 */
export const ERROR_CODES = {
  USAGE: 'an option or argument is missing, unknown or out of its range',
  FILE_NOT_FOUND: 'the named file does not exist or may not be read',
  NOT_A_FILE: 'a folder or special file was named where a file is needed',
  NO_AUDIO: 'the input holds no sound that can be decoded',
  DECODE_FAILED: 'the decoder gave up in the middle of a file',
  BAD_SAMPLES: 'the samples are not audio: not a number, infinite, or torn in the middle of a frame',
  OUT_OF_RANGE: 'a position lies outside the sound',
  CANNOT_START: 'a process can not be started: the system is short of open files, processes or memory',
  PROGRAM_MISSING: 'a program that is needed (ffmpeg, parec, …) is not installed',
  DEVICE_NOT_FOUND: 'no sound device has that name',
  WRITE_FAILED: 'a result could not be written',
  BROKEN_INSTALL: 'a file of the package itself is missing or unusable',
  BAD_TABLE: 'a table (manifest, published ratings, pairs, moods) is malformed or lacks what is needed',
  SPLITS_OVERLAP: 'a song or picture is in more than one split',
  BAD_WEIGHTS:
    'a file of weights or a checkpoint is torn, damaged or malformed, lacks a tensor, or holds numbers that are not finite',
  BAD_MODEL: 'a model.json is malformed or of another format, or the model gives numbers that are not finite',
  BAD_ENCODER: 'a file is no ONNX network that can read pictures, or it gives no usable numbers for one',
  OTHER_ARCHITECTURE: 'a model or checkpoint was made for another architecture, or of other data',
  ENGINE_MISSING: 'an engine that was asked for is not installed, or its device is not there',
  ENGINE_FAILED: 'an engine refused a graph or failed while running it',
  ANALYSIS_LOST: 'the analysis process crashed or hung; it restarts by itself',
  BAD_PICTURE: 'a file is no picture that can be decoded, is damaged, or has too many pixels',
  NO_INDEX: 'a gallery has no index yet',
  BAD_INDEX: 'an index is torn, damaged or of another version',
  OTHER_MODEL: 'an index was made with another model',
  INDEX_BUSY: 'another run is writing the same index',
  DIVERGED: 'training produced numbers that are not finite, or its equations could not be solved',
  NO_MEMORY: 'what was asked for does not fit into the memory that is free',
  CANNOT_LISTEN:
    'the server cannot have its address: the port is taken or not permitted, or the host is not this machine',
} as const;

/** One of the codes that docs/errors.md explains. They stay the same between releases. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Exit code 2 for a misuse (the request can't be fulfilled as given), 1 for a failure on the way. */
const MISUSE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['USAGE']);

/** What an error carries besides its code and message. */
export interface ErrorDetails extends ErrorOptions {
  readonly remedy?: Remedy | undefined;
}

/** An error for a person. Its message is one line: which file, device or setting, and what is wrong. */
export class SynestheteError extends Error {
  override readonly name = 'SynestheteError';
  readonly code: ErrorCode;
  /** What to do, as data, where a setting of the caller's cures it. */
  readonly remedy: Remedy | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { remedy, ...options } = details;
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }

  /** Exit code of the command: 2 for a misuse, 1 for a failure. */
  get exitCode(): 1 | 2 {
    return MISUSE.has(this.code) ? 2 : 1;
  }
}

/** The remedy of whatever was thrown, if it has one. */
export function remedyOf(error: unknown): Remedy | undefined {
  return error instanceof SynestheteError ? error.remedy : undefined;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
