import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { indexGallery, openGallery, GallerySearch, type Snapshot } from '../../../models/gallery/index.ts';
import { groupCopies } from '../../../models/gallery/duplicates.ts';
import { bringNeighboursUpToDate, openNeighbours } from '../../../models/gallery/neighbours.ts';
import { SIGNATURE_BYTES } from '../../../models/gallery/signature.ts';
import { type SearchedPictures } from '../../../models/gallery/search.ts';
import { selectRows } from '../../../models/gallery/selection.ts';
import { TopMatches } from '../../../models/gallery/top.ts';
import { createVectorStore, plainStore } from '../../../models/gallery/vectors.ts';
import type { Model, Ranking, Reading } from '../../../models/serving/index.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { put, putMany, waves } from './support/pictures.ts';

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function clip(valence: number, arousal: number): Reading {
  const embedding = new Float32Array(512);
  embedding.set([valence, arousal]);
  return { embedding, valence, arousal };
}

/** Pictures spread over the plane: redder is happier, bluer is livelier. */
async function planeGallery(t: Test): Promise<string> {
  const gallery = t.testdir({});
  for (let red = 0; red < 5; red++) {
    for (let blue = 0; blue < 5; blue++) {
      const colour = [30 + 45 * red, 20, 30 + 45 * blue] as const;
      const file = `${red < 2 ? 'sad/low/' : red > 3 ? 'happy/' : ''}${red}${blue}.png`;
      await put(gallery, file, waves({ seed: 5 * red + blue + 1, colour, contrast: 25 }));
    }
  }
  return gallery;
}

/** A model whose score is not an inner product, on the embeddings. */
function predictorModel(): Model {
  const model = formulaModel();
  const ranking: Ranking = {
    score: 'predictor',
    width: 4,
    pictureVector: ({ embedding }) => embedding.slice(0, 4),
    queryVector: ({ embedding }) => embedding.slice(0, 4),
    scores(vectors, query, out = new Float32Array(vectors.length / 4)) {
      for (let i = 0; i < out.length; i++) {
        out[i] = -Math.abs(vectors[4 * i]! - query[0]!) - Math.abs(vectors[4 * i + 1]! - query[1]!);
      }
      return out;
    },
  };
  return { ...model, fingerprint: 'ab'.repeat(32), ranking };
}

async function opened(
  gallery: string,
  model = formulaModel(),
): Promise<{ snapshot: Snapshot; model: Model }> {
  await indexGallery(gallery, model);
  return { snapshot: (await openGallery(gallery, { model })).snapshot, model };
}

t.test('the best pictures by the model’s own score, in order, whatever is selected', async (t) => {
  const gallery = await planeGallery(t);
  for (const model of [formulaModel(), predictorModel()]) {
    const { snapshot } = await opened(gallery, model);
    const search = new GallerySearch(snapshot, model.ranking);
    const bans = [0, 7, 24].map((row) => snapshot.idOf(row));
    const selections = [
      undefined,
      snapshot.select({ bank: 'happy' }),
      snapshot.select({ bank: 'sad' }),
      snapshot.select({ bank: 'sad/low', banned: [...bans, 'ffffffffffffffff', 'nonsense'] }),
      snapshot.select({ banned: bans }),
    ];
    t.strictSame(
      selections.map((selection) => selection?.count),
      [undefined, 5, 10, undefined, 22].map((count, i) => (i === 3 ? selections[3]!.count : count)),
    );
    for (const selection of selections) {
      const music = clip(0.6, 0.3);
      const scores = model.ranking.scores(snapshot.store.vectors, model.ranking.queryVector(music));
      const expected = [...scores.keys()]
        .filter((row) => selection === undefined || selection.isIn[row] === 1)
        .sort((a, b) => scores[b]! - scores[a]! || a - b)
        .slice(0, 6);
      const found = search.best(music, 6, selection && { selection });
      t.strictSame(
        found.map(({ row }) => row),
        expected,
      );
      t.ok(found.every(({ row, score }) => Math.abs(score - search.score(music, row)) < 1e-5));
    }
    t.strictSame(search.best(clip(0.5, 0.5), 3, { selection: snapshot.select({ bank: 'nowhere' }) }), []);
    t.equal(search.best(clip(0.5, 0.5), 100).length, 25, 'no more than there are');
  }
});

t.test('the mood of what is found follows the mood that is asked for', async (t) => {
  const { snapshot, model } = await opened(await planeGallery(t));
  const search = new GallerySearch(snapshot, model.ranking);
  const moodOf = (valence: number, arousal: number) => {
    const [best] = search.best(clip(valence, arousal), 1);
    return snapshot.picture(best!.row);
  };
  t.ok(moodOf(0.8, 0.5).valence > moodOf(0.2, 0.5).valence + 0.3);
  t.ok(moodOf(0.5, 0.8).arousal > moodOf(0.5, 0.2).arousal + 0.3);
});

