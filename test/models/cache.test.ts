import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { cacheKey, defaultCacheFolder, DiskCache, type Tensors } from '../../models/cache.ts';
import { sha256, sha256OfFile } from '../../models/checksum.ts';

const KEY = 'ab'.repeat(32);

function tensors(...values: number[]): Tensors {
  return new Map([['x', { shape: [values.length], data: Float32Array.from(values) }]]);
}

function counting(result: Tensors) {
  const calls = { count: 0 };
  return {
    calls,
    compute: () => {
      calls.count++;
      return result;
    },
  };
}

t.test('keys depend on content and settings, not on the order of settings', async (t) => {
  const file = join(t.testdir({ a: 'abc' }), 'a');
  const content = await sha256OfFile(file);
  t.equal(content, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  t.equal(sha256('abc'), content);
  const key = cacheKey(content, { layers: ['mixed5', 'mixed8'], size: { width: 299, height: 299 } });
  t.match(key, /^[0-9a-f]{64}$/);
  t.equal(cacheKey(content, { size: { height: 299, width: 299 }, layers: ['mixed5', 'mixed8'] }), key);
  t.not(cacheKey(content, { size: { height: 299, width: 299 }, layers: ['mixed8', 'mixed5'] }), key);
  t.not(cacheKey(sha256('abd'), { layers: ['mixed5', 'mixed8'], size: { width: 299, height: 299 } }), key);
});

t.test('what was computed once is read afterwards, also by another cache', async (t) => {
  const folder = join(t.testdir({}), 'deep', 'cache');
  const { calls, compute } = counting(tensors(1, -0.5, NaN));
  const cache = new DiskCache({ folder });
  t.same(await cache.getOrCompute(KEY, compute), tensors(1, -0.5, NaN));
  t.same(await cache.getOrCompute(KEY, compute), tensors(1, -0.5, NaN));
  t.same(await new DiskCache({ folder }).getOrCompute(KEY, compute), tensors(1, -0.5, NaN));
  t.equal(calls.count, 1);
  await cache.getOrCompute('cd'.repeat(32), compute);
  t.equal(calls.count, 2);
});

t.test('callers at the same time share one computation; a failed one is tried again', async (t) => {
  const cache = new DiskCache({ folder: t.testdir({}) });
  const { calls, compute } = counting(tensors(1));
  await t.rejects(
    cache.getOrCompute(KEY, () => Promise.reject(new Error('no picture'))),
    { message: 'no picture' },
  );
  await Promise.all([1, 2, 3].map(() => cache.getOrCompute(KEY, compute)));
  t.equal(calls.count, 1);
});

t.test('damaged entries are noticed and computed again', async (t) => {
  const folder = t.testdir({});
  const path = join(folder, 'ab', KEY);
  await new DiskCache({ folder }).getOrCompute(KEY, () => tensors(1, 2, 3));
  const sound = await readFile(path);
  const flipped = Buffer.from(sound);
  flipped[sound.length - 2]! ^= 1;
  const damages: (() => Promise<void>)[] = [
    () => writeFile(path, flipped),
    () => truncate(path, sound.length - 1),
    () => truncate(path, 0),
    () => writeFile(path, 'something else altogether, of another program'),
  ];
  for (const damage of damages) {
    await damage();
    const notices: string[] = [];
    const cache = new DiskCache({ folder, notice: (line) => notices.push(line) });
    const { calls, compute } = counting(tensors(1, 2, 3));
    t.same(await cache.getOrCompute(KEY, compute), tensors(1, 2, 3));
    t.equal(calls.count, 1);
    t.same(notices, [`the cache: ${path} is damaged; computing it again`]);
    t.same(await readFile(path), sound, 'and stored again');
  }
});

t.test('where nothing can be stored the work goes on, with one notice', async (t) => {
  const folder = join(t.testdir({ file: '' }), 'file', 'cache');
  const notices: string[] = [];
  const cache = new DiskCache({ folder, notice: (line) => notices.push(line) });
  t.same(await cache.getOrCompute(KEY, () => tensors(1)), tensors(1));
  t.same(await cache.getOrCompute(KEY, () => tensors(1)), tensors(1));
  t.equal(notices.filter((line) => line.includes('continuing without storing')).length, 1);
});

t.test('what a killed process left behind is removed, what another is writing is not', async (t) => {
  const folder = t.testdir({});
  await mkdir(join(folder, 'ab'));
  await writeFile(join(folder, 'ab', 'old.12345678.part'), '');
  await utimes(join(folder, 'ab', 'old.12345678.part'), 0, 0);
  await writeFile(join(folder, 'ab', 'new.12345678.part'), '');
  await new DiskCache({ folder }).getOrCompute(KEY, () => tensors(1));
  t.same((await readdir(join(folder, 'ab'))).sort(), [KEY, 'new.12345678.part']);
});

t.test('several processes use one folder', async (t) => {
  const folder = t.testdir({});
  const program = fileURLToPath(new URL('cache-process.ts', import.meta.url));
  const run = () => promisify(execFile)(process.execPath, [...process.execArgv, program, folder]);
  const outputs = await Promise.all([run(), run(), run()]);
  t.same(
    outputs.map(({ stdout }) => stdout),
    ['', '', ''],
    'nothing wrong, nothing damaged',
  );
  const left = await readdir(folder, { recursive: true });
  t.equal(left.filter((name) => name.endsWith('.part')).length, 0);
});

t.test(
  'the default is the place for caches of the system',
  { skip: process.platform !== 'linux' && 'Linux only' },
  async (t) => {
    const before = process.env['XDG_CACHE_HOME'];
    t.teardown(() => {
      if (before === undefined) delete process.env['XDG_CACHE_HOME'];
      else process.env['XDG_CACHE_HOME'] = before;
    });
    process.env['XDG_CACHE_HOME'] = '/caches';
    t.equal(defaultCacheFolder(), '/caches/synesthete');
    delete process.env['XDG_CACHE_HOME'];
    t.match(defaultCacheFolder(), /\.cache\/synesthete$/);
  },
);
