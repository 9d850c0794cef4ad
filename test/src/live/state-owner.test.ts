import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { claimState } from '../../../src/live/index.ts';
import { emptyFolder } from '../../support/folder.ts';

const HOST = hostname().replaceAll(/[^\w-]/g, '_');

t.test(
  'the second show says whose the state is, and has its own, also after both start the other way round',
  async (t) => {
    const folder = emptyFolder(t);
    const path = join(folder, 'show.json');
    const lines: string[] = [];
    const claim = (port: number) =>
      claimState(path, { name: 'synesthete live', port }, (line) => lines.push(line));
    const first = await claim(8090);
    t.equal(first.path, path);
    t.strictSame(lines, []);
    t.match(JSON.parse(readFileSync(`${path}.lock`, 'utf8')), {
      pid: process.pid,
      host: hostname(),
      port: 8090,
    });
    const second = await claim(8091);
    const own = join(folder, `show.${HOST}-8091.json`);
    t.equal(second.path, own);
    t.strictSame(lines.splice(0), [
      `${path} belongs to synesthete live at port 8090 (process ${process.pid}): this show has its own state in show.${HOST}-8091.json`,
    ]);
    writeFileSync(own, '{}');
    await Promise.all([first.release(), second.release()]);
    t.notOk(readdirSync(folder).some((name) => name.endsWith('.lock')));

    const again = await claim(8091);
    t.equal(again.path, own);
    t.match(lines.splice(0), [/this show has its own state in .*as before/]);
    const other = await claim(8090);
    t.equal(other.path, path);
    t.strictSame(lines, []);
    await Promise.all([again.release(), other.release()]);
  },
);

t.test('shows at any port say which one they got; each has a file', async (t) => {
  const path = join(emptyFolder(t), 'show.json');
  const lines: string[] = [];
  const shows = [];
  for (let i = 0; i < 10; i++) {
    const show = await claimState(path, { name: 'a', port: 0 }, (line) => lines.push(line));
    if (i === 0) await show.announce(4711);
    shows.push(show);
  }
  const paths = shows.map((show) => show.path);
  t.equal(new Set(paths).size, 10);
  t.strictSame(paths.at(-1), undefined, 'at some number it keeps none, and says so');
  t.match(lines[0], /belongs to a at port 4711/);
  t.match(lines.at(-1), /keeps no state$/);
  await Promise.all(shows.map((show) => show.release()));
});

t.test(
  'the state of a killed show is taken over; that of another machine while it lives is not',
  async (t) => {
    const path = join(emptyFolder(t), 'show.json');
    const lines: string[] = [];
    const claim = () => claimState(path, { name: 'a', port: 8090 }, (line) => lines.push(line));
    writeFileSync(
      `${path}.lock`,
      JSON.stringify({ pid: 2 ** 30, started: '1', host: hostname(), port: 8090 }),
    );
    const taken = await claim();
    t.equal(taken.path, path);
    await taken.release();
    writeFileSync(
      `${path}.lock`,
      JSON.stringify({ pid: 1, started: '1', host: 'elsewhere', name: 'b', port: 8090 }),
    );
    const beside = await claim();
    t.not(beside.path, path);
    t.match(lines, [/belongs to b at port 8090 \(on elsewhere\)/]);
    await beside.release();
  },
);

t.test('where no lock can be written the show begins all the same', async (t) => {
  const path = join(emptyFolder(t), 'gone', 'show.json');
  const state = await claimState(path, { name: 'a', port: 8090 }, t.fail.bind(t));
  t.equal(state.path, path);
  await state.announce(1);
  await state.release();
});
