import { mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeFolders } from '../../models/make-folders.ts';
import { writeFailure } from '../../models/write-whole.ts';

t.test('a disk that is read-only is called that', async (t) => {
  const fail = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
  /** As Node does on such a disk, where `/disk` is there and nothing else. */
  const make = ((path: string, options?: object) => {
    if (options !== undefined) return fail('ENOENT');
    return path === '/disk' ? fail('EEXIST') : fail(path === '/disk/gallery' ? 'EROFS' : 'ENOENT');
  }) as unknown as typeof mkdir;
  for (const path of ['/disk/gallery', '/disk/gallery/.synesthete']) {
    const error: unknown = await makeFolders(path, make).catch((reason: unknown) => reason);
    t.match(error, { code: 'EROFS' });
    t.match(writeFailure(path, error).message, /can't be written: the disk is read-only/);
  }
});

t.test('folders are made, and the first of them is returned', async (t) => {
  const folder = t.testdir({ file: 'x' });
  t.equal(await makeFolders(join(folder, 'a', 'b')), join(folder, 'a'));
  t.ok(existsSync(join(folder, 'a', 'b')));
  t.equal(await makeFolders(join(folder, 'a', 'b')), undefined);
  await t.rejects(makeFolders(join(folder, 'file', 'c')), { code: 'ENOTDIR' });
});
