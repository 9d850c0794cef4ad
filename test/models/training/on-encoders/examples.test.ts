import t from 'tap';
import { SynestheteError } from '../../../../models/errors.ts';
import {
  clipExamples,
  fileCount,
  pictureExamples,
  type Example,
  type LabelledSet,
  type ReadOptions,
} from '../../../../models/training/on-encoders/examples.ts';
import { failure } from '../../rejection.ts';
import { FormulaFiles, TINY_CDCML, labelledSet, manifestLine, moodAt } from './formula-files.ts';

const everything = () => true;

function options(more: Partial<ReadOptions> = {}): ReadOptions {
  return {
    files: new FormulaFiles(TINY_CDCML),
    settings: TINY_CDCML,
    skipBad: false,
    skipped: () => undefined,
    done: () => undefined,
    signal: undefined,
    ...more,
  };
}

function rated(file: string, index: number, columns: Record<string, string> = {}) {
  return manifestLine(file, { rating: moodAt(index), columns });
}

const summary = ({ set, entry, category, isOriginal, weight, group }: Example) =>
  [set.name, entry.file, category, isOriginal, weight, group] as const;

const pictures: readonly LabelledSet[] = [
  labelledSet('rated', [
    rated('/p/Lake 1.jpg', 1),
    rated('/p/Lake 12.jpg', 2, { category: 'Scene', weight: ' 0.5' }),
    rated('/p/Dog 1.jpg', 3, { theme: 'animals', weight: '' }),
  ]),
  labelledSet('emotions', [
    manifestLine('/e/awe_3.jpg', { columns: { emotion: ' awe ' } }),
    manifestLine('/e/fear_4.jpg', { columns: { emotion: 'fear', weight: '2' } }),
  ]),
];

t.test(
  'pictures: rated ones with varied views, categorised ones as they are, grouped by theme',
  async (t) => {
    const examples = await pictureExamples(pictures, everything, options());
    const { viewWeight, categories } = TINY_CDCML.picture;
    t.same(examples.map(summary), [
      ['rated', '/p/Lake 1.jpg', undefined, true, 1, '/p/Lake'],
      ['rated', '/p/Lake 1.jpg', undefined, false, viewWeight, '/p/Lake'],
      ['rated', '/p/Lake 12.jpg', undefined, true, 0.5, '/p/Lake'],
      ['rated', '/p/Lake 12.jpg', undefined, false, 0.5 * viewWeight, '/p/Lake'],
      ['rated', '/p/Dog 1.jpg', undefined, true, 1, 'animals'],
      ['rated', '/p/Dog 1.jpg', undefined, false, viewWeight, 'animals'],
      ['emotions', '/e/awe_3.jpg', 'awe', true, categories.weight, '/e/awe_3.jpg'],
      ['emotions', '/e/fear_4.jpg', 'fear', true, 2 * categories.weight, '/e/fear_4.jpg'],
    ]);
    t.same(examples[0]!.rating, moodAt(1));
    t.equal(examples[6]!.rating, undefined);
    t.notSame(examples[0]!.features, examples[1]!.features);
  },
);

t.test('clips: two of each stretch, those of a file read at once, songs kept together', async (t) => {
  const files = new FormulaFiles(TINY_CDCML);
  const stretch = (startSeconds: number) => ({ startSeconds, endSeconds: startSeconds + 4 });
  const set = labelledSet('songs', [
    { ...rated('/m/a 1.wav', 1, { quadrant: 'Q1' }), ...stretch(0) },
    { ...rated('/m/b 2.wav', 2, { song: 'duet', quadrant: 'e1' }), ...stretch(0) },
    { ...rated('/m/a 1.wav', 3, { quadrant: 'Q3' }), ...stretch(4) },
    { ...rated('/m/c 2.wav', 2, { song: 'duet', quadrant: 'e1' }), ...stretch(0) },
  ]);
  const examples = await clipExamples([set], everything, options({ files }));
  t.equal(files.asked, 3);
  t.equal(fileCount([set], everything), 3);
  t.same(
    examples.map(({ entry, category, group, rating }) => [entry.file, category, group, rating!.valence]),
    [
      ['/m/a 1.wav', 'Q1', '/m/a 1.wav', moodAt(1).valence],
      ['/m/a 1.wav', 'Q1', '/m/a 1.wav', moodAt(1).valence],
      ['/m/a 1.wav', 'Q3', '/m/a 1.wav', moodAt(3).valence],
      ['/m/a 1.wav', 'Q3', '/m/a 1.wav', moodAt(3).valence],
      ...['/m/b 2.wav', '/m/b 2.wav', '/m/c 2.wav', '/m/c 2.wav'].map((file) => [
        file,
        undefined,
        'duet',
        moodAt(2).valence,
      ]),
    ],
  );
  t.ok(examples.every(({ isOriginal, weight }) => isOriginal && weight === 1));
});

