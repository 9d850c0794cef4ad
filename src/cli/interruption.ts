/** How a process that a signal ended reports it: 128 + the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

let finish: (() => void) | undefined;

/**
 * Ctrl-C (and a polite kill, and a closed terminal) end the program with one line. A command that has something to
 * finish gets the chance with `onInterruption`; a second Ctrl-C ends it at once.
 */
export function endOnInterruption(): void {
  for (const [signal, exitCode] of Object.entries(EXIT_CODES)) {
    process.on(signal, () => {
      process.exitCode = exitCode;
      const finishNow = finish;
      finish = undefined;
      if (finishNow === undefined) {
        process.stderr.write('synesthete: interrupted\n');
        process.exit();
      }
      finishNow();
    });
  }
}

/** Has the next interruption call `handler` instead of ending the program; the exit code is set already. */
export function onInterruption(handler: () => void): void {
  finish = handler;
}
