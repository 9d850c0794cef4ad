import { Progress } from '../terminal/progress.ts';

/** Shows how much of the sound or the video is done, and how fast. */
export function soundProgress(
  what: string,
  totalSeconds?: number,
): { update(seconds: number): void; stop(): void } {
  const startedAtMs = performance.now();
  const progress = new Progress(what, totalSeconds === undefined ? {} : { total: totalSeconds });
  return {
    update(seconds) {
      const speed = (1000 * seconds) / (performance.now() - startedAtMs);
      progress.update(seconds, { tail: `${speed.toFixed(1)} times real time` });
    },
    stop() {
      progress.stop();
    },
  };
}