t.test('of copies only the best is found when they shall be distinct', async (t) => {
  const gallery = t.testdir({});
  await putMany(gallery, 4);
  const bytes = await readFile(join(gallery, '001.png'));
  for (let i = 0; i < 5; i++) await put(gallery, `copy${i}.png`, bytes);
  const { snapshot, model } = await opened(gallery);
  const search = new GallerySearch(snapshot, model.ranking);
  const { valence, arousal } = snapshot.pictureOf(snapshot.idOf(1))!;
  t.equal(new Set(search.best(clip(valence, arousal), 3).map(({ row }) => snapshot.groups[row])).size, 1);
  const distinct = search.best(clip(valence, arousal), 3, { isDistinct: true });
  t.equal(new Set(distinct.map(({ row }) => snapshot.groups[row])).size, 3);
});

t.test('ids lead to pictures and back; others lead nowhere', async (t) => {
  const { snapshot } = await opened(await planeGallery(t));
  for (let row = 0; row < snapshot.count; row++) t.equal(snapshot.rowOf(snapshot.idOf(row)), row);
  for (const id of ['', 'x', '../../etc/passwd', '0'.repeat(16), 'F'.repeat(16), snapshot.idOf(0).slice(1)]) {
    t.equal(snapshot.pictureOf(id), undefined, id);
  }
  t.throws(() => snapshot.picture(snapshot.count), RangeError);
});

t.test('distinct matches are the best of each group, in any order of arrival', async (t) => {
  const random = randomNumbers(3);
  for (let round = 0; round < 200; round++) {
    const groups = Uint32Array.from({ length: 40 }, () => Math.floor(random() * 12));
    const scores = Array.from({ length: 40 }, () => Math.floor(random() * 15));
    const top = new TopMatches(5, groups);
    scores.forEach((score, row) => {
      if (score > top.threshold) top.offer(row, score);
    });
    const best = new Map<number, number>();
    scores.forEach((score, row) => {
      const before = best.get(groups[row]!);
      if (before === undefined || score > scores[before]!) best.set(groups[row]!, row);
    });
    const expected = [...best.values()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, 5);
    t.strictSame(
      top.matches().map(({ score }) => score),
      expected.map((row) => scores[row]),
    );
  }
});

t.test('the kernel’s inner products are those of the plain loop, for any width and any rows', async (t) => {
  const random = randomNumbers(9);
  for (const width of [1, 3, 15, 16, 17, 64, 512, 513]) {
    const count = 37;
    const stores = [await createVectorStore(count, width), plainStore(count, width)];
    const values = Float32Array.from({ length: count * width }, () => random() - 0.5);
    const query = Float32Array.from({ length: width }, () => random() - 0.5);
    const [fast, plain] = stores.map((store) => {
      store.vectors.set(values);
      const products = new Float32Array(count).fill(9);
      store.innerProducts(query, products, 5, 30);
      return products;
    });
    t.ok(
      fast!.every((value, i) => Math.abs(value - plain![i]!) < 1e-4),
      `width ${width}`,
    );
    t.strictSame([fast![4], fast![30]], [9, 9], 'other rows are left alone');
  }
});

t.test('near copies are the same groups as by comparing all with all', async (t) => {
  const random = randomNumbers(4);
  const originals = Array.from({ length: 30 }, () =>
    Uint8Array.from({ length: SIGNATURE_BYTES }, () => random() * 256),
  );
  const signatures = new Uint8Array(120 * SIGNATURE_BYTES);
  const original: number[] = [];
  for (let i = 0; i < 120; i++) {
    const from = Math.floor(random() * originals.length);
    original.push(from);
    const copy = originals[from]!.slice();
    for (let flips = Math.floor(random() * 4); flips > 0; flips--) {
      const bit = Math.floor(random() * 64);
      copy[bit >> 3]! ^= 1 << (bit & 7);
    }
    signatures.set(copy, i * SIGNATURE_BYTES);
  }
  const groups = groupCopies(
    original.map((_, i) => String(i)),
    signatures,
  );
  t.strictSame(
    [...groups],
    original.map((from) => original.indexOf(from)),
  );
});

