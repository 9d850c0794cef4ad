import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { Random } from '../../../../models/random.ts';
import {
  assertNoOverlap,
  buildImemnet,
  drawSplits,
  findOverlaps,
  formatPairs,
  IMEMNET_PAIRS,
  readPairs,
  samplePairs,
  SPLITS,
  type Manifest,
  type ManifestLine,
  type SimilarityPair,
} from '../../../../models/training/index.ts';
import { failure } from '../../rejection.ts';

function line(changes: Partial<ManifestLine> & Pick<ManifestLine, 'file'>): ManifestLine {
  return {
    line: 2,
    rating: { valence: 0, arousal: 0 },
    split: undefined,
    startSeconds: undefined,
    endSeconds: undefined,
    id: undefined,
    columns: {},
    ...changes,
  };
}

function manifest(path: string, entries: readonly ManifestLine[]): Manifest {
  return { path, entries: entries.map((entry, index) => ({ ...entry, line: index + 2 })), otherColumns: [] };
}

function ratings(count: number, seed: string) {
  const random = Random.seeded(1, seed);
  return Array.from({ length: count }, () => ({ valence: random.real(), arousal: random.real() }));
}

function pictures(count: number): Manifest {
  const entries = ratings(count, 'pictures').map((rating, i) =>
    line({ file: `/p/${i}.jpg`, rating, columns: { theme: `theme ${Math.floor(i / 5)}` } }),
  );
  return manifest('I.csv', entries);
}

/** Songs with stretches of 6 s: three clips each. */
function songs(count: number): Manifest {
  const entries = ratings(count, 'songs').map((rating, i) =>
    line({ file: `/s/song ${i}.mp3`, rating, startSeconds: 15, endSeconds: 21 }),
  );
  return manifest('M.csv', entries);
}

t.test('splits are 80/5/15, complete, without overlap, and depend on the seed alone', async (t) => {
  const groups = Array.from({ length: 400 }, (_, i) => `g${i}`);
  const splits = drawSplits(groups, 7, 'x');
  const sizes = SPLITS.map((split) => [...splits.values()].filter((value) => value === split).length);
  t.same(sizes, [320, 20, 60]);
  const sorted = (map: Map<string, string>) => [...map].sort();
  t.same(
    sorted(drawSplits([...groups].reverse(), 7, 'x')),
    sorted(splits),
    "the groups' order does not matter",
  );
  t.notSame(sorted(drawSplits(groups, 8, 'x')), sorted(splits));
  t.notSame(sorted(drawSplits(groups, 7, 'y')), sorted(splits));
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 60 }), fc.integer(), (count, seed) => {
      const few = drawSplits(groups.slice(0, count), seed, 'x');
      return few.size === count && SPLITS.every((split) => [...few.values()].includes(split));
    }),
  );
});

t.test('each clip gets the nearest, the farthest and others, all different', async () => {
  const unit = fc.integer({ min: 0, max: 4 }).map((n) => n / 4); // a coarse grid: many are equally near
  const points = (min: number, max: number) =>
    fc.array(fc.tuple(unit, unit), { minLength: min, maxLength: max }).map((list) => ({
      valence: list.map(([valence]) => valence),
      arousal: list.map(([, arousal]) => arousal),
    }));
  const counts = { random: 3, most: 2, least: 2, keep: 7 };
  fc.assert(
    fc.property(points(0, 20), points(1, 4), fc.integer(), (images, clips, seed) => {
      const pairs = samplePairs(images, clips, counts, Random.seeded(seed, 'test'));
      return clips.valence.every((valence, clip) => {
        const distance = (image: number) =>
          Math.hypot(images.valence[image]! - valence, images.arousal[image]! - clips.arousal[clip]!);
        const chosen = pairs.filter(([c]) => c === clip).map(([, image]) => image);
        const all = images.valence.map((_, image) => distance(image)).sort((a, b) => a - b);
        const near = (a: number, b: number) => Math.abs(a - b) < 1e-12;
        return (
          new Set(chosen).size === chosen.length &&
          chosen.length === Math.min(7, images.valence.length) &&
          chosen.slice(0, 2).every((image, place) => near(distance(image), all[place]!)) &&
          chosen
            .slice(2, 4)
            .every((image, place) => near(distance(image), all.at(-1 - place)!) || all.length < 4) &&
          pairs.every(([c, image, d]) => c !== clip || near(d, distance(image)))
        );
      });
    }),
  );
});

t.test('of equally near pictures each has its turn', async (t) => {
  const images = { valence: new Array<number>(50).fill(0.5), arousal: new Array<number>(50).fill(0.5) };
  const clips = { valence: new Array<number>(200).fill(0), arousal: new Array<number>(200).fill(0) };
  const pairs = samplePairs(images, clips, { random: 0, most: 1, least: 0, keep: 1 }, Random.seeded(1, 't'));
  t.ok(new Set(pairs.map(([, image]) => image)).size > 40);
});

