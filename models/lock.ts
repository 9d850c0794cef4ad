import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { writeFailure, writeWhole } from './write-whole.ts';

const ownerSchema = z.object({
  pid: z.int(),
  started: z.string(),
  host: z.string(),
  /** What the owner calls itself. */
  name: z.string().optional(),
  /** Where the owner can be reached. */
  port: z.int().optional(),
});

/** The process that holds a lock. */
type LockOwner = Readonly<z.infer<typeof ownerSchema>>;

/** What an owner may say of itself. */
export type OwnerDetails = Pick<LockOwner, 'name' | 'port'>;

/** A lock that this process holds. */
export interface Lock {
  /** Changes what others read of its owner. Where it can't be written, the old text stays. */
  readonly describe: (details: OwnerDetails) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** Who holds a lock; an owner that has not written its name yet is unknown. */
export interface Held {
  readonly owner: LockOwner | undefined;
  readonly isOnThisMachine: boolean;
}

/** A holder touches its lock this often, so that other machines see that it is alive. */
const TOUCH_EVERY_MS = 10_000;
const ABANDONED_AFTER_MS = 60_000;
/** Between making the file and filling it. */
const FILLED_AFTER_MS = 5000;

/**
 * Takes a lock, which is a file. Takes over that of a killed process at once, and that of another machine after a minute without a
 * touch.
 * @returns the lock, or who holds it
 * @throws SynestheteError WRITE_FAILED
 */
export async function tryLock(path: string, details: OwnerDetails = {}): Promise<Lock | Held> {
  const mine: LockOwner = {
    pid: process.pid,
    started: await startOf(process.pid),
    host: hostname(),
    ...details,
  };
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await make(path, JSON.stringify(mine))) return hold(path, mine);
    const held = await removeIfAbandoned(path);
    if (held !== undefined) return held;
  }
  return { owner: undefined, isOnThisMachine: true };
}

export function isLock(lock: Lock | Held): lock is Lock {
  return 'release' in lock;
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

function hold(path: string, mine: LockOwner): Lock {
  const touching = setInterval(() => {
    const now = new Date();
    // Somebody may remove the lock by hand: continue.
    utimes(path, now, now).catch(() => undefined);
  }, TOUCH_EVERY_MS);
  touching.unref();
  return {
    describe: (details) => writeWhole(path, JSON.stringify({ ...mine, ...details })).catch(() => undefined),
    release: async () => {
      clearInterval(touching);
      await rm(path, { force: true });
    },
  };
}

/** @returns the holder, where that is alive */
async function removeIfAbandoned(path: string): Promise<Held | undefined> {
  const found = await read(path);
  if (found === undefined) return undefined;
  const { text } = found;
  const held = await holderOf(found);
  if (held !== undefined) return held;
  // Another process may have taken the lock meanwhile: remove only the lock that was found abandoned.
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw writeFailure(path, error);
  }
  if ((await read(aside))?.text === text) await rm(aside, { force: true });
  else await rename(aside, path);
  return undefined;
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

/** The holder of a lock; undefined when it is abandoned. */
async function holderOf({ text, touchedMs }: LockFile): Promise<Held | undefined> {
  const owner = parse(text);
  const untouchedMs = Date.now() - touchedMs;
  if (owner === undefined) {
    return untouchedMs < FILLED_AFTER_MS ? { owner, isOnThisMachine: true } : undefined;
  }
  if (owner.host !== hostname()) {
    return untouchedMs < ABANDONED_AFTER_MS ? { owner, isOnThisMachine: false } : undefined;
  }
  return owner.started === (await startOf(owner.pid)) ? { owner, isOnThisMachine: true } : undefined;
}

async function read(path: string): Promise<LockFile | undefined> {
  try {
    return { text: await readFile(path, 'utf8'), touchedMs: (await stat(path)).mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw writeFailure(path, error);
  }
}

function parse(text: string): LockOwner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text));
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