t.test('only the rows that are used are read', async (t) => {
  const files = new FormulaFiles(TINY_CDCML);
  const isUsed = ({ file }: { file: string }) => file.startsWith('/e/');
  const examples = await pictureExamples(pictures, isUsed, options({ files }));
  t.equal(examples.length, 2);
  t.equal(files.asked, 2);
  t.equal(fileCount(pictures, isUsed), 2);
});

t.test('labels that say nothing, and weights that are none, are reported with their line', async (t) => {
  const read = (columns: Record<string, string>, isRated = false) =>
    pictureExamples(
      [labelledSet('set', [isRated ? rated('a 1.png', 1, columns) : manifestLine('a 1.png', { columns })])],
      everything,
      options(),
    );
  t.match(
    await failure('BAD_TABLE', () => read({ emotion: 'boredom' })),
    /line 2: "boredom" is not a known emotion/,
  );
  t.match(await failure('BAD_TABLE', () => read({ quadrant: 'Q1' })), /line 2: the settings give no centre/);
  for (const weight of ['0', '-1', 'much', 'NaN', 'Infinity']) {
    const message = await failure('BAD_TABLE', () => read({ weight }, true));
    t.match(message, `set.csv, line 2: weight "${weight}" must be a number above 0`);
  }
});

const many = [
  labelledSet(
    'many',
    Array.from({ length: 12 }, (_, i) => rated(`p${i}.png`, i)),
  ),
];

t.test('the order is that of the rows, whatever is done first', async (t) => {
  const examples = await pictureExamples(many, everything, options());
  t.same(
    examples.filter(({ isOriginal }) => isOriginal).map(({ entry }) => entry.file),
    many[0]!.manifest.entries.map(({ file }) => file),
  );
});

t.test('files that are bad are left out if asked for, and else end the reading', async (t) => {
  const bad = (file: string) =>
    file === 'p4.png' ? new SynestheteError('BAD_PICTURE', 'p4.png is no picture') : undefined;
  const files = () => new FormulaFiles(TINY_CDCML, bad);
  const skipped: string[] = [];
  let done = 0;
  const examples = await pictureExamples(
    many,
    everything,
    options({
      files: files(),
      skipBad: true,
      skipped: ({ message }) => skipped.push(message),
      done: () => done++,
    }),
  );
  t.equal(examples.length, 22);
  t.same(skipped, ['p4.png is no picture']);
  t.equal(done, 12);

  const asking = files();
  await failure('BAD_PICTURE', () => pictureExamples(many, everything, options({ files: asking })));
  t.ok(asking.asked < 20, 'what was not yet begun is left');
  const gone = new FormulaFiles(TINY_CDCML, () => new SynestheteError('FILE_NOT_FOUND', 'gone'));
  await failure('FILE_NOT_FOUND', () =>
    pictureExamples(many, everything, options({ files: gone, skipBad: true })),
  );
});

t.test('an error is passed on when no file is in work any more', async (t) => {
  let inWork = 0;
  const files = new FormulaFiles(TINY_CDCML);
  const slow = {
    ...{ pictureWidths: files.pictureWidths, clipWidths: files.clipWidths },
    clips: files.clips.bind(files),
    close: files.close.bind(files),
    async picture(file: string, view: number) {
      inWork++;
      await new Promise((resolve) => setImmediate(resolve));
      if (file !== 'p0.png')
        for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
      inWork--;
      if (file === 'p0.png') throw new SynestheteError('BAD_PICTURE', 'p0.png is no picture');
      return files.picture(file, view);
    },
  };
  await failure('BAD_PICTURE', () => pictureExamples(many, everything, options({ files: slow })));
  t.equal(inWork, 0);
});

t.test('stopped, it leaves what was not yet begun', async (t) => {
  const interruption = new AbortController();
  let done = 0;
  const examples = await pictureExamples(
    many,
    everything,
    options({
      done: () => {
        if (++done === 2) interruption.abort();
      },
      signal: interruption.signal,
    }),
  );
  t.ok(done < 6, `${done} files`);
  t.equal(examples.length, 2 * done);
});

t.test('a picture that is rated on one axis only has its own weight, and no varied views', async (t) => {
  const half = (file: string, columns: Record<string, string>) =>
    manifestLine(file, { partialRating: { valence: 0.7 }, columns });
  const set = labelledSet('half', [half('a 1.png', { weight: '0.3' }), half('b 2.png', { emotion: 'awe' })]);
  const examples = await pictureExamples([set], everything, options());
  t.same(examples.map(summary), [
    ['half', 'a 1.png', undefined, true, 0.3, 'a'],
    ['half', 'b 2.png', 'awe', true, 1, 'b'],
  ]);
  t.same(
    examples.map(({ rating, partialRating }) => [rating, partialRating]),
    [
      [undefined, { valence: 0.7 }],
      [undefined, { valence: 0.7 }],
    ],
  );
});
