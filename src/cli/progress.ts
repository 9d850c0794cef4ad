import { Presets, SingleBar } from 'cli-progress';

/** How far a long command has come, with the time that is left, on a line of standard error. */
export interface Progress {
  /** One more of the total is done. */
  step(): void;
  /** Takes the line away. */
  stop(): void;
}

/**
 * Shows progress where a person looks at it: standard error is a terminal, and nothing else is written there.
 *
 * @param what is counted, as `files`.
 */
export function showProgress(what: string, total: number): Progress {
  const bar = new SingleBar(
    {
      format: `{bar} {value} of {total} ${what}, {eta_formatted} to go`,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      etaBuffer: 100,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return {
    step: () => {
      bar.increment();
    },
    stop: () => {
      bar.stop();
    },
  };
}