t.test('five pairs of each clip are kept, drawn from all of its fifty', (t) => {
  const images = {
    valence: ratings(80, 'i').map(({ valence }) => valence),
    arousal: new Array<number>(80).fill(0),
  };
  const clips = { valence: new Array<number>(400).fill(0.3), arousal: new Array<number>(400).fill(0) };
  const pairs = samplePairs(images, clips, IMEMNET_PAIRS, Random.seeded(1, 't'));
  const perClip = clips.valence.map((_, clip) => pairs.filter(([of]) => of === clip).length);
  t.same(new Set(perClip), new Set([5]));
  const nearest = images.valence
    .map((valence, image) => [Math.abs(valence - 0.3), image] as const)
    .sort(([a], [b]) => a - b)
    .map(([, image]) => image);
  const often = (places: readonly number[]): number =>
    pairs.filter(([, image]) => places.includes(image)).length / pairs.length;
  // The 10 nearest are 10 of every clip's 50, and so a fifth of what is kept; a deviation of 0.4 / √2000 is 0.009.
  for (const places of [nearest.slice(0, 10), nearest.slice(-10)]) t.ok(Math.abs(often(places) - 0.2) < 0.03);
  const few = { valence: images.valence.slice(0, 3), arousal: images.arousal.slice(0, 3) };
  const scarce = samplePairs(few, clips, IMEMNET_PAIRS, Random.seeded(1, 't'));
  t.equal(scarce.length, 3 * 400, 'all, where there are no more');
  t.end();
});

t.test('a dataset is as the paper has it', async (t) => {
  const dataset = buildImemnet([pictures(200)], [songs(40)], { seed: 3 });
  t.equal(dataset.clips.length, 120);
  t.same(dataset.clips[1], {
    file: '/s/song 0.mp3',
    rating: dataset.clips[0]!.rating,
    split: dataset.clips[0]!.split,
    startSeconds: 17,
    endSeconds: 19,
    id: 'song_0-1',
    columns: { song: 'song_0', clip: '1' },
  });
  for (const entries of [dataset.images, dataset.clips]) {
    for (const dimension of ['valence', 'arousal'] as const) {
      const values = entries.map(({ rating }) => rating![dimension]);
      t.same([Math.min(...values), Math.max(...values)], [0, 1], 'scaled by minimum and range');
    }
  }

  const splitOfPicture = new Map(dataset.images.map(({ id, split }) => [id, split]));
  const splitOfClip = new Map(dataset.clips.map(({ id, split }) => [id, split]));
  const ratingOf = new Map([...dataset.images, ...dataset.clips].map(({ id, rating }) => [id, rating!]));
  let sum = 0;
  for (const { rating: a } of dataset.images) {
    for (const { rating: b } of dataset.clips)
      sum += Math.hypot(a!.valence - b!.valence, a!.arousal - b!.arousal);
  }
  t.ok(Math.abs(dataset.sigma - sum / (200 * 120)) < 1e-9, 'σ is the mean distance over all pairs');
  for (const split of SPLITS) {
    const clips = dataset.clips.filter((clip) => clip.split === split).length;
    const images = dataset.images.filter((image) => image.split === split).length;
    t.equal(dataset.pairs[split].length, clips * Math.min(5, images));
    for (const { song, clip, picture, similarity } of dataset.pairs[split]) {
      const [a, b] = [ratingOf.get(picture)!, ratingOf.get(`${song}-${clip}`)!];
      const expected = Math.exp(-Math.hypot(a.valence - b.valence, a.arousal - b.arousal) / dataset.sigma);
      const isRight = Math.abs(similarity - expected) < 1e-9;
      const isInSplit = splitOfPicture.get(picture) === split && splitOfClip.get(`${song}-${clip}`) === split;
      if (!isRight || !isInSplit) t.fail(`${song}-${clip} ${picture}`);
    }
  }
  t.same(findOverlaps(new Map(SPLITS.map((split) => [split, dataset.pairs[split]]))), []);
  t.same(buildImemnet([pictures(200)], [songs(40)], { seed: 3 }), dataset, 'the same seed gives the same');
  t.notSame(buildImemnet([pictures(200)], [songs(40)], { seed: 4 }).pairs, dataset.pairs);
});

t.test('what belongs together stays together', async (t) => {
  const dataset = buildImemnet([pictures(100)], [songs(10)], { seed: 1, keepTogether: 'theme' });
  const splitsOf = new Map<string, Set<string>>();
  for (const { columns, split } of dataset.images) {
    const splits = splitsOf.get(columns['theme']!) ?? new Set();
    splitsOf.set(columns['theme']!, splits.add(split!));
  }
  t.equal(splitsOf.size, 20);
  t.ok([...splitsOf.values()].every((splits) => splits.size === 1));
});