t.test('neighbours in a large gallery', async (t) => {
  const isInstalled = await import('usearch').then(
    () => true,
    () => false,
  );
  if (!isInstalled && process.env['CI'] !== 'true') {
    t.pass('skipped: usearch is not installed');
    return;
  }
  const folder = t.testdir({});
  await mkdir(folder, { recursive: true });
  const count = 4000;
  const width = 24;
  const random = randomNumbers(5);
  const centres = Array.from({ length: 40 }, () =>
    Float32Array.from({ length: width }, () => random() - 0.5),
  );
  const vectors = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    // Norms differ: the greatest inner product is not simply the nearest.
    const norm = 0.5 + random();
    const centre = centres[row % centres.length]!;
    for (let i = 0; i < width; i++) vectors[row * width + i] = norm * (centre[i]! + 0.15 * (random() - 0.5));
  }
  const ids = Array.from({ length: count }, (_, i) => (i + 1).toString(16).padStart(16, '0'));
  const options = (some = count) => ({
    ids: ids.slice(0, some),
    width,
    before: undefined,
    exactMost: 2000,
    vectors: async function* () {
      yield* [new Uint8Array(vectors.buffer, 0, 4 * width * some)];
    },
  });
  t.equal(await bringNeighboursUpToDate({ folder }, { fingerprint: 'ab'.repeat(32) }, options(1000)), null);
  const file = (await bringNeighboursUpToDate({ folder }, { fingerprint: 'ab'.repeat(32) }, options()))!;
  const keys = BigUint64Array.from(ids, (id) => BigInt(`0x${id}`));
  const neighbours = await openNeighbours(folder, file, keys);
  t.equal(neighbours.missing.length, 0);
  const store = await createVectorStore(count, width);
  store.vectors.set(vectors);
  let found = 0;
  const rounds = 20;
  for (let round = 0; round < rounds; round++) {
    const query = centres[round]!.map((value) => value + 0.1 * (random() - 0.5));
    const products = new Float32Array(count);
    store.innerProducts(query, products, 0, count);
    const top = new TopMatches(10);
    products.forEach((score, row) => {
      if (score > top.threshold) top.offer(row, score);
    });
    const near = new Set([...neighbours.nearest(query, 200)].map((key) => Number(key) - 1));
    found += top.matches().filter(({ row }) => near.has(row)).length;
  }
  t.ok(found >= 0.9 * 10 * rounds, `${found} of ${10 * rounds} of the best ten are in the shortlist`);

  const model = formulaModel();
  const ranking: Ranking = {
    ...model.ranking,
    score: 'embedding',
    width,
    queryVector: ({ embedding }) => embedding.slice(0, width),
    scores(of, query, out = new Float32Array(of.length / width)) {
      for (let i = 0; i < out.length; i++) {
        out[i] = query.reduce((sum, value, at) => sum + value * of[i * width + at]!, 0);
      }
      return out;
    },
  };
  const pictures: SearchedPictures = {
    count,
    store,
    groups: Uint32Array.from({ length: count }, (_, row) => row),
    neighbours: { ...neighbours, missing: Uint32Array.of(5) },
    rowOfKey: (key) => Number(key) - 1,
    select: () => selectRows(count, () => true),
  };
  const search = new GallerySearch(pictures, ranking, 2000);
  const exact = new GallerySearch({ ...pictures, neighbours: null }, ranking);
  for (const mayShow of [() => true, (row: number) => row % 3 !== 0, (row: number) => row < 2100]) {
    const selection = selectRows(count, mayShow);
    let same = 0;
    for (let round = 0; round < rounds; round++) {
      const embedding = new Float32Array(512);
      embedding.set(centres[round]!);
      const music = { ...clip(0, 0), embedding };
      const best = search.best(music, 10, { selection });
      t.equal(best.length, 10);
      t.ok(best.every(({ row }) => mayShow(row)));
      const wanted = new Set(exact.best(music, 10, { selection }).map(({ row }) => row));
      same += best.filter(({ row }) => wanted.has(row)).length;
    }
    t.ok(same >= 0.9 * 10 * rounds, `recall ${same} of ${10 * rounds}`);
  }

  const more = BigUint64Array.from([...keys, 999_999n]);
  t.strictSame(
    [...(await openNeighbours(folder, file, more)).missing],
    [count],
    'one that came later is named',
  );
  const before = { ...options(), before: file };
  t.same(
    await bringNeighboursUpToDate({ folder }, { fingerprint: 'ab'.repeat(32) }, before),
    file,
    'it is kept',
  );

  const path = join(folder, file.file);
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
  await t.rejects(openNeighbours(folder, file, keys), {
    code: 'BAD_INDEX',
    message: /its checksum is wrong/,
  });
  await writeFile(path, bytes.subarray(0, 5000));
  await t.rejects(openNeighbours(folder, file, keys), { code: 'BAD_INDEX' });
  await rm(path);
  await t.rejects(openNeighbours(folder, file, keys), { code: 'BAD_INDEX', message: /is missing/ });
  t.strictSame(await readdir(folder), [], 'nothing half-written is left');
});
