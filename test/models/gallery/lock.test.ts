import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { takeLock } from '../../../models/gallery/lock.ts';
import { emptyFolder } from '../../support/folder.ts';
import { needsProc, until } from '../../streams/sources/support/processes.ts';

/** The fields of a process after its name. */
const fieldsOf = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};

t.test(
  'the lock of a run that has ended is taken over, though its parent never asked',
  needsProc,
  async (t) => {
    // What the shell becomes knows nothing of the child that it has, which ends only then: the shell would ask after it.
    const child = 'until [ "$(cat /proc/$$/comm)" = sleep ]; do sleep 0.01; done';
    const parent = spawn('sh', ['-c', `${child} & echo $!; exec sleep 60`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => parent.kill());
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    await until(() => fieldsOf(pid)[0] === 'Z');
    const path = join(emptyFolder(t), 'lock');
    writeFileSync(path, JSON.stringify({ pid, started: fieldsOf(pid)[19], host: hostname() }));
    const release = await takeLock(path);
    t.equal((JSON.parse(readFileSync(path, 'utf8')) as { pid: number }).pid, process.pid);
    await release();
    t.notOk(existsSync(path));
  },
);
