import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { sha256 } from '../../../models/checksum.ts';
import { SynestheteError } from '../../../models/errors.ts';
import { IndexReader } from '../../../models/gallery/index-file.ts';
import {
  defaultIndexFolder,
  indexGallery,
  openGallery,
  RENDITION_SIDE,
  THUMBNAIL_SIDE,
  type IndexOptions,
  type Picture,
} from '../../../models/gallery/index.ts';
import { layoutOf } from '../../../models/gallery/layout.ts';
import { embeddingRanking, type Model } from '../../../models/model/index.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { picturesOf } from './support/pictures-of.ts';
import { put, putMany, waves } from './support/pictures.ts';

/** A formula model that counts what it was shown. */
function countingModel(): Model & { readonly shown: () => number } {
  const model = formulaModel();
  let shown = 0;
  return {
    ...model,
    embedPictures(pixels) {
      shown += pixels.length;
      return model.embedPictures(pixels);
    },
    shown: () => shown,
  };
}

function index(gallery: string, options?: IndexOptions) {
  return indexGallery(gallery, formulaModel(), options);
}

function indexFile(gallery: string): string {
  return layoutOf(defaultIndexFolder(gallery), formulaModel()).index;
}

async function failure(promise: Promise<unknown>): Promise<SynestheteError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SynestheteError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

function galleryOf(t: Test): string {
  return t.testdir({});
}

for (const embedding of [32, 1024]) {
  t.test(`embeddings of ${embedding} numbers are kept from index to index`, async (t) => {
    const gallery = galleryOf(t);
    const model = { ...formulaModel({ embedding }), ranking: embeddingRanking(embedding) };
    for (const [seed, name] of ['b.png', 'c.png', 'a.png'].entries()) {
      await put(gallery, name, await waves({ seed }).png().toBuffer());
      await indexGallery(gallery, model);
    }
    const opened = await openGallery(gallery, { model });
    opened.close();
    const reader = await IndexReader.open(indexFile(gallery));
    const embeddings = new Float32Array((await reader.read('embeddings')).buffer);
    await reader.close();
    t.equal(embeddings.length, 3 * embedding);
    for (let row = 0; row < 3; row++) {
      const { valence, arousal } = opened.snapshot.picture(row);
      const expected = new Float32Array(embedding);
      expected.set([valence, arousal]);
      expected[embedding - 1] = valence;
      t.same(embeddings.slice(row * embedding, (row + 1) * embedding), expected);
    }
  });
}

t.test('a gallery in every format, by content and not by name, in banks', async (t) => {
  const gallery = galleryOf(t);
  const picture = (seed: number) => waves({ seed });
  await put(gallery, 'a.jpg', await picture(1).jpeg().toBuffer());
  await put(gallery, 'b.txt', await picture(2).png().toBuffer());
  await put(gallery, 'sea/c', await picture(3).webp().toBuffer());
  await put(gallery, 'sea/deep/d.avif', await picture(4).avif().toBuffer());
  await put(gallery, 'sky/e.tif', await picture(5).tiff().toBuffer());
  await put(gallery, 'sky/f.gif', await picture(6).gif().toBuffer());
  const report = await index(gallery);
  t.match(report, {
    pictures: 6,
    added: 6,
    forgotten: 0,
    read: 6,
    banks: ['sea', 'sea/deep', 'sky'],
    broken: [],
    hasChanged: true,
  });
  const pictures = await picturesOf(gallery);
  t.strictSame(
    pictures.map(({ file, bank, width, height }) => [file, bank, width, height]),
    [
      ['a.jpg', null, 64, 48],
      ['b.txt', null, 64, 48],
      ['sea/c', 'sea', 64, 48],
      ['sea/deep/d.avif', 'sea/deep', 64, 48],
      ['sky/e.tif', 'sky', 64, 48],
      ['sky/f.gif', 'sky', 64, 48],
    ],
  );
});

