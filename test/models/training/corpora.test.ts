import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  findMedia,
  readDeamClips,
  readDeamSongs,
  readEmotic,
  readIaps,
  readNaps,
  readOasis,
  type RatedItem,
} from '../../../models/training/index.ts';
import { failure } from '../rejection.ts';

async function table(t: Test, text: string, name = 'table.csv'): Promise<string> {
  const path = join(t.testdir({}), name);
  await writeFile(path, text);
  return path;
}

const near = (a: number, b: number) => Math.abs(a - b) < 1e-9;

function rated(items: readonly RatedItem[], id: string, valence: number, arousal: number): boolean {
  const { rating } = items.find((item) => item.id === id)!;
  return near(rating.valence, valence) && near(rating.arousal, arousal);
}

t.test('OASIS: its own file, whose lines end with CR', async (t) => {
  const header = ',Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,Arousal_SD,Arousal_N';
  const rows = [
    'I1,Acorns 1,Object,Pixabay,4.68627451,0.954202712,102,2.346534653,1.602720459,101',
    'I82,Bloody knife 1,Object,Flickr/Maarten Van Damme,1.843137255,1.060030805,102,4.544554455,1.93661949,101',
  ];
  const items = await readOasis(await table(t, `${[header, ...rows].join('\r')}\r`));
  t.equal(items.length, 2);
  t.ok(rated(items, 'Acorns 1', (4.68627451 - 1) / 6, (2.346534653 - 1) / 6));
  t.same(items[1]!.columns, { theme: 'Bloody knife', category: 'Object' });

  const wrong = await table(t, `${header}\n${rows[0]!.replace('4.68627451', '7.1')}\n`);
  t.match(
    await failure('BAD_TABLE', () => readOasis(wrong)),
    /line 2: Valence_mean 7.1 is outside .* 1\.\.7/,
  );
  const other = await table(t, 'Theme,Score\nx,1\n');
  t.match(
    await failure('BAD_TABLE', () => readOasis(other)),
    /lacks the columns of OASIS\.csv "Category" and/,
  );
});

const IAPS_TITLE = [
  'International Affective Picture System',
  'Picture Sets 1-20',
  '',
  'All Subjects',
  'Mean and standard deviation of valence, arousal and dominance',
  '',
];
const IAPS_COLUMNS = 'desc IAPS valmn valsd aromn arosd dom1mn dom1sd dom2mn dom2sd set'.split(' ');
const IAPS_ROWS = [
  ['Snake', '1050', '3.46', '2.15', '6.87', '1.68', '.', '.', '3.08', '2.19', '1'],
  ['Baby', '2055.1', '8.00', '1.30', '4.00', '2.00', '6.00', '2.00', '.', '.', '2'],
  ['Snake', '1050', '4.46', '2.15', '5.87', '1.68', '.', '.', '3.08', '2.19', '9'],
  ['Roller Coaster', '8490.0', '7.20', '2.35', '6.68', '1.97', '.', '.', '5.37', '2.46', '4'],
];

t.test('IAPS: the report table, separated by tabs or copied out with spaces', async (t) => {
  for (const separator of ['\t', ' ']) {
    const lines = [...IAPS_TITLE, ...[IAPS_COLUMNS, ...IAPS_ROWS].map((cells) => cells.join(separator)), ''];
    const items = await readIaps(await table(t, lines.join('\r\n'), 'AllSubjects_1-20.txt'));
    t.same(
      items.map(({ id, columns }) => [id, columns['description']]),
      [
        ['1050', 'Snake'],
        ['2055.1', 'Baby'],
        ['8490', 'Roller Coaster'],
      ],
    );
    t.ok(rated(items, '1050', (3.96 - 1) / 8, (6.37 - 1) / 8), 'the mean of two sets');
    t.ok(rated(items, '2055.1', 7 / 8, 3 / 8));
  }
});

t.test('IAPS: what is wrong', async (t) => {
  const text = (rows: string[][]) => [IAPS_COLUMNS, ...rows].map((cells) => cells.join('\t')).join('\n');
  const torn = await table(t, text([IAPS_ROWS[0]!.slice(0, 4)]));
  t.match(await failure('BAD_TABLE', () => readIaps(torn)), /line 2: 4 cells for 11 columns/);
  const missing = await table(t, text([IAPS_ROWS[0]!.with(2, '.')]));
  t.match(await failure('BAD_TABLE', () => readIaps(missing)), /line 2: valmn is "\.", not a number/);
  const other = await table(t, 'a\tb\n1\t2\n');
  t.match(
    await failure('BAD_TABLE', () => readIaps(other)),
    /no line with the columns IAPS, valmn and aromn/,
  );
});

