import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeWhole } from '../../../models/write-whole.ts';
import { createToken } from '../../server/index.ts';

/** The form of the tokens of `createToken`. */
const TOKEN = /^[\w-]{24}$/;

/** The control token of a show, and where a person finds it. */
interface ControlToken {
  readonly token: string;
  /** The file that keeps it; undefined where it can't be kept. */
  readonly file: string | undefined;
}

/**
 * The control token of the show whose state is kept in `stateFile`: that of its last start, so that consoles stay
 * linked, or else a new one. The token lies beside the state, readable by its owner only. Where it can't be written,
 * `warn` says so, and it holds until the show ends.
 */
export async function keptToken(stateFile: string, warn: (message: string) => void): Promise<ControlToken> {
  const path = join(dirname(stateFile), `${basename(stateFile, '.json')}.token`);
  const kept = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (TOKEN.test(kept)) return { token: kept, file: path };
  const token = createToken();
  try {
    await writeWhole(path, `${token}\n`, { mode: 0o600 });
    return { token, file: path };
  } catch (error) {
    warn(`after a restart consoles need the new link: ${(error as Error).message}`);
    return { token, file: undefined };
  }
}
