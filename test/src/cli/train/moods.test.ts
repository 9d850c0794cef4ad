import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { DiskCache } from '../../../../models/cache.ts';
import { openEngine } from '../../../../models/engine/index.ts';
import { MoodsBeside } from '../../../../models/moods/index.ts';
import { trainCdcml } from '../../../../models/training/on-encoders/index.ts';
import { frozenSets } from '../../../../src/cli/train/frozen.ts';
import { FormulaFiles, TINY_CDCML, moodAt } from '../../../models/training/on-encoders/formula-files.ts';
import '../../../support/shared-sessions.ts';

const SONGS = 10;

/** A moods.csv: of each song a mood, of the first also a cue point in arousal alone, of the last valence alone. */
function moodsOf(rows: readonly string[] = []): string {
  const songs = Array.from({ length: SONGS }, (_, i) => {
    const { valence, arousal } = moodAt(i);
    return `s${i}.wav,${valence.toFixed(3)},${i === SONGS - 1 ? '' : arousal.toFixed(3)},,`;
  });
  return `file,valence,arousal,start,end\n${[...songs, ...rows].join('\n')}\n`;
}

t.test('train learns from a moods.csv as it is, rows that lack one rating included', async (t) => {
  const indices = Array.from({ length: SONGS }, (_, i) => i);
  const folder = t.testdir({
    ...Object.fromEntries(indices.flatMap((i) => [`s${i}.wav`, `p${i}.png`].map((name) => [name, '']))),
    'images.csv': `file,valence,arousal\n${indices.map((i) => `p${i}.png,0.${i},0.${(3 * i) % 10}`).join('\n')}\n`,
  });
  const engine = await openEngine('cpu', { threads: 1 });
  const train = async (name: string, csv: string) => {
    await writeFile(join(folder, 'moods.csv'), csv);
    const flags = { images: [join(folder, 'images.csv')], music: [join(folder, 'moods.csv')], out: name };
    const { splits, sets } = await frozenSets({ ...flags, engine: 'cpu' });
    return trainCdcml({
      ...sets,
      splits,
      settings: TINY_CDCML,
      files: new FormulaFiles(TINY_CDCML),
      engine,
      cache: new DiskCache({ folder: join(folder, 'cache') }),
      folder: join(folder, name),
      date: '2026-01-01T00:00:00.000Z',
    });
  };
  const whole = await train('whole', moodsOf(['s0.wav,,0.95,1,3']));
  t.match(whole, {
    data: [{ name: 'images' }, { name: 'moods', kind: 'music', files: SONGS, labels: 'ratings' }],
  });
  const moods = await new MoodsBeside(() => undefined).of(join(folder, 's0.wav'));
  t.match(moods!.at(2), { arousal: 0.95 }, 'the same file is heard by a show');

  const { sha256 } = whole!.weights[0]!;
  const other = await train('other', moodsOf(['s0.wav,,0.05,1,3']));
  t.not(other!.weights[0]!.sha256, sha256, 'a cue point in arousal alone is learnt from');
  const again = await train('again', moodsOf(['s0.wav,,0.95,1,3']));
  t.equal(again!.weights[0]!.sha256, sha256);
});
