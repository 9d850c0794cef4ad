import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readSavedShow } from '../../../src/live/state-file.ts';
import { emptyFolder } from '../../support/folder.ts';

t.test('of the settings of the last run, what is wrong costs only itself', async (t) => {
  const path = join(emptyFolder(t), 'show.json');
  const show = { images: ['a', null], bans: ['b'], hold: true, pin: null, blackout: false };
  const read = (settings: unknown) => {
    const content = { format: 'synesthete-show', formatVersion: 1, settings, show };
    writeFileSync(path, JSON.stringify(content));
    return readSavedShow(path, t.fail.bind(t));
  };
  const right = { crossfadeSeconds: 7, bank: null, moodOffset: { valence: 0.1, arousal: -0.2 } };
  for (const wrong of [
    { sensitivity: 7 },
    { sensitivity: 'much', screens: 99 },
    { ofALaterVersion: 1, noRepeat: null },
  ]) {
    const saved = await read({ ...right, ...wrong });
    t.strictSame(saved?.settings, right, JSON.stringify(wrong));
    t.match(saved, { show });
  }
  t.strictSame((await read({ ...right, moodOffset: { valence: 7, arousal: 0 } }))?.settings, {
    crossfadeSeconds: 7,
    bank: null,
  });
  t.strictSame((await read('none'))?.settings, {});
});
