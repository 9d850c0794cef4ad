import fc from 'fast-check';
import t from 'tap';
import { parseMoods, type HandMood } from '../../../models/moods/table.ts';
import { forSpreadsheets, withMood as withMoodIn } from '../../../models/moods/table-changes.ts';

const withMood = (text: string | null, name: string, file: string, mood: HandMood): string =>
  withMoodIn(text === null ? null : parseMoods(text, name), file, mood);
const rowsOf = (text: string) => parseMoods(text, 'moods.csv').rows;
/** By file, in a table of whole files. */
const moodsOf = (text: string) => new Map(rowsOf(text).map((row) => [row.file, row]));

const AXIS = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null });
const MOOD = fc.record({ valence: AXIS, arousal: AXIS });
const SAID = MOOD.filter(({ valence, arousal }) => valence !== null || arousal !== null);
const FILE = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.constantFrom(
      'a,b.jpg',
      '"q".png',
      '#1.webp',
      ' a.jpg',
      'a\nb.gif',
      'a\r\nb.gif',
      'sea/2 m.jpg',
      "'=1+1",
      '=1+1.jpg',
      '@SUM(A1)',
      '+1',
      '-1',
      '\t=1',
      ' =1',
    ),
  )
  // No name of a file begins so.
  .filter((file) => file.trim() !== '' && !file.startsWith('./'));

t.test('what is written is read again, to the last bit', async () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(FILE, SAID), { selector: ([file]) => file.normalize() }),
      (wanted) => {
        const text = wanted.reduce<string | null>(
          (before, [file, mood]) => withMood(before, 'moods.csv', file, mood),
          null,
        );
        const { faults } = parseMoods(text ?? 'file,valence,arousal', 'moods.csv');
        const moods = moodsOf(text ?? 'file,valence,arousal');
        const isSame = ([file, mood]: readonly [string, HandMood]): boolean => {
          const { valence, arousal } = moods.get(file)!;
          return valence === mood.valence && arousal === mood.arousal;
        };
        return faults.length === 0 && moods.size === wanted.length && wanted.every(isSame);
      },
    ),
    { seed: 7, numRuns: 300 },
  );
});

