import { readFile, readdir } from 'node:fs/promises';

/** Resident memory of a process, in MiB. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024;
}

/** Files, pipes and sockets that a process has open. */
export async function descriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** The analysis process of a show; undefined while it is being started again. */
export async function analysisOf(pid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  for (const child of children.trim().split(' ').filter(Boolean).map(Number)) {
    const title = await readFile(`/proc/${child}/cmdline`, 'latin1').catch(() => '');
    if (title.startsWith('synesthete: analysis')) return child;
  }
  return undefined;
}
