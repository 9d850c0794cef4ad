/** Run by train.test.ts as a process of its own, with a folder: trains side by side and says whether it was interrupted. */
import { DiskCache } from '../../../../models/cache.ts';
import { openEngine } from '../../../../models/engine/index.ts';
import { trainCdcml } from '../../../../models/training/on-encoders/train.ts';
import { FormulaFiles, TINY_CDCML, labelledSet, manifestLine, moodAt } from './formula-files.ts';

const interruption = new AbortController();
process.on('SIGINT', () => {
  interruption.abort();
});
const folder = process.argv[2]!;
const lines = (name: (i: number) => string) =>
  Array.from({ length: 12 }, (_, i) => manifestLine(name(i), { rating: moodAt(i), split: 'train' }));
const trained = await trainCdcml({
  images: [
    labelledSet(
      'pictures',
      lines((i) => `theme${i} ${i}.png`),
    ),
  ],
  music: [
    labelledSet(
      'songs',
      lines((i) => `s${i}.wav`),
    ),
  ],
  splits: ['train'],
  settings: { ...TINY_CDCML, epochs: 200 },
  files: new FormulaFiles(TINY_CDCML),
  engine: await openEngine('cpu', { threads: 1 }),
  threads: 2,
  cache: new DiskCache({ folder: `${folder}/cache` }),
  folder: `${folder}/model`,
  date: '2026-01-01T00:00:00.000Z',
  signal: interruption.signal,
});
process.stdout.write(trained === undefined ? 'stopped' : 'not stopped');
