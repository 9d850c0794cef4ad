import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

/** For tap's `skip`; in CI all that is needed must be there. */
export async function missing(
  what: string,
  program: string,
  ...args: readonly string[]
): Promise<string | false> {
  try {
    await promisify(execFile)(program, args);
    return false;
  } catch {
    if (process.env['CI'] === 'true') t.fail(`${what} is not installed`);
    return `${what} is not installed`;
  }
}
