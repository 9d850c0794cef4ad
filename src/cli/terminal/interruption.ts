/** How a process that a signal ended reports it: 128 + the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A command must not keep a person waiting who wants to leave. */
const LONGEST_FINISH_MS = 3000;

let finish: { readonly handler: () => void; readonly longestMs: number } | undefined;

/**
 * Ctrl-C (and a polite kill, and a closed terminal) end the program with one line. A command that must finish something
 * calls `onInterruption`; a second Ctrl-C ends it at once.
 */
export function endOnInterruption(): void {
  for (const [signal, exitCode] of Object.entries(EXIT_CODES)) {
    process.on(signal, () => {
      process.exitCode = exitCode;
      const finishNow = finish;
      finish = undefined;
      const end = (): void => {
        process.stderr.write('synesthete: interrupted\n');
        process.exit();
      };
      if (finishNow === undefined) end();
      else {
        finishNow.handler();
        setTimeout(end, finishNow.longestMs).unref();
      }
    });
  }
}

/**
 * The next interruption calls `handler` instead of ending the program; the exit code is already set.
 *
 * @param longestMs after this time the program ends anyway
 */
export function onInterruption(handler: () => void, longestMs = LONGEST_FINISH_MS): void {
  finish = { handler, longestMs };
}