t.test('NAPS: the sheet with two lines of headings and repeated columns', async (t) => {
  const csv = [
    ',,,,,WOMEN,,,,,,MEN,,,,,,ALL,,,,,',
    ',,,,,Valence,,Av-Ap,,Arousal,,Valence,,Av-Ap,,Arousal,,Valence,,Av-Ap,,Arousal,',
    'ID,Category,Nr,V/H,Description,M,SD,M,SD,M,SD,M,SD,M,SD,M,SD,M,SD,M,SD,M,SD',
    'Animals_001_h,Animals,1,h,"Dog, barking",3.1,1,3.2,1,6.1,1,3.3,1,3.4,1,6.2,1,3.5,1,3.6,1,6.3,1',
    ',,,,,,,,,,,,,,,,,,,,,,',
  ].join('\r\n');
  const items = await readNaps(await table(t, csv));
  t.equal(items.length, 1);
  t.ok(rated(items, 'Animals_001_h', 2.5 / 8, 5.3 / 8));
  t.equal(items[0]!.columns['category'], 'Animals');
});

t.test('NAPS: a sheet with one line of names', async (t) => {
  for (const names of [
    'M_Val,SD_Val,M_Aro,SD_Aro',
    'Valence_mean,Valence_SD,Arousal_mean,Arousal_SD',
    'Mean valence,SD valence,Mean arousal,SD arousal',
  ]) {
    const path = await table(t, `ID,Category,${names}\nFaces_001_v.jpg,Faces,5,1,9,1\n`);
    t.ok(rated(await readNaps(path), 'Faces_001_v', 0.5, 1), names);
  }
  const unclear = await table(t, 'ID,Category,M,SD\nx,y,1,2\n');
  t.match(await failure('BAD_TABLE', () => readNaps(unclear)), /no recognisable columns for the means/);
  const none = await table(t, 'a,b\n1,2\n');
  t.match(await failure('BAD_TABLE', () => readNaps(none)), /no line with the names of the columns/);
});

const EMOTIC_HEADER = 'Index,Folder,Filename,Image Size,BBox,Categorical_Labels,Continuous_Labels,Gender,Age';
const EMOTIC_ROWS = [
  `0,mscoco/images,COCO_val2014_000000562243.jpg,"[640, 640]","[86, 58, 564, 628]","['Disconnection', 'Doubt/Confusion']","[5.0, 3.0, 9.0]",Male,Adult`,
  `1,mscoco/images,COCO_val2014_000000562243.jpg,"[640, 640]","[0, 0, 9, 9]",['Anticipation'],"[6, 4, 7]",Female,Kid`,
  `2,framesdb/images,frame_1.jpg,"[640, 480]","[0, 0, 9, 9]",['Peace'],"[10, 1, 7]",Female,Adult`,
];

t.test('EMOTIC: a row a person becomes a picture with the mean', async (t) => {
  const items = await readEmotic([
    await table(t, `${[EMOTIC_HEADER, ...EMOTIC_ROWS].join('\r\n')}\r\n`, 'train.csv'),
  ]);
  t.same(
    items.map(({ id, relativePath }) => [id, relativePath]),
    [
      ['COCO_val2014_000000562243', 'mscoco/images/COCO_val2014_000000562243.jpg'],
      ['frame_1', 'framesdb/images/frame_1.jpg'],
    ],
  );
  t.ok(rated(items, 'COCO_val2014_000000562243', 4.5 / 9, 2.5 / 9));
  t.ok(rated(items, 'frame_1', 1, 0));
});