t.test('each corpus is scaled by itself', async (t) => {
  const rows = (low: number, high: number, at: string) =>
    manifest(
      `${at}.csv`,
      [low, (low + high) / 2, high].map((x, i) =>
        line({ file: `/${at}/${at}${i}.jpg`, rating: { valence: x, arousal: x } }),
      ),
    );
  const dataset = buildImemnet([rows(0.2, 0.6, 'a'), rows(0.5, 1, 'b')], [songs(4)], { seed: 1 });
  const valences = dataset.images.map(({ rating }) => Number(rating!.valence.toFixed(9)));
  t.same(valences, [0, 0.5, 1, 0, 0.5, 1]);
  t.same(dataset.corpora[1], {
    manifest: 'b.csv',
    kind: 'image',
    count: 3,
    valence: [0.5, 1],
    arousal: [0.5, 1],
  });
});

t.test('what can not be built is named', async (t) => {
  const build = (images: Manifest[], music: Manifest[]) => () => buildImemnet(images, music, { seed: 1 });
  const twin = manifest('twin.csv', pictures(3).entries);
  t.match(
    await failure('BAD_TABLE', build([pictures(3), twin], [songs(3)])),
    /twin\.csv, line 2: the picture's id "0" is that of I\.csv, line 2, too; .* column "id"/,
  );
  const sameSongs = manifest('N.csv', songs(3).entries);
  t.match(
    await failure('BAD_TABLE', build([pictures(3)], [songs(3), sameSongs])),
    /the song "song_0" is in M\.csv, line 2/,
  );
  const endless = manifest('E.csv', [line({ file: '/s/a.mp3', startSeconds: 3 })]);
  t.match(
    await failure('BAD_TABLE', build([pictures(3)], [endless])),
    /E\.csv, line 2: has no start and end/,
  );
  const unrated = manifest('U.csv', [line({ file: '/p/a.jpg', rating: undefined })]);
  t.match(
    await failure('BAD_TABLE', build([unrated], [songs(3)])),
    /U\.csv, line 2: has no valence and arousal/,
  );
  const flat = manifest('F.csv', [line({ file: '/p/a.jpg' }), line({ file: '/p/b.jpg' })]);
  t.match(
    await failure('BAD_TABLE', build([flat], [songs(3)])),
    /F\.csv has no two different values of valence/,
  );
});

const released = `1967-11 COCO_train2014_000000318807 0.8757995366765425
1967-12 COCO_train2014_000000318807 0.5
2-0 Acorns 1 1
`;

t.test('released pairs are read, and written the same', async (t) => {
  const path = join(t.testdir({}), 'train.txt');
  await writeFile(path, released);
  const pairs = await readPairs(path);
  t.same(pairs[0], {
    song: '1967',
    clip: 11,
    picture: 'COCO_train2014_000000318807',
    similarity: 0.8757995366765425,
  });
  t.equal(pairs[2]!.picture, 'Acorns 1');
  t.equal(formatPairs(pairs), released);
  await writeFile(path, `\uFEFF${released.replaceAll('\n', '\r\n')}\r\n`);
  t.same(await readPairs(path), pairs);
});

t.test('bad lines of pairs are named', async (t) => {
  const path = join(t.testdir({}), 'pairs.txt');
  for (const bad of [
    '1967 COCO 0.5',
    '1967-11 0.5',
    '1967-11 COCO 1.5',
    '1967-11 COCO high',
    '1967-x COCO 0.5',
    '1967-11 COCO NaN',
  ]) {
    await writeFile(path, `${released}${bad}\n`);
    t.match(
      await failure('BAD_TABLE', () => readPairs(path)),
      /pairs\.txt, line 4: "1967.*" is no pair/,
      bad,
    );
  }
  await writeFile(path, '\n');
  t.match(await failure('BAD_TABLE', () => readPairs(path)), /holds no pairs/);
});

t.test('overlaps between splits are found', async (t) => {
  const pair = (song: string, picture: string): SimilarityPair => ({ song, clip: 0, picture, similarity: 1 });
  const overlaps = findOverlaps(
    new Map([
      ['train', [pair('1', 'a'), pair('2', 'b')]],
      ['val', [pair('3', 'c'), pair('4', 'd')]],
      ['test', [pair('4', 'a'), pair('3', 'e')]],
    ]),
  );
  t.same(overlaps, [
    { splits: ['train', 'test'], songs: [], pictures: ['a'] },
    { splits: ['val', 'test'], songs: ['3', '4'], pictures: [] },
  ]);
  assertNoOverlap([]);
  t.match(
    await failure('SPLITS_OVERLAP', () => {
      assertNoOverlap(overlaps);
    }),
    /^train and test share 1 pictures \(a…\); val and test share 2 songs \(3…\); results/,
  );
});