t.test('what the model reads in a picture is what the index says', async (t) => {
  const gallery = galleryOf(t);
  await put(gallery, 'red.png', waves({ colour: [204, 26, 51], contrast: 0 }));
  await index(gallery, { allowBlank: true });
  const [red] = await picturesOf(gallery);
  t.match(
    [red!.valence, red!.unsafe, red!.arousal].map((value) => Math.round(value * 10) / 10),
    [0.8, 0.1, 0.2],
  );
});

t.test(
  'renditions and thumbnails: turned as EXIF tells, never larger, black behind what is transparent',
  async (t) => {
    const gallery = galleryOf(t);
    const wide = waves({ width: 3000, height: 1500, seed: 3 });
    await put(gallery, 'wide.jpg', await wide.jpeg().withMetadata({ orientation: 6 }).toBuffer());
    const clear = sharp({ create: { width: 40, height: 20, channels: 4, background: '#ffffff00' } });
    await put(gallery, 'clear.png', clear);
    await index(gallery, { allowBlank: true });
    const [clearPicture, widePicture] = await picturesOf(gallery);
    t.match(widePicture, { width: 1500, height: 3000 });
    t.match(await sharp(widePicture!.rendition).metadata(), {
      format: 'jpeg',
      width: 960,
      height: RENDITION_SIDE,
    });
    t.match(await sharp(widePicture!.thumbnail).metadata(), {
      format: 'jpeg',
      width: 160,
      height: THUMBNAIL_SIDE,
    });
    t.match(await sharp(clearPicture!.rendition).metadata(), { width: 40, height: 20, channels: 3 });
    const { channels } = await sharp(clearPicture!.rendition).stats();
    t.ok(channels.every(({ max }) => max <= 2));
  },
);

t.test('only what is new or changed is read, and what is gone is forgotten', async (t) => {
  const gallery = galleryOf(t);
  await putMany(gallery, 6);
  await index(gallery);
  const before = await picturesOf(gallery);
  const bytes = await readFile(indexFile(gallery));

  const model = countingModel();
  t.match(await indexGallery(gallery, model), {
    pictures: 6,
    added: 0,
    forgotten: 0,
    read: 0,
    hasChanged: false,
  });
  t.same(await readFile(indexFile(gallery)), bytes, 'an index of the same is not written again');

  await utimes(join(gallery, '000.png'), 1, 1);
  await rename(join(gallery, '001.png'), join(gallery, 'renamed.png'));
  await rm(join(gallery, 'sea/002.png'));
  await put(gallery, '003.png', waves({ seed: 33 }));
  await put(gallery, 'new.png', waves({ seed: 99 }));
  const report = await indexGallery(gallery, model);
  t.match(report, { pictures: 6, added: 2, forgotten: 2, read: 2, hasChanged: true });
  t.equal(model.shown(), 2, 'touched and renamed pictures are known by their content');
  const after = await picturesOf(gallery);
  const idOf = (pictures: readonly Picture[], file: string) => pictures.find((p) => p.file === file)?.id;
  t.equal(idOf(after, '000.png'), idOf(before, '000.png'), 'touched');
  t.equal(idOf(after, 'renamed.png'), idOf(before, '001.png'), 'renamed');
  t.not(idOf(after, '003.png'), idOf(before, '003.png'), 'another content is another picture');
  t.equal(idOf(after, '004.png'), idOf(before, '004.png'), 'left alone');
});

t.test('renditions of what is gone stay for an hour, and then go', async (t) => {
  const gallery = galleryOf(t);
  await putMany(gallery, 2);
  await index(gallery);
  const [gone] = await picturesOf(gallery);
  await rm(join(gallery, gone!.file));
  await index(gallery);
  t.ok(existsSync(gone!.rendition), 'a display may still show it');
  const twoHoursAgo = Date.now() / 1000 - 7200;
  for (const path of [gone!.rendition, gone!.thumbnail]) await utimes(path, twoHoursAgo, twoHoursAgo);
  await index(gallery);
  t.notOk(existsSync(gone!.rendition));
  t.notOk(existsSync(gone!.thumbnail));
  const [left] = await picturesOf(gallery);
  t.ok(existsSync(left!.rendition));
});

