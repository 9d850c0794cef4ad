import { SynestheteError } from '../../models/errors.ts';

/** Says one line on standard error and ends the process: 2 for a misuse, 1 for a failure. */
export function reportAndExit(error: unknown, verbose: boolean): never {
  const line = error instanceof Error ? error.message : String(error);
  process.stderr.write(`synesthete: ${line.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  if (verbose && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(error instanceof SynestheteError ? error.exitCode : 1);
}
