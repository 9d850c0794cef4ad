import { join } from 'node:path';
import t from 'tap';
import { MoodsBeside } from '../../../models/moods/index.ts';
import { failure } from '../rejection.ts';

t.test('the moods of the files beside a moods.csv, which is read once', async (t) => {
  const folder = t.testdir({
    songs: {
      'a.wav': '',
      'b é.wav': '',
      'c.wav': '',
      'moods.csv':
        'file,valence,arousal,start,end,note\na.wav,0.2,,,,\r\na.wav,,0.9,10,20,the chorus\nb é.wav,1,0,,,\nold.wav,0,0,,,\ngone.wav,0,0,,,\n',
    },
    other: { 'a.wav': '' },
  });
  const told: string[] = [];
  const beside = new MoodsBeside((line) => told.push(line));
  const of = (name: string) => beside.of(join(folder, name));
  const a = await of('songs/a.wav');
  t.same([a!.at(1), a!.at(11)], [{ valence: 0.2 }, { valence: 0.2, arousal: 0.9 }]);
  t.same((await of('songs/b é.wav'.normalize('NFD')))!.at(0), { valence: 1, arousal: 0 });
  t.equal(await of('songs/c.wav'), undefined, 'no row is about it');
  t.equal(await of('other/a.wav'), undefined, 'no moods.csv beside it');
  t.equal(told.length, 1);
  t.match(
    told[0],
    /moods\.csv, line 5: .*old\.wav does not exist \(and 1 more like it\).*such rows are ignored$/,
  );
});

t.test('one table for songs and pictures, with comments, notes and rows that say nothing', async (t) => {
  const folder = t.testdir({
    'song.wav': '',
    'caf\u00e9.wav': '',
    'a.jpg': '',
    sea: { 'b.jpg': '' },
    'moods.csv': [
      '# both, by Ann',
      'file,valence,arousal,note,start,end',
      'a.jpg,,,not sure yet,,',
      'a.jpg,0.5,0.5,,,',
      'sea/b.jpg,0.1,,,,',
      'cafe\u0301.wav,0.75,,,,',
      'song.wav,0.25,',
      'song.wav,,0.9,the chorus,60,90',
    ].join('\n'),
  });
  const told: string[] = [];
  const beside = new MoodsBeside((line) => told.push(line));
  const song = await beside.of(join(folder, 'song.wav'));
  t.same([song!.at(1), song!.at(61)], [{ valence: 0.25 }, { valence: 0.25, arousal: 0.9 }]);
  t.same((await beside.of(join(folder, 'caf\u00e9.wav')))!.at(0), { valence: 0.75 });
  t.same(told, [], 'nothing of it is wrong');
});

t.test('lines that are wrong are reported with their numbers, and the others count', async (t) => {
  const wrong = ['a.wav,1.5,0.2', 'a.wav,0.1,0.1,9,3', 'a.wav,0.2,0.2', 'high.wav,x,0', ',0,0', 'b.wav'];
  const text = ['file,valence,arousal,start,end', 'a.wav,0.5,0.5', ...wrong, 'a.wav,1,,60,'].join('\n');
  const folder = t.testdir({ 'a.wav': '', 'moods.csv': text });
  const told: string[] = [];
  const moods = await new MoodsBeside((line) => told.push(line)).of(join(folder, 'a.wav'));
  t.same(
    [moods!.at(1), moods!.at(60)],
    [
      { valence: 0.5, arousal: 0.5 },
      { valence: 1, arousal: 0.5 },
    ],
  );
  t.match(told, [
    /moods\.csv, line 3: valence is "1\.5": write a number from 0 to 1, .* \(it does not count\)$/,
    /moods\.csv, line 4: end is "3": write seconds after the start \(9\)/,
    /moods\.csv, line 5: a\.wav is also in line 2, which counts/,
    /moods\.csv, line 6: valence is "x"/,
    /moods\.csv, line 7: it names no file/,
    /moods\.csv has 1 more lines that don't count$/,
  ]);
  t.equal(told.length, 6);
});

t.test('a table that can’t be understood as a whole is an error in one line', async (t) => {
  const cases: [string, RegExp][] = [
    ['file;valence;arousal\na.wav;0.1;0.1\n', /moods\.csv is not separated by commas: save it as comma/],
    ['file,valence\n', /moods\.csv lacks the columns arousal/],
    ['', /moods\.csv is empty/],
    ['file,valence,arousal\n"a.wav,1,1\n', /moods\.csv, line 2 opens a quote that is never closed/],
  ];
  for (const [text, message] of cases) {
    const folder = t.testdir({ 'a.wav': '', 'moods.csv': text });
    const read = () => new MoodsBeside(() => undefined).of(join(folder, 'a.wav'));
    t.match(await failure('BAD_TABLE', read), message);
  }
  const folder = t.testdir({ 'a.wav': '', 'moods.csv': {} });
  await failure('NOT_A_FILE', () => new MoodsBeside(() => undefined).of(join(folder, 'a.wav')));
});
