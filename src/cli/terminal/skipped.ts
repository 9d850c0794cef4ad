import { SynestheteError } from '../../../models/errors.ts';
import { warn } from './failure.ts';

/**
 * Tells which files were left out with `--skip-bad`, and how many.
 *
 * @param total of all files.
 * @throws SynestheteError where there is no file that could be read.
 */
export function tellSkipped(failed: readonly SynestheteError[], total: number): void {
  if (failed.length === 0) return;
  if (total === 1) throw failed[0]!;
  for (const { message } of failed) warn(message);
  const { code } = failed[0]!;
  if (failed.length === total) throw new SynestheteError(code, `none of the ${total} files could be read`);
  warn(`${failed.length} of ${total} files were skipped`);
}
