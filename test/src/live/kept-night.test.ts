import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { KeptNight, lastNight, resumedNight } from '../../../src/live/kept-night.ts';
import { readSavedShow } from '../../../src/live/state-file.ts';
import { emptyFolder } from '../../support/folder.ts';

const HOUR_MS = 3_600_000;
const spread = { mean: { valence: 0.6, arousal: 0.4 }, sd: { valence: 0.1, arousal: 0.2 } };

t.test('the night is kept now and then, and goes on for some hours only', async (t) => {
  const path = join(emptyFolder(t), 'show.json');
  const kept = new KeptNight(undefined);
  const night = { model: 'a', spread, endSeconds: 7 };
  kept.take({ ...night, seconds: 130 }, 0);
  kept.take({ ...night, seconds: 159 }, 29_000);
  t.strictSame(kept.value, { model: 'a', spread, seconds: 130, savedAtMs: 0 }, 'not for each clip');
  kept.take({ ...night, seconds: 160 }, 30_000);
  t.equal(kept.value!.seconds, 160);
  kept.take({ ...night, model: 'b', seconds: 121 }, 31_000);
  t.strictSame(
    kept.value,
    { model: 'b', spread, seconds: 121, savedAtMs: 31_000 },
    'at once of another model',
  );

  const show = { images: [], bans: [], hold: false, pin: null, blackout: false };
  const read = (found: unknown) => {
    const content = { format: 'synesthete-show', formatVersion: 1, settings: {}, show, night: found };
    writeFileSync(path, JSON.stringify(content));
    return readSavedShow(path, () => undefined);
  };
  const saved = await read(kept.value);
  t.strictSame(lastNight(saved, 5 * HOUR_MS), kept.value);
  t.equal(lastNight(saved, 7 * HOUR_MS), undefined, 'another night');
  t.match(resumedNight(lastNight(saved, 0)!), { model: 'b', spread, seconds: 121 });
  t.equal(lastNight(await read({ model: 'b' }), 0), undefined, 'one that is wrong costs only itself');
  t.equal(lastNight(undefined, 0), undefined);
});
