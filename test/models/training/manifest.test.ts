import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import {
  entriesOfSplit,
  parseScale,
  readManifest,
  writeManifest,
  type ManifestEntry,
  type ManifestOptions,
} from '../../../models/training/index.ts';
import { failure } from '../rejection.ts';

/** A folder with some files and the manifest; gives the manifest's path. */
async function manifestWith(
  t: Test,
  csv: string | Buffer,
  files = ['a.jpg', 'b.jpg', 'c.jpg'],
): Promise<string> {
  const folder = t.testdir(Object.fromEntries(files.map((name) => [name, ''])));
  const path = join(folder, 'M.csv');
  await writeFile(path, csv);
  return path;
}

t.test('reads ratings, splits, times, ids and keeps the other columns', async (t) => {
  const path = await manifestWith(
    t,
    'file,valence,arousal,split,start,end,id,theme\na.jpg,0.25,1,train,,,x,"Cats, dogs"\nb.jpg,0,0.5,val,15.5,17.5,y,\n',
  );
  const { entries, otherColumns } = await readManifest(path);
  const folder = t.testdirName;
  t.same(otherColumns, ['theme']);
  t.same(entries, [
    {
      line: 2,
      file: join(folder, 'a.jpg'),
      rating: { valence: 0.25, arousal: 1 },
      split: 'train',
      startSeconds: undefined,
      endSeconds: undefined,
      id: 'x',
      columns: { theme: 'Cats, dogs' },
    },
    {
      line: 3,
      file: join(folder, 'b.jpg'),
      rating: { valence: 0, arousal: 0.5 },
      split: 'val',
      startSeconds: 15.5,
      endSeconds: 17.5,
      id: 'y',
      columns: { theme: '' },
    },
  ]);
});

t.test(
  'takes what spreadsheets write: BOM, CRLF, CR, quotes, empty lines, columns in another order',
  async (t) => {
    const tables = [
      '\uFEFFfile,valence,arousal\r\na.jpg,0.5,0.25\r\n\r\n"b ""2"".jpg",1,0\r\n\r\n\r\n',
      'file,valence,arousal\ra.jpg,0.5,0.25\r"b ""2"".jpg",1,0\r',
      ' arousal , file,valence\n0.25,a.jpg,0.5\n,,\n0,"b ""2"".jpg",1',
    ];
    for (const csv of tables) {
      const { entries } = await readManifest(await manifestWith(t, csv, ['a.jpg', 'b "2".jpg']));
      t.same(
        entries.map(({ rating }) => rating),
        [
          { valence: 0.5, arousal: 0.25 },
          { valence: 1, arousal: 0 },
        ],
      );
    }
  },
);

t.test('paths may be absolute or leave the folder', async (t) => {
  const folder = t.testdir({ media: { 'a.jpg': '', 'b.jpg': '' }, lists: {} });
  const path = join(folder, 'lists', 'M.csv');
  await writeFile(path, `file,valence,arousal\n../media/a.jpg,0,0\n${join(folder, 'media', 'b.jpg')},1,1\n`);
  const { entries } = await readManifest(path);
  t.same(
    entries.map(({ file }) => file),
    [join(folder, 'media', 'a.jpg'), join(folder, 'media', 'b.jpg')],
  );
});

t.test('other scales are moved to 0..1', async (t) => {
  const nine = await readManifest(await manifestWith(t, 'file,valence,arousal\na.jpg,1,9\nb.jpg,5,3\n'), {
    scale: parseScale('1..9'),
  });
  t.same(nine.entries[1]!.rating, { valence: 0.5, arousal: 0.25 });
  const signed = await readManifest(await manifestWith(t, 'file,valence,arousal\na.jpg,-1,0.5\n'), {
    scale: parseScale(' -1 .. +1 '),
  });
  t.same(signed.entries[0]!.rating, { valence: 0, arousal: 0.75 });
  for (const text of ['9..1', '1-9', '1..1', '', '..', '1..x']) {
    t.match(await failure('USAGE', () => parseScale(text)), /is no scale; write its ends/);
  }
});

t.test('categories do in place of ratings, if they are asked for', async (t) => {
  const path = await manifestWith(t, 'file,emotion,split\na.jpg,awe,train\n');
  const { entries } = await readManifest(path, { categories: ['quadrant', 'emotion'] });
  t.equal(entries[0]!.rating, undefined);
  t.equal(entries[0]!.columns['emotion'], 'awe');
  t.match(
    await failure('BAD_TABLE', () => readManifest(path)),
    /M\.csv lacks the columns "valence" and "arousal"; it has file, emotion, split$/,
  );
});

