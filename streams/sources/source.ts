import type { Observable } from 'rxjs';
import type { FileMoods } from '../../models/moods/index.ts';
import type { Remedy } from '../../models/remedy.ts';
import type { ChannelChoice } from './channel-choice.ts';
import type { ChannelLevel } from './channel-meter.ts';

/** Mono sound at 22,050 Hz as it arrives, in pieces of any length. */
export interface Block {
  readonly kind: 'block';
  /** Position of the first sample on the source's own clock: samples since the source began, gaps included. */
  readonly startSample: number;
  /** Full scale is ±1; always finite. */
  readonly samples: Float32Array;
  /** When the last of these samples reached this program, by `performance.now()`, in ms. */
  readonly arrivedAtMs: number;
  /** What each channel holds that the sound came with; undefined where the sound is made here. */
  readonly channels?: readonly ChannelLevel[];
  /** The moods that a person gave this file: see `withMoods`. */
  readonly hand?: HandMoods;
}

/** What a person says of the sound of a block. */
export interface HandMoods {
  readonly moods: FileMoods;
  /** Where in the file the block's first sample is. */
  readonly atSeconds: number;
}

/** Sound that is missing: what comes after does not join on to what came before. */
interface Gap {
  readonly kind: 'gap';
  /** Position at which sound stopped; the next block's `startSample` is this plus what is missing. */
  readonly atSample: number;
  readonly reason: string;
}

/** A device by the sound system's name and by what a person would call it. */
interface HeardDevice {
  readonly name: string;
  readonly description: string;
}

/**
 * What a person should know of the source:
 * - `delivering`: sound arrives; also says that an earlier trouble is over;
 * - `silent`: it arrives, but is nothing but zeros (muted, or nothing plays);
 * - `damaged`: it arrives, but some of it was lost or mended on the way (a decoder's complaint, numbers that are no
 *   samples, a torn last frame, channels that cancel each other);
 * - `lost`: nothing arrives any more; `retrying`: it is being opened again;
 * - `ended`: there is no more, the stream completes.
 */
export interface SourceStatus {
  readonly kind: 'status';
  readonly state: 'delivering' | 'silent' | 'damaged' | 'lost' | 'retrying' | 'ended';
  /** One line that names the source. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: Remedy | undefined;
  /** The device that is heard, or waited for, whatever name it was asked for by. */
  readonly device?: HeardDevice | undefined;
}

export type SourceEvent = Block | Gap | SourceStatus;

/**
 * Where sound comes from. Cold: subscribing opens it, unsubscribing closes it and ends every process it started.
 * Errors are SynestheteErrors; a source that can end (a file, standard input) completes.
 */
export interface Source {
  /** The name that a person gave or would give it: a path, a device's name, `stdin`. */
  readonly name: string;
  readonly kind: 'file' | 'device' | 'stdin' | 'synthetic' | 'feed';
  /** Where an operator may choose which channels are heard. */
  readonly choice?: ChannelChoice;
  readonly events: Observable<SourceEvent>;
}
