import { InvalidArgumentError, type Command } from 'commander';
import { SAMPLE_RATE_HZ } from '../../../models/features/index.ts';
import { DEFAULT_HOP_SAMPLES } from '../../../streams/clips/index.ts';

/** The distance between the starts of two clips, in seconds, as commander gives it. */
export interface HopOptions {
  readonly hop: number;
}

/** Adds --hop. */
export function addHopOption(command: Command): Command {
  return command.option(
    '--hop <seconds>',
    'distance between the starts of two clips',
    parseHop,
    DEFAULT_HOP_SAMPLES / SAMPLE_RATE_HZ,
  );
}

export function hopSamplesOf({ hop }: HopOptions): number {
  return Math.round(hop * SAMPLE_RATE_HZ);
}

function parseHop(text: string): number {
  const hopSeconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(hopSeconds) || hopSamplesOf({ hop: hopSeconds }) < 1) {
    throw new InvalidArgumentError('It must be a time in seconds, at least one sample (1/22050 s).');
  }
  return hopSeconds;
}
