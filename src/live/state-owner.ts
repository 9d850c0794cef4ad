import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { isLock, tryLock, type Held, type Lock } from '../../models/lock.ts';

/** The state file that a show has for itself while it runs. */
export interface OwnState {
  /** undefined where there is none that isn't another show's. */
  readonly path: string | undefined;
  /** Tells others the port that the show got. */
  readonly announce: (port: number) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** Shows of one machine without a port of their choice that share a gallery, at most. */
const MOST_SHOWS = 9;

/**
 * Claims the state file of a show by a lock beside it. Where another show has it, this one gets a file of its own: it is named after
 * the machine and the port, so that each show finds its own again, whichever starts first.
 *
 * @param show `name`: what others call it. `port`: 0 where any will do
 * @param warn called with one line where the show doesn't get `path` itself
 */
export async function claimState(
  path: string,
  { name, port }: { readonly name: string; readonly port: number },
  warn: (message: string) => void,
): Promise<OwnState> {
  const details = { name, ...(port !== 0 && { port }) };
  const own = ownPath(path, port);
  const hasOwn = port !== 0 && existsSync(own);
  const others = Array.from({ length: MOST_SHOWS - 1 }, (_, i) => ownPath(path, i + 2));
  const candidates = [...(hasOwn ? [own, path] : [path, ...(port === 0 ? [] : [own])]), ...others];
  let holder: string | undefined;
  for (const candidate of candidates) {
    let lock: Lock | Held;
    try {
      lock = await tryLock(`${candidate}.lock`, details);
    } catch {
      // Where no lock can be written, no state can be: writing that says so.
      return { path, announce: () => Promise.resolve(), release: () => Promise.resolve() };
    }
    if (isLock(lock)) {
      const { describe, release } = lock;
      if (candidate !== path) warn(elsewhere(path, candidate, holder));
      return { path: candidate, announce: (got) => describe({ name, port: got }), release };
    }
    if (candidate === path) holder = wordsOf(lock);
  }
  warn(`${path} and the ${candidates.length - 1} beside it belong to other shows: this one keeps no state`);
  return { path: undefined, announce: () => Promise.resolve(), release: () => Promise.resolve() };
}

/** `show.json` → `show.HOST-8091.json` */
function ownPath(path: string, port: number): string {
  const extension = extname(path);
  const host = hostname().replaceAll(/[^\w-]/g, '_');
  return join(dirname(path), `${basename(path, extension)}.${host}-${port}${extension}`);
}

function elsewhere(path: string, own: string, holder: string | undefined): string {
  const place = `this show has its own state in ${basename(own)}`;
  return holder === undefined
    ? `${place}, as before beside another show (delete that file to use ${basename(path)})`
    : `${path} belongs to ${holder}: ${place}`;
}

function wordsOf({ owner, isOnThisMachine }: Held): string {
  if (owner === undefined) return 'another show';
  const { name = 'another show', port, host, pid } = owner;
  const where = isOnThisMachine ? `process ${pid}` : `on ${host}`;
  return port === undefined ? `${name} (${where})` : `${name} at port ${port} (${where})`;
}
