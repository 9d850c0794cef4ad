const SILENCE_MS = 60_000;

/** Logs a failure. @param kind of a fixed set: never what a client has written */
export type FailureLog = (kind: string, line: string) => void;

/**
 * A log that no stranger can fill: of each kind of failure it gets one line a minute, which says how many were left out
 * since the last one.
 *
 * @param log gets the lines, each without line breaks
 * @param count called for every failure
 */
export function createQuietLog(
  log: (line: string) => void,
  count: (kind: string) => void = () => undefined,
  nowMs: () => number = () => performance.now(),
): FailureLog {
  const kinds = new Map<string, { loggedAtMs: number; leftOut: number }>();
  return (kind, line) => {
    count(kind);
    const known = kinds.get(kind);
    if (known !== undefined && nowMs() - known.loggedAtMs < SILENCE_MS) {
      known.leftOut++;
      return;
    }
    const leftOut = known?.leftOut ?? 0;
    kinds.set(kind, { loggedAtMs: nowMs(), leftOut: 0 });
    const plain = line.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
    log(leftOut === 0 ? plain : `${plain} (${leftOut} more like it since the last line)`);
  };
}
