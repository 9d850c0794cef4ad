import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { temporaryBeside } from '../../models/temporary.ts';
import { writeFolder } from '../../models/write-folder.ts';
import { writeWhole } from '../../models/write-whole.ts';

/** The name that another process of this machine gives to what it writes. */
async function nameOf(path: string, pid: number): Promise<string> {
  const own = await temporaryBeside(path);
  return own.replace(`-${process.pid}-`, `-${pid}-`);
}

/** The number of a process that has ended. */
function endedProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

t.test('what killed runs left goes when a folder is first written, and nothing else', async (t) => {
  const elsewhere = join(t.testdir({}), 'names');
  const folder = join(t.testdirName, 'state');
  mkdirSync(folder);
  const put = (name: string): string => {
    writeFileSync(join(folder, name), 'half');
    return name;
  };
  const of = async (name: string, pid: number): Promise<string> =>
    basename(await nameOf(join(elsewhere, name), pid));
  put(await of('show.json', endedProcess()));
  mkdirSync(join(folder, await of('model', endedProcess())));
  writeFileSync(join(folder, await of('model', endedProcess())), 'half');
  // An earlier process with the number of this one, as in a container.
  put((await of('show.json', process.pid)).replace(/-[0-9a-f]{8}(-[0-9a-f]{8}\.part)$/, '-00000000$1'));
  const kept = [
    put(await of('show.json', process.ppid)),
    put(await of('show.json', process.pid)),
    put('album.part'),
    put('show.json.deadbeef.part'),
  ];
  await writeWhole(join(folder, 'show.json'), 'whole');
  t.same(readdirSync(folder).sort(), [...kept, 'show.json'].sort());
});

t.test('folders that are written beside their place leave nothing either', async (t) => {
  const folder = join(t.testdir({}), 'models');
  mkdirSync(folder);
  mkdirSync(join(folder, basename(await nameOf(join(t.testdirName, 'mine'), endedProcess())), 'deep'), {
    recursive: true,
  });
  await writeFolder(join(folder, 'mine'), (path) => writeWhole(join(path, 'model.json'), '{}'));
  t.same(readdirSync(folder), ['mine']);
});
