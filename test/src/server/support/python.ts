import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The python that has websockets: Debian's own, or the first on the PATH. In CI there must be one. */
export async function pythonWithWebsockets(): Promise<string | undefined> {
  for (const python of ['/usr/bin/python3', 'python3']) {
    try {
      await promisify(execFile)(python, ['-c', 'import websockets']);
      return python;
    } catch {
      // the next
    }
  }
  if (process.env['CI'] === 'true') throw new Error('python3-websockets is not installed');
  return undefined;
}

/** For tap's `skip`. */
export function pythonMissing(python: string | undefined): string | false {
  return python === undefined && 'python3-websockets is not installed (apt-get install python3-websockets)';
}
