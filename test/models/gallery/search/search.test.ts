import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { groupCopies } from '../../../../models/gallery/duplicates.ts';
import { indexGallery, openGallery, type Snapshot } from '../../../../models/gallery/index.ts';
import { createVectorStore, openNeighbours } from '../../../../models/gallery/search/index.ts';
import { bringNeighboursUpToDate } from '../../../../models/gallery/search/neighbours.ts';
import { plainStore } from '../../../../models/gallery/search/vectors.ts';
import { SIGNATURE_BYTES } from '../../../../models/gallery/signature.ts';
import type { Ranking, Prediction } from '../../../../models/model/index.ts';
import { rank, type LoadedPictures } from '../../../../models/ranking/index.ts';
import { formulaModel, formulaReading } from '../../../support/formula-model.ts';
import { put, putMany, waves } from '../support/pictures.ts';

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function clip(valence: number, arousal: number): Prediction {
  const embedding = new Float32Array(512);
  embedding.set([valence, arousal]);
  return formulaReading(valence, arousal, embedding);
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

async function opened(gallery: string): Promise<Snapshot> {
  const model = formulaModel();
  await indexGallery(gallery, model);
  return (await openGallery(gallery, { model })).snapshot;
}

function best(
  pictures: LoadedPictures,
  prediction: Prediction,
  count: number,
  ranking = formulaModel().ranking,
) {
  const allowed = new Uint8Array(pictures.count).fill(1);
  const offset = { valence: 0, arousal: 0 };
  return rank(ranking, pictures, { prediction, offset, allowed, count, alsoIndices: [] }).best;
}

t.test('the mood of what is found in an index follows the mood that is asked for', async (t) => {
  const snapshot = await opened(await planeGallery(t));
  const { count, vectors, valence, arousal } = snapshot;
  const moods = Float32Array.from(
    { length: 2 * count },
    (_, i) => (i % 2 === 0 ? valence : arousal)[i >> 1]!,
  );
  const moodOf = (v: number, a: number) => {
    const [first] = best({ count, vectors, moods }, clip(v, a), 1);
    return snapshot.picture(first!.index);
  };
  t.ok(moodOf(0.8, 0.5).valence > moodOf(0.2, 0.5).valence + 0.3);
  t.ok(moodOf(0.5, 0.8).arousal > moodOf(0.5, 0.2).arousal + 0.3);
});

t.test('copies are one group', async (t) => {
  const gallery = t.testdir({});
  await putMany(gallery, 4);
  const bytes = await readFile(join(gallery, '001.png'));
  for (let i = 0; i < 5; i++) await put(gallery, `copy${i}.png`, bytes);
  const { groups } = await opened(gallery);
  t.equal(groups.length, 9);
  t.equal(new Set(groups).size, 4);
});

t.test('ids lead to pictures and back; others lead nowhere', async (t) => {
  const snapshot = await opened(await planeGallery(t));
  for (let row = 0; row < snapshot.count; row++) t.equal(snapshot.rowOf(snapshot.idOf(row)), row);
  for (const id of ['', 'x', '../../etc/passwd', '0'.repeat(16), 'F'.repeat(16), snapshot.idOf(0).slice(1)]) {
    t.equal(snapshot.pictureOf(id), undefined, id);
  }
  t.throws(() => snapshot.picture(snapshot.count), RangeError);
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
  const place = { folder, file, ids: keys, idOrder: Uint32Array.from(keys.keys()) };
  const neighbours = await openNeighbours(place);
  t.equal(neighbours.missing.length, 0);
  const store = await createVectorStore(count, width);
  store.vectors.set(vectors);
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
  const pictures: LoadedPictures = {
    count,
    vectors,
    moods: new Float32Array(2 * count),
    innerProducts: (query, products, from, to) => {
      store.innerProducts(query, products, from, to);
    },
  };
  const graphs = { ...pictures, neighbours: { ...neighbours, missing: Uint32Array.of(5) } };
  const rounds = 20;
  for (const mayShow of [() => true, (row: number) => row % 3 !== 0, (row: number) => row < 2100]) {
    const allowed = Uint8Array.from({ length: count }, (_, row) => (mayShow(row) ? 1 : 0));
    let same = 0;
    for (let round = 0; round < rounds; round++) {
      const embedding = new Float32Array(512);
      embedding.set(centres[round]!);
      const request = {
        prediction: { ...clip(0, 0), embedding },
        offset: { valence: 0, arousal: 0 },
        allowed,
        count: 10,
        alsoIndices: [7],
      };
      const near = rank(ranking, graphs, request, 2000);
      t.equal(near.best.length, 10);
      t.ok(near.best.every(({ index }) => mayShow(index)));
      const exact = rank(ranking, pictures, request);
      const wanted = new Set(exact.best.map(({ index }) => index));
      same += near.best.filter(({ index }) => wanted.has(index)).length;
      t.ok(Math.abs(near.also[0]!.score - exact.also[0]!.score) < 1e-4, 'the score is the exact one');
    }
    t.ok(same >= 0.9 * 10 * rounds, `recall ${same} of ${10 * rounds}`);
  }

  const more = BigUint64Array.from([...keys, 999_999n]);
  t.strictSame(
    [...(await openNeighbours({ ...place, ids: more })).missing],
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
  await t.rejects(openNeighbours(place), {
    code: 'BAD_INDEX',
    message: /its checksum is wrong/,
  });
  await writeFile(path, bytes.subarray(0, 5000));
  await t.rejects(openNeighbours(place), { code: 'BAD_INDEX' });
  await rm(path);
  await t.rejects(openNeighbours(place), { code: 'BAD_INDEX', message: /is missing/ });
  t.strictSame(await readdir(folder), [], 'nothing half-written is left');
});