t.test('a rendition that is missing is made again, without the model', async (t) => {
  const gallery = galleryOf(t);
  await putMany(gallery, 3);
  await index(gallery);
  const [first] = await picturesOf(gallery);
  await rm(first!.rendition);
  const model = countingModel();
  await indexGallery(gallery, model);
  t.ok(existsSync(first!.rendition));
  t.equal(model.shown(), 0);
});

t.test('pictures for which the model gives no numbers are reported, and the others are read', async (t) => {
  const gallery = galleryOf(t);
  await putMany(gallery, 3);
  const plain = (width: number) => sharp({ create: { width, height: 40, channels: 3, background: '#000' } });
  await put(gallery, 'black.png', plain(40).png());
  await put(gallery, 'also black.png', plain(60).png());
  const whole = formulaModel();
  const model: Model = {
    ...whole,
    embedPictures(pictures) {
      if (pictures.every((pixels) => pixels.some((value) => value > 0))) return whole.embedPictures(pictures);
      return Promise.reject(new SynestheteError('BAD_ENCODER', 'own.onnx gives numbers that are not finite'));
    },
  };
  const report = await indexGallery(gallery, model);
  t.match(report, { pictures: 3, read: 3, passedOver: 0 });
  const broken = report.broken.toSorted((a, b) => (a.file < b.file ? -1 : 1));
  t.strictSame(broken, [
    { file: 'also black.png', reason: 'own.onnx gives numbers that are not finite' },
    { file: 'black.png', reason: 'own.onnx gives numbers that are not finite' },
  ]);
});

