import { SynestheteError } from '../../../models/errors.ts';
import { warn } from './failure.ts';

/**
 * Warns which files `--skip-bad` left out, and how many.
 *
 * @param total of all files.
 * @throws SynestheteError where no file could be read
 */
export function reportSkipped(failed: readonly SynestheteError[], total: number): void {
  if (failed.length === 0) return;
  if (total === 1) throw failed[0]!;
  for (const { message, remedy } of failed) warn(message, remedy);
  const { code } = failed[0]!;
  if (failed.length === total) throw new SynestheteError(code, `none of the ${total} files could be read`);
  warn(`${failed.length} of ${total} files were skipped`);
}
