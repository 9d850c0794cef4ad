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
    /moods\.csv, line 5: .*old\.wav does not exist \(and 1 more like it\).*such rows are left out$/,
  );
});

t.test('what is wrong with it is said in one line, with the number of the row', async (t) => {
  const cases: [string, RegExp][] = [
    [
      'file,valence,arousal\na.wav,0.5,0.5\na.wav,1.5,0.2\n',
      /moods\.csv, line 3: valence 1.5 is outside the scale 0\.\.1/,
    ],
    ['file,valence,arousal\na.wav,,\n', /moods\.csv, line 2: valence is empty/],
    ['file,valence,arousal,start,end\na.wav,0.1,0.1,9,3\n', /moods\.csv, line 2: end 3 is not after start 9/],
    ['file,valence,arousal\na.wav,0.1,0.1\na.wav,0.2,0.2\n', /line 3: the same file and times as in line 2/],
    ['file;valence;arousal\na.wav;0.1;0.1\n', /separated by ";"/],
    ['file,valence,arousal\n', /moods\.csv has a header and no rows/],
  ];
  for (const [text, message] of cases) {
    const folder = t.testdir({ 'a.wav': '', 'moods.csv': text });
    const read = () => new MoodsBeside(() => undefined).of(join(folder, 'a.wav'));
    t.match(await failure('BAD_TABLE', read), message);
  }
  const folder = t.testdir({ 'a.wav': '', 'moods.csv': {} });
  await failure('NOT_A_FILE', () => new MoodsBeside(() => undefined).of(join(folder, 'a.wav')));
});