t.test('every mistake is one line that says where and what', async (t) => {
  const head = 'file,valence,arousal';
  const cases: [string, RegExp, ManifestOptions?][] = [
    ['', /M\.csv is empty/],
    [`${head}\n`, /has a header and no rows/],
    ['valence,arousal\n1,1\n', /lacks the columns "file"; it has valence, arousal/],
    ['file,valence\na.jpg,1\n', /lacks the columns "arousal"/],
    ['file;valence;arousal\na.jpg;1;1\n', /is separated by ";", not by commas/],
    ['file\tvalence\tarousal\na.jpg\t1\t1\n', /is separated by tabs, not by commas/],
    ['file,valence,valence,arousal\na.jpg,1,1,1\n', /two columns named "valence"/],
    [`${head}\na.jpg,1.2,0\n`, /M\.csv, line 2: valence 1.2 is outside the scale 0\.\.1$/],
    [`${head}\na.jpg,1,0\n`, /line 2: arousal 0 is outside the scale 1\.\.9/, { scale: parseScale('1..9') }],
    [`${head}\n\na.jpg,1,NaN\n`, /line 3: arousal is "NaN", not a number/],
    [`${head}\na.jpg,,0\n`, /line 2: valence is empty, not a number/],
    [`${head}\na.jpg,Infinity,0\n`, /line 2: valence is "Infinity"/],
    [`${head}\na.jpg,"0,5",0\n`, /line 2: valence is "0,5", not a number/],
    [`${head}\na.jpg,0,5,0\n`, /line 2: 4 cells for 3 columns; a comma within a cell needs quotes/],
    [`${head}\na.jpg,0\n`, /line 2: 2 cells for 3 columns/],
    [`${head}\n"a.jpg,0,0\n`, /line 2: a quote is opened and never closed/],
    [`${head}\n"a".jpg,0,0\n`, /line 2: text follows a closing quote/],
    [`${head}\n,0,0\n`, /line 2: file is empty/],
    [`${head},split\na.jpg,0,0,dev\n`, /line 2: "dev" is no split; splits are train, val, test/],
    [`${head},split\na.jpg,0,0,\n`, /line 2: split is empty/],
    [`${head}\na.jpg,0,0\nb.jpg,0,0\n./a.jpg,1,1\n`, /line 4: the same file and times as in line 2/],
    [`${head},id\na.jpg,0,0,x\nb.jpg,0,0,x\n`, /line 3: the same id "x" as in line 2/],
    [`${head},start,end\na.jpg,0,0,5,5\n`, /line 2: end 5 is not after start 5/],
    [`${head},start\na.jpg,0,0,-1\n`, /line 2: start -1 is before the file begins/],
    [`${head},start\na.jpg,0,0,soon\n`, /line 2: start is "soon"/],
  ];
  for (const [csv, expected, options] of cases) {
    const path = await manifestWith(t, csv);
    t.match(await failure('BAD_TABLE', () => readManifest(path, options)), expected);
  }
});

t.test('a file may be there several times with different times', async (t) => {
  const path = await manifestWith(t, 'file,valence,arousal,start,end\na.jpg,0,0,0,2\na.jpg,1,1,2,4\n');
  t.equal((await readManifest(path)).entries.length, 2);
});

