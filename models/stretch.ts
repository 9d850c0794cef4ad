/** A part of a sound file, in seconds from its start. */
export interface Stretch {
  readonly startSeconds: number;
  /** Undefined: to the end of the file. */
  readonly endSeconds: number | undefined;
}
