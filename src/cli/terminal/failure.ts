import { CommanderError } from 'commander';
import { SynestheteError, messageOf, remedyOf } from '../../../models/errors.ts';
import type { Remedy } from '../../../models/remedy.ts';
import { printable } from './printable.ts';
import { withRemedy } from './remedies.ts';

/** Says one line on standard error and ends the process: 2 for a misuse, 1 for a failure. */
export function reportAndExit(error: unknown, verbose: boolean): never {
  process.exit(report(error, verbose));
}

/** Says one line on standard error. @returns the exit code: 2 for a misuse, 1 for a failure, 0 for help */
export function report(error: unknown, verbose: boolean): number {
  // commander has already said what is wrong with the arguments.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  warn(messageOf(error), remedyOf(error));
  if (verbose && error instanceof SynestheteError) process.stderr.write(`code ${error.code}\n`);
  if (verbose && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return error instanceof SynestheteError ? error.exitCode : 1;
}

/** Whether --verbose was given, before or after the command's name. */
export function isVerbose(): boolean {
  return process.argv.includes('--verbose');
}

/** Says one line on standard error: what is wrong and, where options cure it, which. */
export function warn(message: string, remedy?: Remedy): void {
  process.stderr.write(`synesthete: ${printable(withRemedy(message, remedy))}\n`);
}
