import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { SynestheteError } from '../errors.ts';
import { writeFailure } from '../write-whole.ts';

const holderSchema = z.object({ pid: z.int(), started: z.string(), host: z.string() });
type Holder = z.infer<typeof holderSchema>;

/** A holder touches its lock this often, so that other machines see that it is alive. */
const TOUCH_EVERY_MS = 10_000;
const ABANDONED_AFTER_MS = 60_000;
/** Between making the file and filling it. */
const FILLED_AFTER_MS = 5000;

/**
 * Takes the lock of an index folder, so that two runs can't write there at once. It takes over the lock of a killed
 * process at once, and that of another machine after a minute without a touch.
 * @returns releases the lock
 * @throws SynestheteError INDEX_BUSY when another run is at work; WRITE_FAILED
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const mine = JSON.stringify({ pid: process.pid, started: await startOf(process.pid), host: hostname() });
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await make(path, mine)) return hold(path);
    await removeIfAbandoned(path);
  }
  throw busy(path, 'other runs');
}

async function make(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw writeFailure(path, error);
  }
}

function hold(path: string): () => Promise<void> {
  const touching = setInterval(() => {
    const now = new Date();
    // Somebody may remove the lock by hand: continue.
    utimes(path, now, now).catch(() => undefined);
  }, TOUCH_EVERY_MS);
  touching.unref();
  return async () => {
    clearInterval(touching);
    await rm(path, { force: true });
  };
}

/** @throws SynestheteError INDEX_BUSY when its holder is alive */
async function removeIfAbandoned(path: string): Promise<void> {
  const found = await read(path);
  if (found === undefined) return;
  const { text } = found;
  const holder = await holderOf(found);
  if (holder !== undefined) throw busy(path, holder);
  // Another process may have taken the lock meanwhile: remove only the lock that was found abandoned.
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw writeFailure(path, error);
  }
  if ((await read(aside))?.text === text) await rm(aside, { force: true });
  else await rename(aside, path);
}

/** Whether a running process holds the lock. @throws SynestheteError WRITE_FAILED */
export async function isHeld(path: string): Promise<boolean> {
  const found = await read(path);
  return found !== undefined && (await holderOf(found)) !== undefined;
}

interface LockFile {
  readonly text: string;
  readonly touchedMs: number;
}

/** The holder of a lock, in words; undefined when it is abandoned. */
async function holderOf({ text, touchedMs }: LockFile): Promise<string | undefined> {
  const holder = parse(text);
  if (holder === undefined) return Date.now() - touchedMs < FILLED_AFTER_MS ? 'another run' : undefined;
  if (holder.host !== hostname()) {
    return Date.now() - touchedMs < ABANDONED_AFTER_MS ? `a run on ${holder.host}` : undefined;
  }
  return holder.started === (await startOf(holder.pid)) ? `process ${holder.pid}` : undefined;
}

async function read(path: string): Promise<LockFile | undefined> {
  try {
    return { text: await readFile(path, 'utf8'), touchedMs: (await stat(path)).mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw writeFailure(path, error);
  }
}

function parse(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Distinguishes a process from a later one with the same number: its start time, where /proc gives it.
 * @returns '' when there is no such process, or one that has ended and waits for its parent to ask how
 */
async function startOf(pid: number): Promise<string> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of another user exists but may not be signalled.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return '';
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in brackets, may hold anything; start time is the 22nd field, the 20th after the name.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return /^[ZXx]$/.test(fields[0]!) ? '' : (fields[19] ?? 'running');
}

function busy(path: string, who: string): SynestheteError {
  return new SynestheteError(
    'INDEX_BUSY',
    `${who} is writing this index already: wait until it is done (if it can't be, remove ${path})`,
  );
}