t.test('broken files are reported with their reason and stop nothing', async (t) => {
  const gallery = galleryOf(t);
  await putMany(gallery, 2);
  const noise = sharp({
    create: {
      width: 300,
      height: 300,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });
  const jpeg = await noise.jpeg({ quality: 95 }).toBuffer();
  await put(gallery, 'cut.jpg', jpeg.subarray(0, jpeg.length / 2));
  await put(gallery, 'no extension', jpeg.subarray(0, jpeg.length / 2));
  await put(gallery, 'drawing.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));
  await put(gallery, 'drawing.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));
  await put(gallery, 'empty.jpg', Buffer.alloc(0));
  await put(gallery, 'notes.txt', Buffer.from('not a picture'));
  const large = sharp({
    create: { width: 20_000, height: 10_050, channels: 3, background: '#123' },
    limitInputPixels: false,
  });
  await put(gallery, 'large.png', await large.png({ compressionLevel: 1 }).toBuffer());
  const report = await index(gallery);
  t.match(report, { pictures: 2, passedOver: 1 });
  const reasons = Object.fromEntries(report.broken.map(({ file, reason }) => [file, reason]));
  t.strictSame(Object.keys(reasons).sort(), [
    'cut.jpg',
    'drawing.png',
    'drawing.svg',
    'empty.jpg',
    'large.png',
    'no extension',
  ]);
  t.match(reasons, {
    'cut.jpg': /^can't be decoded as JPEG/,
    'drawing.svg': /^is an SVG drawing/,
    'large.png': /more than 200 megapixels/,
  });
  t.ok(Object.values(reasons).every((reason) => !reason.includes('\n') && !reason.includes(gallery)));
  await put(gallery, 'cut.jpg', jpeg);
  t.match(await index(gallery), { pictures: 3, added: 1 }, 'a mended one is taken up');
});

t.test('an empty gallery, a gallery of one, and none', async (t) => {
  const gallery = galleryOf(t);
  t.match(await index(gallery), { pictures: 0, banks: [], hasChanged: true });
  t.strictSame(await picturesOf(gallery), []);
  await putMany(gallery, 1);
  t.match(await index(gallery), { pictures: 1, added: 1 });
  t.equal((await picturesOf(gallery)).length, 1);
  const missing = join(gallery, 'nowhere');
  t.match(await failure(index(missing)), { code: 'FILE_NOT_FOUND', message: missing });
  t.notOk(existsSync(missing), 'nothing is made');
  t.match(await failure(index(join(gallery, '000.png'))), {
    code: 'FILE_NOT_FOUND',
    message: /is no folder/,
  });
});

t.test('odd names, links, loops, hidden files and an index among the pictures', async (t) => {
  const gallery = galleryOf(t);
  const names = [
    'line\nfeed.png',
    'ä.png',
    'a\u0308.png',
    '画像 🌊.png',
    'quote\'".png',
    ' space .png',
    '-rf.png',
  ];
  for (const [i, name] of names.entries()) await put(gallery, name, waves({ seed: i }));
  await put(gallery, '.hidden.png', waves({ seed: 50 }));
  await put(gallery, '.hidden/x.png', waves({ seed: 51 }));
  await mkdir(join(gallery, 'sub'));
  await symlink('..', join(gallery, 'sub/loop'));
  await symlink('self', join(gallery, 'self'));
  await symlink('nowhere', join(gallery, 'dangling.png'));
  const elsewhere = `${gallery}-elsewhere`;
  t.teardown(() => rm(elsewhere, { recursive: true, force: true }));
  await put(elsewhere, 'linked.png', waves({ seed: 60 }));
  await symlink(elsewhere, join(gallery, 'linked'));
  const indexFolder = join(gallery, 'my index');
  const report = await index(gallery, { indexFolder });
  t.equal(report.pictures, names.length + 1);
  t.strictSame(report.broken.map(({ file }) => file).sort(), ['dangling.png', 'self']);
  t.match(await index(gallery, { indexFolder }), { pictures: names.length + 1, hasChanged: false });
  const opened = await openGallery(gallery, { model: formulaModel(), indexFolder });
  const files = Array.from({ length: opened.snapshot.count }, (_, row) => opened.snapshot.picture(row).file);
  t.strictSame(files.sort(), [...names, 'linked/linked.png'].sort());
});

t.test('a folder that may not be read is reported, and its pictures are kept', async (t) => {
  if (process.getuid?.() === 0) {
    // Permissions don't hold for root: a link to what isn't there stands for the folder.
    const gallery = galleryOf(t);
    await putMany(gallery, 3);
    await index(gallery);
    await rename(join(gallery, 'sea'), join(gallery, '.away'));
    await symlink('nowhere', join(gallery, 'sea'));
    const report = await index(gallery);
    t.match(report, { pictures: 3, broken: [{ file: 'sea' }] });
    return;
  }
  const gallery = galleryOf(t);
  await putMany(gallery, 3);
  await index(gallery);
  await chmod(join(gallery, 'sea'), 0o000);
  t.teardown(() => chmod(join(gallery, 'sea'), 0o755));
  t.match(await index(gallery), { pictures: 3, broken: [{ file: 'sea', reason: 'permission denied' }] });
});

t.test('copies, exact and near, are found; pictures that only resemble each other are not', async (t) => {
  const gallery = galleryOf(t);
  const original = await waves({ width: 640, height: 480, seed: 7 }).png().toBuffer();
  await put(gallery, 'a.png', original);
  await put(gallery, 'b copy.png', original);
  await put(gallery, 'c small.jpg', await sharp(original).resize(200).jpeg({ quality: 60 }).toBuffer());
  await put(gallery, 'd bright.webp', await sharp(original).linear(1, 18).webp({ quality: 70 }).toBuffer());
  await put(gallery, 'e mirrored.png', sharp(original).flop());
  for (let seed = 8; seed < 40; seed++)
    await put(gallery, `z${seed}.png`, waves({ width: 640, height: 480, seed }));
  const report = await index(gallery);
  t.match(report, { exactCopies: 1, nearCopies: 2 });
  const pictures = await picturesOf(gallery);
  const groups = pictures.slice(0, 5).map(({ group }) => group);
  t.strictSame(groups, [0, 0, 0, 0, 4]);
  t.equal(new Set(pictures.map(({ id }) => id)).size, pictures.length, 'each has an id of its own');
  t.equal(pictures[0]!.rendition, pictures[1]!.rendition, 'exact copies share their rendition');

  await rm(join(gallery, 'a.png'));
  await index(gallery);
  const after = await picturesOf(gallery);
  t.equal(after[0]!.id, pictures[1]!.id, 'a copy keeps its id when the first one goes');
});

t.test('flat pictures are copies only where their colour is the same', async (t) => {
  const gallery = galleryOf(t);
  for (const [i, red] of [200, 201, 90].entries()) {
    await put(gallery, `${i}.png`, waves({ colour: [red, 20, 20], contrast: 0, width: 30 + i }));
  }
  await index(gallery, { allowBlank: true });
  t.strictSame(
    (await picturesOf(gallery)).map(({ group }) => group),
    [0, 0, 2],
  );
});

t.test('unsafe pictures are marked', async (t) => {
  const gallery = galleryOf(t);
  await put(gallery, 'green.png', waves({ colour: [20, 200, 20], contrast: 10 }));
  await put(gallery, 'red.png', waves({ colour: [200, 20, 20], contrast: 10 }));
  t.match(await index(gallery), { unsafe: 1 });
  const { snapshot } = await openGallery(gallery, { model: formulaModel() });
  t.strictSame([snapshot.isUnsafe(0), snapshot.isUnsafe(1)], [true, false]);
});

t.test('an index of another model is refused with what to do, and both live side by side', async (t) => {
  const gallery = galleryOf(t);
  await putMany(gallery, 2);
  const other = { ...formulaModel(), fingerprint: '0a'.repeat(32) };
  t.match(await failure(openGallery(gallery, { model: other })), {
    code: 'NO_INDEX',
    message: /run "synesthete index/,
  });
  await index(gallery);
  const refused = await failure(openGallery(gallery, { model: other }));
  t.match(refused, { code: 'OTHER_MODEL', message: /run "synesthete index .* with this one/ });
  await indexGallery(gallery, other);
  t.equal((await openGallery(gallery, { model: other })).snapshot.count, 2);
  t.equal((await openGallery(gallery, { model: formulaModel() })).snapshot.count, 2);
});

t.test('a torn or changed index is reported, and rebuilt by the next run', async (t) => {
  const gallery = galleryOf(t);
  await putMany(gallery, 4);
  await index(gallery);
  const path = indexFile(gallery);
  const whole = await readFile(path);
  const model = formulaModel();
  let state = 7;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const isReported = async (what: string): Promise<void> => {
    const { code, message } = await failure(openGallery(gallery, { model }));
    t.equal(code, 'BAD_INDEX', what);
    t.match(message, /: run "synesthete index" on the gallery again$/);
  };
  for (let round = 0; round < 20; round++) {
    const length = random(whole.length);
    await writeFile(path, whole.subarray(0, length));
    await isReported(`cut off after ${length} bytes`);
  }
  const onlyForRuns = new Set([
    'fileBytes',
    'modifiedMs',
    'changedMs',
    'inodes',
    'deviations',
    'signatures',
    'embeddings',
  ]);
  const reader = await IndexReader.open(await put(gallery, '.whole', whole));
  await reader.close();
  for (const [section, { start, bytes }] of Object.entries(reader.directory.sections)) {
    const changed = Buffer.from(whole);
    changed[start + random(bytes)]! ^= 1 << random(8);
    await writeFile(path, changed);
    if (!onlyForRuns.has(section)) await isReported(section);
    const notices: string[] = [];
    t.match(await index(gallery, { notice: (line) => notices.push(line) }), { pictures: 4, read: 4 });
    t.match(notices, [/is damaged \(.*\): it is rebuilt$/], section);
    t.same(await readFile(path), whole, 'the same as before');
  }
  for (let at = 0; at < 64; at += 3) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 0x10;
    await writeFile(path, changed);
    if (at < 56) await isReported(`byte ${at} of its head`);
  }
});

t.test('an index of a version before says what to do, and is rebuilt by the next run', async (t) => {
  const gallery = galleryOf(t);
  await putMany(gallery, 2);
  await index(gallery);
  const path = indexFile(gallery);
  const whole = await readFile(path);
  const old = Buffer.from(whole);
  const start = Number(old.readBigUInt64LE(8));
  const directory = old.toString('utf8', start).replace('"formatVersion":2', '"formatVersion":1');
  old.write(directory, start);
  old.write(sha256(directory), 24, 'hex');
  await writeFile(path, old);
  const { code, message } = await failure(openGallery(gallery, { model: formulaModel() }));
  t.equal(code, 'BAD_INDEX');
  t.match(message, /is of another version of synesthete: run "synesthete index" on the gallery again$/);
  const notices: string[] = [];
  t.match(await index(gallery, { notice: (line) => notices.push(line) }), { pictures: 2, read: 2 });
  t.match(notices, [/is of another version of synesthete: it is rebuilt$/]);
  t.same(await readFile(path), whole);
});

t.test('the uncertainty of each reading is kept, and ranked with', async (t) => {
  const gallery = galleryOf(t);
  await putMany(gallery, 2);
  const sure = formulaModel();
  const model: Model = {
    ...sure,
    embedPictures: async (pixels) =>
      (await sure.embedPictures(pixels)).map((prediction, i) => ({
        ...prediction,
        valenceSd: 0.05 * (i + 1),
      })),
  };
  await indexGallery(gallery, model);
  await put(gallery, 'later.png', waves({ seed: 99 }));
  // The second run takes the first two from the index before.
  await indexGallery(gallery, model);
  const { snapshot } = await openGallery(gallery, { model });
  const variances = Array.from({ length: 3 }, (_, row) => [
    snapshot.picture(row).file,
    ...snapshot.vectors.subarray(4 * row + 2, 4 * row + 4),
  ]);
  const fround = (sd: number) => Math.fround(Math.fround(sd) ** 2);
  t.strictSame(
    variances.filter(([file]) => file !== 'later.png').map(([, v]) => v),
    [fround(0.05), fround(0.1)],
  );
  t.ok(variances.every(([, , a]) => a === fround(0.1)));
  t.equal(snapshot.neighbours, null);
});

t.test(
  'two runs at once: the second is refused; the lock of a run that was killed is taken over',
  async (t) => {
    const gallery = galleryOf(t);
    await putMany(gallery, 3);
    const model = formulaModel();
    let begun: (() => void) | undefined;
    let goOn: (() => void) | undefined;
    const prediction = new Promise<void>((resolve) => (begun = resolve));
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const slow: Model = {
      ...model,
      async embedPictures(pixels) {
        begun!();
        await gate;
        return model.embedPictures(pixels);
      },
    };
    const first = indexGallery(gallery, slow);
    await prediction;
    t.match(await failure(index(gallery)), {
      code: 'INDEX_BUSY',
      message: new RegExp(`process ${process.pid}`),
    });
    goOn!();
    t.match(await first, { pictures: 3 });
    const { lock } = layoutOf(defaultIndexFolder(gallery), model);
    t.notOk(existsSync(lock));
    await writeFile(
      lock,
      JSON.stringify({ pid: 2 ** 22 + 1, started: '1', host: (await import('node:os')).hostname() }),
    );
    t.match(await index(gallery), { pictures: 3 });
    await writeFile(lock, '');
    t.match(await failure(index(gallery)), { code: 'INDEX_BUSY' }, 'a lock that is just being made');
    await utimes(lock, 1, 1);
    t.match(await index(gallery), { pictures: 3 }, 'a lock that was never filled');
  },
);

t.test('a run that is ended keeps what it has done', async (t) => {
  const gallery = galleryOf(t);
  await putMany(gallery, 9);
  const end = new AbortController();
  const reason = new Error('enough');
  await t.rejects(
    index(gallery, {
      signal: end.signal,
      batch: 2,
      onProgress: ({ done }) => {
        if (done === 4) end.abort(reason);
      },
    }),
    reason,
  );
  const model = countingModel();
  const report = await indexGallery(gallery, model);
  t.match(report, { pictures: 9, added: 9, read: 5 });
  t.equal(model.shown(), 5);
  const interrupted = await readFile(indexFile(gallery));
  const fresh = join(gallery, '.fresh');
  await indexGallery(gallery, formulaModel(), { indexFolder: fresh });
  t.same(interrupted, await readFile(layoutOf(fresh, model).index), 'equal to that of a run that was not');
});

t.test('a journal that was cut off or changed anywhere loses at most what follows', async (t) => {
  const gallery = galleryOf(t);
  await putMany(gallery, 8);
  const { journal, index: path } = layoutOf(defaultIndexFolder(gallery), formulaModel());
  const end = new AbortController();
  const stop = index(gallery, {
    signal: end.signal,
    onProgress: ({ done }) => {
      if (done === 4) end.abort(new Error('enough'));
    },
  });
  await t.rejects(stop);
  const whole = await readFile(journal);
  let expected: Buffer | undefined;
  for (const part of [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1]) {
    for (const change of [false, true]) {
      const bytes = Buffer.from(whole);
      const at = Math.min(Math.floor(part * bytes.length), bytes.length - 1);
      if (change) bytes[at]! ^= 0x41;
      await rm(path, { force: true });
      await writeFile(journal, change ? bytes : bytes.subarray(0, at));
      await index(gallery);
      const made = await readFile(path);
      expected ??= made;
      t.same(made, expected, `${change ? 'changed' : 'cut off'} at ${part}`);
    }
  }
});

t.test('a disk that is full, or may not be written, ends the run with its reason', async (t) => {
  const gallery = galleryOf(t);
  await putMany(gallery, 2);
  const file = join(gallery, 'occupied');
  await copyFile(join(gallery, '000.png'), file);
  t.match(await failure(index(gallery, { indexFolder: join(file, 'index') })), {
    code: 'WRITE_FAILED',
    message: /can't be written/,
    remedy: { kind: 'other-index' },
  });
  if (!existsSync('/dev/full')) return;
  const folder = defaultIndexFolder(gallery);
  await mkdir(folder, { recursive: true });
  await symlink('/dev/full', layoutOf(folder, formulaModel()).journal);
  t.match(await failure(index(gallery)), { code: 'WRITE_FAILED' });
  t.notOk(existsSync(indexFile(gallery)));
});

t.test('marked pictures are listed, and those that are allowed are shown', async (t) => {
  const gallery = galleryOf(t);
  await put(gallery, 'green.png', waves({ colour: [20, 220, 20], contrast: 10 }));
  await put(gallery, 'sea/greenish.png', waves({ colour: [20, 150, 20], contrast: 10 }));
  await put(gallery, 'red.png', waves({ colour: [200, 20, 20], contrast: 10 }));
  const report = await index(gallery, { unsafeThreshold: 0.5 });
  t.strictSame(
    report.marked.map(({ file, unsafe }) => [file, unsafe.toFixed(1)]),
    [
      ['green.png', '0.9'],
      ['sea/greenish.png', '0.6'],
    ],
  );
  t.match(await index(gallery, { unsafeThreshold: 0.7 }), { unsafe: 1, marked: [{ file: 'green.png' }] });

  const opened = await openGallery(gallery, { model: formulaModel(), unsafeThreshold: 0.5 });
  t.teardown(() => {
    opened.close();
  });
  const unsafeOnes = (): string[] =>
    Array.from({ length: opened.snapshot.count }, (_, row) => opened.snapshot.picture(row))
      .filter(({ isUnsafe }) => isUnsafe)
      .map(({ file }) => file);
  t.strictSame(unsafeOnes(), ['green.png', 'sea/greenish.png']);

  const taken = new Promise<void>((resolve) => {
    opened.follow(() => {
      resolve();
    });
  });
  const changed = await index(gallery, { unsafeThreshold: 0.5, allow: [join(gallery, 'sea/greenish.png')] });
  t.match(changed, { unsafe: 1, marked: [{ file: 'green.png' }], allowed: ['sea/greenish.png'] });
  // What follows an index keeps no process alive by itself.
  const alive = setInterval(() => undefined, 100);
  await taken;
  clearInterval(alive);
  t.strictSame(unsafeOnes(), ['green.png'], 'a gallery that is open takes it up');

  await rename(join(gallery, 'sea/greenish.png'), join(gallery, 'sea/renamed.png'));
  await put(gallery, 'sea/greenish.png', waves({ colour: [30, 160, 20], contrast: 10, seed: 2 }));
  t.match(
    await index(gallery, { unsafeThreshold: 0.5 }),
    { marked: [{ file: 'green.png' }, { file: 'sea/greenish.png' }], allowed: ['sea/renamed.png'] },
    'by its content, not by its name',
  );
  const forbidden = await index(gallery, { unsafeThreshold: 0.5, forbid: ['sea/renamed.png'] });
  t.match(forbidden, { unsafe: 3, allowed: [] });

  t.match(await failure(index(gallery, { allow: ['none.png'] })), {
    code: 'USAGE',
    message: /^none\.png is not in the index of .*: name a picture as "synesthete index" lists it$/,
  });
  await writeFile(join(gallery, '.synesthete', 'allowed'), 'green.png\n');
  t.match(await failure(index(gallery)), { code: 'BAD_INDEX', message: /allowed, line 1 is not a SHA-256/ });
});

t.test('what a person hides stays in the index, and is never shown until it is taken back', async (t) => {
  const gallery = galleryOf(t);
  for (const [seed, name] of ['a.png', 'b.png', 'sea/c.png'].entries())
    await put(gallery, name, waves({ seed }));
  await copyFile(join(gallery, 'b.png'), join(gallery, 'copy of b.png'));
  await index(gallery, { allow: ['b.png'] });
  const model = countingModel();
  const files = async () =>
    (await picturesOf(gallery)).filter(({ isHidden }) => !isHidden).map(({ file }) => file);
  const hidden = await indexGallery(gallery, model, {
    hide: ['b.png', join(gallery, 'sea/c.png')],
  });
  t.match(hidden, {
    ...{ pictures: 4, forgotten: 0, hasChanged: false },
    hidden: ['b.png', 'copy of b.png', 'sea/c.png'],
  });
  t.strictSame(await files(), ['a.png']);

  await rename(join(gallery, 'b.png'), join(gallery, 'renamed.png'));
  t.match(await indexGallery(gallery, model), {
    pictures: 4,
    hidden: ['copy of b.png', 'renamed.png', 'sea/c.png'],
  });
  t.match(await indexGallery(gallery, model, { unhide: ['b.png'] }), { pictures: 4, hidden: ['sea/c.png'] });
  t.equal(model.shown(), 0, 'no list makes the model look again');
  t.strictSame(await files(), ['a.png', 'copy of b.png', 'renamed.png']);
  for (const wrong of [{ unhide: ['none.png'] }, { hide: ['none.png'] }])
    t.match(await failure(index(gallery, wrong)), { code: 'USAGE', message: /^none\.png is not/ });
});