t.test('missing files are named and counted, folders told apart', async (t) => {
  const path = await manifestWith(t, 'file,valence,arousal\na.jpg,0,0\nno.jpg,0,0\nnor.jpg,0,0\n');
  t.match(
    await failure('FILE_NOT_FOUND', () => readManifest(path)),
    /M\.csv, line 3: .*no\.jpg does not exist \(and 1 more like it\); paths are relative/,
  );
  await mkdir(join(t.testdirName, 'no.jpg'));
  t.match(await failure('NOT_A_FILE', () => readManifest(path)), /line 3: .*no\.jpg is a folder/);
  t.match(await failure('FILE_NOT_FOUND', () => readManifest(`${path}.no`)), /M\.csv\.no can't be read/);
  await failure('NOT_A_FILE', () => readManifest(t.testdirName));
});

t.test('a split without rows says which there are', async (t) => {
  const split = await readManifest(
    await manifestWith(t, 'file,valence,arousal,split\na.jpg,0,0,train\nb.jpg,0,0,train\nc.jpg,0,0,val\n'),
  );
  t.same(
    entriesOfSplit(split, 'train').map(({ line }) => line),
    [2, 3],
  );
  t.match(
    await failure('BAD_TABLE', () => entriesOfSplit(split, 'test')),
    /M\.csv has no rows of the split test; it has train \(2\), val \(1\)/,
  );
  const without = await readManifest(await manifestWith(t, 'file,valence,arousal\na.jpg,0,0\n'));
  t.match(await failure('BAD_TABLE', () => entriesOfSplit(without, 'val')), /it has no column "split"/);
});

t.test('whatever is written is read again', async (t) => {
  const folder = t.testdir({});
  const path = join(folder, 'M.csv');
  const fileName = fc.stringMatching(/^[a-z ,"äß'][a-z ,"äß';-]{0,10}x$/);
  const anyEntry = fc.record({
    file: fileName,
    valence: fc.double({ min: 0, max: 1, noNaN: true }),
    arousal: fc.double({ min: 0, max: 1, noNaN: true }),
    split: fc.constantFrom('train', 'val', 'test'),
    startSeconds: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
    note: fc.string(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyEntry, { selector: ({ file }) => file, minLength: 1, maxLength: 5 }),
      async (rows) => {
        const entries: ManifestEntry[] = rows.map(
          ({ file, valence, arousal, split, startSeconds, note }) => ({
            file: join(folder, file),
            // −0 is written as 0.
            rating: { valence: valence + 0, arousal: arousal + 0 },
            split: split as 'train',
            startSeconds: startSeconds === undefined ? undefined : startSeconds + 0,
            endSeconds: undefined,
            id: undefined,
            columns: { note },
          }),
        );
        await Promise.all(entries.map(({ file }) => writeFile(file, '')));
        await writeManifest(path, entries);
        const read = await readManifest(path);
        t.same(
          read.entries,
          entries.map((entry, index) => ({ line: index + 2, ...entry })),
        );
      },
    ),
    { numRuns: 40 },
  );
});

t.test('columns without values are left out, and paths are relative', async (t) => {
  const folder = t.testdir({ media: { 'a.jpg': '' }, lists: {} });
  const path = join(folder, 'lists', 'M.csv');
  const entry: ManifestEntry = {
    file: join(folder, 'media', 'a.jpg'),
    rating: { valence: 0.1, arousal: 1 },
    split: undefined,
    startSeconds: undefined,
    endSeconds: undefined,
    id: undefined,
    columns: {},
  };
  await writeManifest(path, [entry]);
  t.equal(await readFile(path, 'utf8'), 'file,valence,arousal\r\n../media/a.jpg,0.1,1\r\n');
  await failure('WRITE_FAILED', () => writeManifest(join(folder, 'no', 'M.csv'), [entry]));
});

t.test('a row may lack one of the two ratings where that is asked for, and keeps the other', async (t) => {
  const path = await manifestWith(t, 'file,valence,arousal\na.jpg,7, \nb.jpg,,3\nc.jpg,5,9\n');
  const options = { scale: parseScale('1..9'), mayLackOne: true };
  const { entries } = await readManifest(path, options);
  t.same(
    entries.map(({ rating, partialRating }) => [rating, partialRating]),
    [
      [undefined, { valence: 0.75 }],
      [undefined, { arousal: 0.25 }],
      [{ valence: 0.5, arousal: 1 }, undefined],
    ],
  );
  const copy = join(t.testdirName, 'copy.csv');
  await writeManifest(copy, entries);
  const again = await readManifest(copy, { mayLackOne: true });
  t.same(again.entries, entries, 'written and read again');

  t.match(
    await failure('BAD_TABLE', () => readManifest(path, { scale: parseScale('1..9') })),
    /M\.csv, line 2: arousal is empty/,
  );
  const neither = await manifestWith(t, 'file,valence,arousal\na.jpg,,\n');
  t.match(
    await failure('BAD_TABLE', () => readManifest(neither, options)),
    /M\.csv, line 2: valence is empty/,
  );
  const off = await manifestWith(t, 'file,valence,arousal\na.jpg,11,\n');
  t.match(
    await failure('BAD_TABLE', () => readManifest(off, options)),
    /line 2: valence 11 is outside the scale/,
  );
});
