import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, of } from 'rxjs';
import t, { type Test } from 'tap';
import { keepSaved, readSavedShow } from '../../../src/live/state-file.ts';
import { DEFAULT_PROGRAM_SETTINGS, initialState } from '../../../streams/program/index.ts';
import { emptyFolder } from '../../support/folder.ts';

t.test('of the settings of the last run, what is wrong costs only itself, and is named', async (t) => {
  const path = join(emptyFolder(t), 'show.json');
  const show = { images: ['a', null], bans: ['b'], hold: true, pin: null, blackout: false };
  const warnings: string[] = [];
  const read = (settings: unknown) => {
    const content = { format: 'synesthete-show', formatVersion: 1, settings, show };
    writeFileSync(path, JSON.stringify(content));
    warnings.length = 0;
    return readSavedShow(path, (line) => warnings.push(line));
  };
  const right = { crossfadeSeconds: 7, bank: null, moodOffset: { valence: 0.1, arousal: -0.2 } };
  t.strictSame((await read(right))?.settings, right, 'a file of a version without checksums');
  t.strictSame(warnings, []);
  for (const wrong of [
    { sensitivity: 7 },
    { sensitivity: 'much', screens: 99 },
    { ofALaterVersion: 1, noRepeat: null },
    { constructor: 1 },
  ]) {
    const saved = await read({ ...right, ...wrong });
    t.strictSame(saved?.settings, right, JSON.stringify(wrong));
    t.match(saved, { show });
    t.equal(warnings.length, 1);
    for (const name of Object.keys(wrong)) t.match(warnings[0], `the setting ${name}`);
  }
  t.strictSame((await read({ ...right, moodOffset: { valence: 7, arousal: 0 } }))?.settings, {
    crossfadeSeconds: 7,
    bank: null,
  });
  t.strictSame((await read('none'))?.settings, {});
});

const CHOSEN = { source: 'demo', model: 'built-in', begunWith: { source: 'demo', models: ['built-in'] } };

/** Runs a show that writes each of these bans one after the other. */
async function saved(
  t: Test,
  ...bans: string[][]
): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = emptyFolder(t);
  const path = join(folder, 'show.json');
  for (const ids of bans) await save(path, ids);
  return { folder, path };
}

async function save(path: string, bans: string[]): Promise<void> {
  const settings = { ...DEFAULT_PROGRAM_SETTINGS, crossfadeSeconds: bans.length };
  const remembered = { images: ['shown'], bans, hold: false, pin: null, blackout: true };
  const state = initialState(settings, { pictures: [], rowOf: new Map() } as never, remembered);
  const states = of(state);
  const kept = { chosen: CHOSEN, night: undefined };
  await lastValueFrom(
    keepSaved(path, states, () => kept, t.fail.bind(t)),
    { defaultValue: undefined },
  );
}

async function readWith(
  path: string,
): Promise<{ saved: Awaited<ReturnType<typeof readSavedShow>>; lines: string[] }> {
  const lines: string[] = [];
  const saved = await readSavedShow(path, (line) => lines.push(line));
  return { saved, lines };
}

t.test('each kind of damage costs no more than its part, which the file before has', async (t) => {
  const whole = readFileSync((await saved(t, ['a'], ['a', 'b'])).path, 'utf8');
  const damages: Record<string, string> = {
    empty: '',
    zeros: '\0'.repeat(whole.length),
    noise: '\u0001\ufffd{"format"',
    'another file': '{"name":"x","version":"1"}',
    'a list': '[]',
    'a bit of a setting': whole.replace('"crossfadeSeconds":2', '"crossfadeSeconds":3'),
    'a bit of a name': whole.replace('"bans"', '"banz"'),
    'a bit of the format': whole.replace('synesthete-show', 'synesthetd-show'),
    'a later version': whole.replace('"formatVersion":1', '"formatVersion":2'),
    'no checksums': whole.replace('"checksums"', '"checksumt"'),
    'a blackout that ended': whole.replace('"blackout":true', '"blackout":false'),
  };
  for (let length = 10; length < whole.length - 2; length += 37)
    damages[`torn at ${length}`] = whole.slice(0, length);
  for (const [name, text] of Object.entries(damages)) {
    const { folder, path } = await saved(t, ['a'], ['a', 'b']);
    writeFileSync(path, text);
    const { saved: found, lines } = await readWith(path);
    t.equal(lines.length, 1, `${name}: one line`);
    t.match(lines[0], /show\.json is damaged \(kept as show\.json\.damaged\)/, name);
    t.match(found?.show, { images: ['shown'], hold: false, blackout: true }, name);
    t.ok(found?.show.bans.includes('a'), name);
    if (text.includes('"bans":["a","b"]')) t.strictSame(found?.show.bans, ['a', 'b'], name);
    t.ok([1, 2].includes(found!.settings.crossfadeSeconds!), name);
    t.strictSame(found?.chosen, CHOSEN, name);
    t.equal(readFileSync(join(folder, 'show.json.damaged'), 'utf8'), text, 'the damaged file is kept');
    const again = await readWith(path);
    t.strictSame(
      again,
      { saved: { night: undefined, ...found }, lines: [] },
      'the next start finds it whole',
    );
  }
});

t.test('what neither file has is named', async (t) => {
  const { folder, path } = await saved(t, ['a'], ['a', 'b']);
  writeFileSync(`${path}.previous`, 'x');
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('"pin":null', '"pin":7').replace('["shown"]', '[7]'),
  );
  const { saved: found, lines } = await readWith(path);
  t.strictSame(found?.show.bans, ['a', 'b']);
  t.match(lines, [/show\.json\.previous is damaged/, /lost: a picture on show, the pinned picture$/]);
  t.strictSame(
    readdirSync(folder)
      .filter((name) => name.includes('damaged'))
      .sort(),
    ['show.json.damaged', 'show.json.previous.damaged'],
  );

  writeFileSync(path, 'x');
  const nothing = await readWith(path);
  t.equal(nothing.saved, undefined);
  t.match(nothing.lines, [
    /previous is damaged/,
    /kept as show\.json\.damaged-2\): settings, bans and all else/,
  ]);
});

t.test('the file before holds the state before; a damaged file never takes its place', async (t) => {
  const { path } = await saved(t, ['a'], ['a', 'b']);
  t.match(readFileSync(`${path}.previous`, 'utf8'), '"bans":["a"]');
  await save(path, ['a', 'b']);
  t.match(readFileSync(`${path}.previous`, 'utf8'), '"bans":["a"]', 'nor does the same state again');
  writeFileSync(path, 'damaged while the show runs');
  await save(path, ['c']);
  t.match(readFileSync(`${path}.previous`, 'utf8'), '"bans":["a"]');
  const fresh = await readWith(join(emptyFolder(t), 'show.json'));
  t.strictSame(fresh, { saved: undefined, lines: [] });
  t.notOk(existsSync(`${path}.damaged`));
});