t.test('EMOTIC: pictures of one name in two folders, and bad labels', async (t) => {
  const twins = [EMOTIC_ROWS[2]!, EMOTIC_ROWS[2]!.replace('framesdb', 'ade20k')];
  const items = await readEmotic([await table(t, [EMOTIC_HEADER, ...twins].join('\n'))]);
  t.same(
    items.map(({ id }) => id),
    ['framesdb/images/frame_1', 'ade20k/images/frame_1'],
  );
  for (const labels of ['[5, 3]', '[11, 3, 4]', '[nan, 3, 4]', '[, 3, 4]', '5, 3, 4', '']) {
    const path = await table(t, `${EMOTIC_HEADER}\n${EMOTIC_ROWS[2]!.replace('[10, 1, 7]', labels)}\n`);
    t.match(await failure('BAD_TABLE', () => readEmotic([path])), /line 2: Continuous_Labels is "/, labels);
  }
});

t.test('DEAM: songs, with spaces in the header', async (t) => {
  const first = await table(
    t,
    'song_id, valence_mean, valence_std, arousal_mean, arousal_std\n2,3.1,0.94,3,0.63\n3,3.5,1.75,3.3,1.62\n',
    'static_annotations_averaged_songs_1_2000.csv',
  );
  const items = await readDeamSongs([first]);
  t.ok(rated(items, '2', 2.1 / 8, 2 / 8));
  t.ok(rated(items, '3', 2.5 / 8, 2.3 / 8));
  t.same(items[0]!.columns, { song: '2' });
  t.match(await failure('BAD_TABLE', () => readDeamSongs([first, first])), /line 2: song 2 is there twice/);
});

t.test('DEAM: half-second labels become clips of 2 s from the 15th second on', async (t) => {
  const times = Array.from({ length: 10 }, (_, i) => 15_000 + 500 * i);
  const header = ['song_id', ...times.map((ms) => `sample_${ms}ms`)].join(',');
  const row = (id: string, values: (number | string)[]) => [id, ...values].join(',');
  const folder = t.testdir({
    'valence.csv': [
      header,
      row('2', [-1, -1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.1, 0.1]),
      row('7', [0, 0, 0, 0, '', '', '', '', '', '']),
      row(
        '9',
        times.map(() => 0),
      ),
    ].join('\n'),
    'arousal.csv': [
      header,
      row('7', [1, 1, 1, 1, 1, 1, '', '', '', '']),
      row('2.0', [0, 0, 0, 0.4, -1, -1, -1, -1, 0, 0]),
    ].join('\n'),
  });
  const items = await readDeamClips(join(folder, 'valence.csv'), join(folder, 'arousal.csv'));
  t.same(
    items.map(({ id, startSeconds, endSeconds }) => [id, startSeconds, endSeconds]),
    [
      ['2', 15, 17],
      ['2', 17, 19],
      ['7', 15, 17],
    ],
    'no clip where samples are missing',
  );
  t.ok(near(items[0]!.rating.valence, 0.5) && near(items[0]!.rating.arousal, 0.55));
  t.ok(near(items[1]!.rating.valence, 0.75) && near(items[1]!.rating.arousal, 0));
});

t.test('DEAM: what is wrong with the labels over time', async (t) => {
  const good = await table(t, 'song_id,sample_15000ms,sample_15500ms\n2,0,0\n');
  const cases: [string, RegExp][] = [
    ['song_id,sample_15000ms\n2,1.5\n', /line 2: sample_15000ms 1\.5 is outside -1\.\.1/],
    ['song_id,sample_15000ms\n2,loud\n', /line 2: sample_15000ms is "loud"/],
    ['song_id,sample_15000ms\nmoon,0\n', /line 2: song_id is "moon", not a number/],
    ['song_id,sample_15000ms\n2,0\n2,0\n', /line 3: song 2 is there twice/],
    ['song_id,valence_mean\n2,0\n', /lacks the columns of the dynamic annotations "sample_15000ms"/],
  ];
  for (const [text, expected] of cases) {
    const path = join(t.testdirName, 'bad.csv');
    await writeFile(path, text);
    t.match(await failure('BAD_TABLE', () => readDeamClips(good, path)), expected);
  }
});

t.test('files are found by name in any folder, whatever the case', async (t) => {
  const folder = t.testdir({ deep: { 'ACORNS 1.JPG': '', 'note.txt': '' }, '2.mp3': '', '2.jpg': '' });
  const item = (id: string, relativePath?: string): RatedItem => ({
    id,
    rating: { valence: 0, arousal: 0 },
    columns: {},
    ...(relativePath === undefined ? {} : { relativePath }),
  });
  const { entries, missing } = await findMedia([item('Acorns 1'), item('note'), item('2')], folder, 'image');
  t.same(
    entries.map(({ id, file }) => [id, file]),
    [
      ['Acorns 1', join(folder, 'deep', 'ACORNS 1.JPG')],
      ['2', join(folder, '2.jpg')],
    ],
  );
  t.same(missing, ['note']);
  t.equal((await findMedia([item('2')], folder, 'music')).entries[0]!.file, join(folder, '2.mp3'));
  t.equal((await findMedia([item('x', 'deep/ACORNS 1.JPG')], folder, 'image')).entries.length, 1);
  t.same((await findMedia([item('x', 'ACORNS 1.JPG')], folder, 'image')).missing, ['x']);
  t.match(
    await failure('FILE_NOT_FOUND', () => findMedia([], join(folder, 'no'), 'image')),
    /can't be read as a folder/,
  );

  const twice = t.testdir({ a: { '1.jpg': '' }, b: { '1.png': '' } });
  t.match(await failure('BAD_TABLE', () => findMedia([item('1')], twice, 'image')), /both match 1;/);
});
