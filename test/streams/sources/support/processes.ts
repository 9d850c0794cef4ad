import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Looking at processes needs /proc. */
export const needsProc = process.platform === 'linux' ? {} : { skip: 'looks at processes in /proc' };

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

function entry(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(parent), state: state! };
  } catch {
    return undefined;
  }
}

/** Zombies are dead: they wait for somebody to ask how they died. */
export function isRunning(pid: number): boolean {
  const found = entry(pid);
  return found !== undefined && found.state !== 'Z';
}

/** Running children, grandchildren and so on. */
export function descendantsOf(pid: number): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => entry(Number(name)))
    .filter((found) => found !== undefined && found.state !== 'Z');
  const children = all.filter((found) => found?.parent === pid).map((found) => found!.pid);
  return [...children, ...children.flatMap(descendantsOf)];
}

/** Resolves as soon as something holds; a test's own timeout ends it if it never does. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(20);
}

/** Waiting for something, and for long enough that it is no wait in between. */
export async function isAsleep(pid: number): Promise<boolean> {
  for (let i = 0; i < 5; i++) {
    if (entry(pid)?.state !== 'S') return false;
    await pause(20);
  }
  return true;
}

/** Bytes that a process has handed to write calls so far. */
export function bytesWritten(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))?.[1]);
}

/** The command line of a process, or the title that it has given itself; empty for one that is gone. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
