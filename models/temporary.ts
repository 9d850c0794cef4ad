import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { sha256 } from './checksum.ts';

/**
 * Tells this machine and this process from others, also from an earlier one with the same number. Containers of one host
 * name have numbers of their own.
 */
const HOST = sha256(`${hostname()} ${processNumbers()}`).slice(0, 8);
const RUN = randomBytes(4).toString('hex');
/** Untouched for this long, a file of another machine, or of a number that another process has now, is abandoned. */
const ABANDONED_AFTER_MS = 24 * 3_600_000;

const NAME = /\.([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-[0-9a-f]{8}\.part$/u;

/**
 * A name for what is written beside its place and then renamed: `PATH.HOST-PROCESS-RUN-RANDOM.part`. When this process first
 * writes into a folder, it removes what killed ones have left there.
 */
export async function temporaryBeside(path: string): Promise<string> {
  const folder = dirname(resolve(path));
  const sweeping = swept.get(folder) ?? removeAbandoned(folder);
  swept.set(folder, sweeping);
  await sweeping;
  return `${path}.${HOST}-${process.pid}-${RUN}-${randomBytes(4).toString('hex')}.part`;
}

/** What numbers of processes are of: on Linux a namespace, elsewhere the machine. */
function processNumbers(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

const swept = new Map<string, Promise<void>>();

/** Removes the half-written files and folders of processes that have ended. Those of running ones stay. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (await isAbandoned(path)) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Whether `temporaryBeside` gave this name to a process that has ended. */
export async function isAbandoned(path: string): Promise<boolean> {
  const [, host, pid, run] = NAME.exec(path) ?? [];
  if (host === undefined) return false;
  if (host === HOST && Number(pid) === process.pid) return run !== RUN;
  if (host === HOST && !isRunning(Number(pid))) return true;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
