import t from 'tap';
import {
  releasedImemnet,
  type Manifest,
  type ManifestLine,
  type ReleasedLists,
  type SimilarityPair,
} from '../../../../models/training/index.ts';
import { failure } from '../../rejection.ts';

function manifest(path: string, entries: readonly (Partial<ManifestLine> & { file: string })[]): Manifest {
  const blank = {
    split: undefined,
    startSeconds: undefined,
    endSeconds: undefined,
    id: undefined,
    columns: {},
  };
  return {
    path,
    entries: entries.map((entry, i) => ({ ...blank, rating: undefined, line: i + 2, ...entry })),
    otherColumns: [],
  };
}

/** Places in the plane that reach its edges, so that scaling by minimum and range leaves them as they are. */
function place(i: number, count: number) {
  return { valence: i / (count - 1), arousal: ((i * 7) % count) / (count - 1) };
}

const PICTURES = 12;
const images = manifest(
  'iaps.csv',
  Array.from({ length: PICTURES }, (_, i) => ({ file: `/p/${1000 + i}.jpg`, rating: place(i, PICTURES) })),
);

const STARTS = [15, 17, 19, 21, 23];
const CLIPS = 5 * STARTS.length;
const music = manifest(
  'deam.csv',
  Array.from({ length: CLIPS }, (_, i) => {
    const song = String(2 + Math.floor(i / STARTS.length));
    const startSeconds = STARTS[i % STARTS.length]!;
    return {
      ...{ file: `/s/${song}.mp3`, startSeconds, endSeconds: startSeconds + 2, columns: { song } },
      rating: place((i * 7) % CLIPS, CLIPS),
    };
  }),
);

/** A pair as the lists have it: clip 9 starts at 17 s, σ is 0.4. */
function pair(song: number, clip: number, image: number): SimilarityPair {
  const index = STARTS.length * (song - 2) + STARTS.indexOf(17 + 2 * (clip - 9));
  const [a, b] = [place(image, PICTURES), place((index * 7) % CLIPS, CLIPS)];
  const distance = Math.hypot(a.valence - b.valence, a.arousal - b.arousal);
  return { song: String(song), clip, picture: String(1000 + image), similarity: Math.exp(-distance / 0.4) };
}

function pairs(songs: readonly number[], pictures: readonly number[]): SimilarityPair[] {
  return songs.flatMap((song) =>
    [9, 10, 11, 12].flatMap((clip) => pictures.map((image) => pair(song, clip, image))),
  );
}

function lists(train: SimilarityPair[], val: SimilarityPair[], test: SimilarityPair[]): ReleasedLists {
  return {
    train: { path: 'train.txt', pairs: train },
    val: { path: 'val.txt', pairs: val },
    test: { path: 'test.txt', pairs: test },
  };
}

const TRAIN = pairs([2, 3], [0, 1, 2, 3, 4, 5]);
const VAL = pairs([4], [6, 7, 8]);
const TEST = [...pairs([5], [9, 10]), ...VAL, pair(5, 9, 6), pair(4, 9, 9)];

t.test('released lists give ids, splits and the place of their first clip', async (t) => {
  const released = releasedImemnet([images], [music], lists(TRAIN, VAL, TEST));
  t.equal(released.firstNumber, 9);
  const [taken, ...others] = released.alignments;
  t.match(taken, { startSeconds: 17, pairs: TRAIN.length + VAL.length + TEST.length });
  t.ok(taken!.rms < 1e-9 && Math.abs(taken!.sigma - 0.4) < 1e-9, 'ratings explain the lists');
  t.ok(
    others.every(({ rms }) => rms > 0.1),
    'nowhere else',
  );
  const clip = released.clips.find(({ id }) => id === '3-10')!;
  t.match(clip, { file: '/s/3.mp3', startSeconds: 19, endSeconds: 21, split: 'train' });
  t.match(clip.columns, { song: '3', clip: '10' });
  const splitOf = new Map(released.images.map(({ id, split }) => [id, split]));
  t.same([splitOf.get('1005'), splitOf.get('1006'), splitOf.get('1009')], ['train', 'val', 'test']);
  t.equal(splitOf.get('1011'), undefined, 'a picture of no list is left out');
  t.equal(
    released.clips.some(({ columns }) => columns['song'] === '6'),
    false,
    'and a song',
  );
});

t.test('what two lists have belongs to the first, and pairs of two splits go', async (t) => {
  const { pairs: kept, leftOut } = releasedImemnet([images], [music], lists(TRAIN, VAL, TEST));
  t.same([kept.train.length, kept.val.length, kept.test.length], [TRAIN.length, VAL.length, 8]);
  t.same(leftOut.test, { unknown: 0, ofOtherSplits: VAL.length + 2 });
  const more = [...TRAIN, { ...TRAIN[0]!, picture: '9999' }];
  t.same(releasedImemnet([images], [music], lists(more, VAL, TEST)).leftOut.train.unknown, 1);
});

t.test('lists of other pictures or clips are refused', async (t) => {
  const foreign = TEST.map((one) => ({ ...one, picture: `COCO_${one.picture}` }));
  t.match(
    await failure('BAD_TABLE', () => releasedImemnet([images], [music], lists(TRAIN, VAL, foreign))),
    /^test\.txt has 22 of 22 pairs, such as picture COCO_1009, that are in no manifest: name those of IAPS/,
  );
  const otherSongs = VAL.map((one) => ({ ...one, song: '77' }));
  t.match(
    await failure('BAD_TABLE', () => releasedImemnet([images], [music], lists(TRAIN, otherSongs, TEST))),
    /^val\.txt has 12 of 12 pairs, such as clip 77-9, /,
  );
});
