import { Observable, type OperatorFunction } from 'rxjs';
import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { SynestheteError } from '../../models/errors.ts';
import type { SourceEvent } from '../sources/index.ts';
import { ClipCutter, type Clip } from './clip-cutter.ts';

export interface ClipOptions {
  /** Distance between the starts of two clips, in samples; at least 1. Default 0.5 s. */
  readonly hopSamples?: number;
  /**
   * Clips come from the first second on after a start or a gap, before there is sound for a whole one: what there is is
   * repeated to fill them. Default false.
   */
  readonly isEarly?: boolean;
}

export const DEFAULT_HOP_SAMPLES = SAMPLE_RATE_HZ / 2;

/**
 * Cuts sound into clips of 2 s, one every hop. The clips are the same, bit for bit, whatever the sizes of the
 * blocks. Where sound is missing (a gap event, or a block that doesn't start where the last one ended) what was
 * collected is dropped and the next clip starts with the first sample after it: a clip never spans a gap. What is
 * left at the end and is shorter than a clip is dropped.
 *
 * @throws SynestheteError USAGE if the hop is not a whole number of samples of at least 1.
 */
export function clips(options: ClipOptions = {}): OperatorFunction<SourceEvent, Clip> {
  const hopSamples = options.hopSamples ?? DEFAULT_HOP_SAMPLES;
  if (!Number.isSafeInteger(hopSamples) || hopSamples < 1) {
    throw new SynestheteError(
      'USAGE',
      `a hop must be a whole number of samples, at least 1, not ${hopSamples}`,
    );
  }
  return (events) =>
    new Observable((subscriber) => {
      const emit = (clip: Clip): void => {
        subscriber.next(clip);
      };
      const cutter = new ClipCutter(hopSamples, emit, { isEarly: options.isEarly ?? false });
      return events.subscribe({
        next: (event) => {
          if (event.kind === 'block') cutter.push(event);
          else if (event.kind === 'gap') cutter.restart();
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
      });
    });
}