t.test('a change touches its own cells only, and taking it back gives the same text', async () => {
  const others = fc.array(
    fc.oneof(
      fc.constantFrom('# a comment, "quoted or not', '', '   ', 'x.jpg,0.5,0.25,"a note, with ""quotes"""'),
      fc.tuple(fc.nat(99), fc.string({ maxLength: 8 })).map(([i, note]) => {
        const cell = `"${note.replaceAll('"', '""')}"`;
        return `${cell},picture${i}.jpg,,0.${i}`;
      }),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(
      others,
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.boolean(),
      SAID,
      (lines, lineEnd, ends, mood) => {
        const before =
          ['\uFEFFnote,file,valence,arousal', ',first.jpg,1,1', ...lines].join(lineEnd) +
          (ends ? lineEnd : '');
        const after = withMood(before, 'moods.csv', 'new, one.jpg', mood);
        const back = withMood(after, 'moods.csv', 'new, one.jpg', { valence: null, arousal: null });
        return (
          after.startsWith(before) &&
          moodsOf(after).has('new, one.jpg') &&
          back === before + (/[\r\n]$/u.test(before) ? '' : lineEnd)
        );
      },
    ),
    { seed: 7, numRuns: 300 },
  );
});

t.test('comments, other columns, their order and wrong lines stay', async (t) => {
  const text =
    '# by Ann, in May\n' +
    'arousal,note,file,valence\n' +
    '0.1,"the calm one, really",a.jpg,0.9\n' +
    '\n' +
    '1.4,,b.jpg,\n' +
    '# the bank of the sea\n' +
    ',,sea/c.jpg,0.5';
  const moved = withMood(text, 'moods.csv', 'a.jpg', { valence: 0.25, arousal: null });
  t.equal(moved, text.replace('0.1,"the calm one, really",a.jpg,0.9', ',"the calm one, really",a.jpg,0.25'));
  const back = withMood(moved, 'moods.csv', 'a.jpg', { valence: null, arousal: null });
  t.match(back, ',"the calm one, really",a.jpg,\n', 'a row that says more loses only its mood');
  t.notMatch(withMood(text, 'moods.csv', 'sea/c.jpg', { valence: null, arousal: null }), 'sea/c.jpg');
  const mended = withMood(text, 'moods.csv', 'b.jpg', { valence: 0.5, arousal: 0.5 });
  t.match(mended, '\n0.5,,b.jpg,0.5\n');
  t.strictSame(parseMoods(mended, 'moods.csv').faults, []);
});

t.test('a line that is wrong is reported with its number, and all others count', async (t) => {
  const text = [
    'file,valence,arousal,note',
    'good.jpg,0.5,,',
    'off.jpg,1.01,0.5,',
    'minus.jpg,-0.1,,',
    'word.jpg,calm,0.5,',
    'hex.jpg,0x0,0.5,',
    'infinite.jpg,Infinity,0.5,',
    'comma,in its name.jpg,0.5,0.5',
    'torn.jpg,0.5',
    ',0.5,0.5,',
    '"two',
    'lines.jpg",0,1,',
    'good.jpg,0.1,0.1,',
    'nothing.jpg,,,only a note',
    'short.jpg, .5 ,1e-1',
    'comma,s.jpg,0.5,0.5,more',
  ].join('\n');
  const { rows, faults } = parseMoods(text, 'moods.csv');
  t.strictSame(
    rows.map(({ file, valence, arousal, line }) => [file, valence, arousal, line]),
    [
      ['good.jpg', 0.5, null, 2],
      ['two\nlines.jpg', 0, 1, 11],
      ['short.jpg', 0.5, 0.1, 15],
    ],
  );
  t.match(faults, [
    { line: 3, reason: /^valence is "1.01": write a number from 0 to 1/ },
    { line: 4, reason: /^valence is "-0.1"/ },
    { line: 5, reason: /^valence is "calm"/ },
    { line: 6, reason: /^valence is "0x0"/ },
    { line: 7, reason: /^valence is "Infinity"/ },
    { line: 8, reason: /^valence is "in its name.jpg"/ },
    { line: 9, reason: /torn/ },
    { line: 10, reason: 'it names no file' },
    { line: 13, reason: 'good.jpg is also in line 2, which counts' },
    { line: 16, reason: /5 cells for 4 columns: put a name with a comma in quotes/ },
  ]);
  t.equal(faults.length, 10);
});

t.test('setting a mood makes a line of it that counts, whatever lines were there', async (t) => {
  for (const lines of [
    ['a.jpg,2,2'],
    ['a.jpg'],
    ['a.jpg,0.1,0.1', 'a.jpg,0.2,0.2'],
    ['a.jpg,,', 'a.jpg,0.2,0.2'],
    ['a.jpg,0.1,0.2,0.3'],
  ]) {
    const text = ['file,valence,arousal', ...lines, ''].join('\n');
    const set = withMood(text, 'moods.csv', 'a.jpg', { valence: 0.75, arousal: 0.5 });
    t.match(moodsOf(set).get('a.jpg'), { valence: 0.75, arousal: 0.5 }, lines.join());
    const back = withMood(set, 'moods.csv', 'a.jpg', { valence: null, arousal: null });
    t.equal(moodsOf(back).size, 0, 'and back to the model');
  }
});

t.test('a name in another Unicode form is the same file', async (t) => {
  const [composed, decomposed] = ['caf\u00e9.jpg', 'cafe\u0301.jpg'];
  const text = `file,valence,arousal\n${composed},0.5,0.5\n`;
  const set = withMood(text, 'moods.csv', decomposed, { valence: 1, arousal: 0 });
  t.equal(set, `file,valence,arousal\n${composed},1,0\n`);
});

t.test('a table that can’t be understood is refused as a whole, and never changed', async (t) => {
  for (const [text, why] of [
    ['', /is empty: its first line must be file,valence,arousal/],
    ['# only a comment\n', /is empty/],
    ['file;valence;arousal\na.jpg;0,5;0,5', /not separated by commas/],
    ['file,valence\na.jpg,0.5', /lacks the columns arousal/],
    ['file,valence,valence,arousal', /two columns named "valence"/],
    ['file,valence,arousal\n"a.jpg,0.5,0.5\nb.jpg,1,1', /line 2 opens a quote that is never closed/],
    ['file,valence,arousal\n"a" b.jpg,0.5,0.5', /line 2 has text after a closing quote/],
  ] as const) {
    t.throws(() => parseMoods(text, 'moods.csv'), { code: 'BAD_TABLE', message: why });
    t.throws(() => withMood(text, 'moods.csv', 'a.jpg', { valence: 1, arousal: 1 }), { code: 'BAD_TABLE' });
  }
});

t.test('stretches of sound: start and end in seconds, either may be empty', async (t) => {
  const text = [
    '# songs and pictures',
    'file,valence,arousal,start,end',
    'a.wav,0.1,,,',
    'a.wav,0.2,,60,',
    'a.wav,0.3,,60,90.5',
    'a.wav,0.4,, ,1e1',
    'a.wav,0.5,,60,',
    'a.wav,0.5,,0,',
    'a.jpg,0.6,0.6',
    'b.wav,0.1,,9,3',
    'b.wav,0.1,,-1,',
    'b.wav,0.1,,soon,',
    'b.wav,0.1,,,0',
    'b.wav,,,3,9',
  ].join('\n');
  const { rows, faults } = parseMoods(text, 'moods.csv');
  t.strictSame(
    rows.map(({ file, valence, startSeconds, endSeconds }) => [file, valence, startSeconds, endSeconds]),
    [
      ['a.wav', 0.1, undefined, undefined],
      ['a.wav', 0.2, 60, undefined],
      ['a.wav', 0.3, 60, 90.5],
      ['a.wav', 0.4, undefined, 10],
      ['a.jpg', 0.6, undefined, undefined],
    ],
  );
  t.strictSame(
    faults.map(({ line, reason }) => `${line} ${reason}`),
    [
      '7 a.wav is also in line 4, which counts',
      '8 a.wav is also in line 3, which counts',
      '10 end is "3": write seconds after the start (9), or nothing',
      '11 start is "-1": write seconds from the beginning of the file, or nothing',
      '12 start is "soon": write seconds from the beginning of the file, or nothing',
      '13 end is "0": write seconds after the start (0), or nothing',
    ],
  );
  const set = withMood(text, 'moods.csv', 'b.wav', { valence: 1, arousal: 1 });
  t.equal(set, `${text}\nb.wav,1,1,,\n`, 'a mood of the whole file goes into no stretch');
});

t.test('a name like a formula is a path that spreadsheets do not calculate, and the same file', async (t) => {
  const [formula, plain] = ['=HYPERLINK("x").jpg', 'a=1.jpg'];
  const set = withMood(null, 'moods.csv', formula, { valence: 1, arousal: 0 });
  t.equal(set, 'file,valence,arousal\n"./=HYPERLINK(""x"").jpg",1,0\n');
  t.equal(rowsOf(set)[0]!.file, formula);
  t.match(withMood(null, 'moods.csv', plain, { valence: 1, arousal: 0 }), '\na=1.jpg,');
  t.equal(
    withMood(set, 'moods.csv', formula, { valence: null, arousal: null }),
    'file,valence,arousal\n',
    'it is found again',
  );

  const byHand = '# mine\nfile,valence,arousal,note\n@a.jpg,0.5,,=1\n-b.jpg,,1,\n\tc.jpg,0,0,\nd.jpg,0,0,\n';
  const out = forSpreadsheets(parseMoods(byHand, 'moods.csv'));
  t.equal(
    out,
    '# mine\nfile,valence,arousal,note\n./@a.jpg,0.5,,=1\n./-b.jpg,,1,\n./\tc.jpg,0,0,\nd.jpg,0,0,\n',
  );
  t.strictSame(rowsOf(out), rowsOf(byHand), 'it says the same');
  t.equal(forSpreadsheets(parseMoods(out, 'moods.csv')), out);
});
