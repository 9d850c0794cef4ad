import { readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { SynestheteError } from '../../../models/errors.ts';
import { defaultIndexFolder, indexGallery, openGallery } from '../../../models/gallery/index.ts';
import { layoutOf } from '../../../models/gallery/layout.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { craftIndex, type IndexContents } from './support/crafted-index.ts';
import { picturesOf } from './support/pictures-of.ts';
import { putMany } from './support/pictures.ts';

/** Indexes with right checksums whose contents no writer makes. */
const CRAFTED: Readonly<Record<string, (contents: IndexContents) => void>> = {
  'a directory that is no JSON': (index) => (index.text = '{"format": "synesthete-index", '),
  'a directory that is null': (index) => (index.text = 'null'),
  'a directory of another kind': (index) => (index.text = '[1, 2, 3]'),
  'a directory inside the head': (index) => (index.start = 1n),
  'a directory beyond all files': (index) => (index.start = 2n ** 63n),
  'a section before the file': ({ directory }) => (directory.sections['ids']!.start = -64),
  'a section at no number': ({ directory }) => (directory.sections['ids']!.start = Number.NaN),
  'a section between two bytes': ({ directory }) => (directory.sections['ids']!.start += 0.5),
  'a section in the head': ({ directory }) => (directory.sections['ids']!.start = 0),
  'a section over another': ({ directory: { sections } }) =>
    (sections['idOrder']!.start = sections['ids']!.start),
  'a section beyond the file': ({ directory }) => (directory.sections['vectors']!.start = 2 ** 40),
  'a section of a terabyte': ({ directory }) => (directory.sections['names']!.bytes = 2 ** 40),
  'a section of most of all bytes': ({ directory }) =>
    (directory.sections['vectors']!.bytes = Number.MAX_SAFE_INTEGER),
  'a section of half a number': ({ directory }) => (directory.sections['ids']!.bytes -= 3),
  'more pictures than there are': ({ directory }) => (directory.pictures = 2 ** 50),
  'fewer pictures than there are': ({ directory }) => (directory.pictures -= 1),
  'no pictures': ({ directory }) => (directory.pictures = 0),
  'no section of ids': ({ directory }) => {
    delete directory.sections['ids'];
  },
  'sections from a prototype': (index) => {
    const { sections, ...rest } = index.directory;
    index.text = `${JSON.stringify(rest).slice(0, -1)},"sections":{"__proto__":${JSON.stringify(sections)}}}`;
  },
  'a vector that is not a number': ({ section }) => section('vectors').writeFloatLE(Number.NaN, 4),
  'an infinite embedding': ({ section }) => section('embeddings').writeFloatLE(Infinity, 8),
  'a mood that is not a number': ({ section }) => section('valence').writeFloatLE(Number.NaN, 0),
  'a date that is not a number': ({ section }) => section('modifiedMs').writeDoubleLE(Number.NaN, 0),
  'a bank that is not there': ({ section }) => section('banks').writeInt32LE(7, 0),
  'a copy of no picture': ({ section }) => section('groups').writeUInt32LE(99, 0),
  'no pixels': ({ section }) => section('dimensions').writeUInt32LE(0, 0),
  'an order with a row twice': ({ section }) => {
    const order = section('idOrder');
    order.copy(order, 4, 0, 4);
  },
  'an order with a row that is not there': ({ section }) => section('idOrder').writeUInt32LE(99, 0),
  'names that end before they begin': ({ section }) => section('nameEnds').writeUInt32LE(0, 4),
  'names that end beyond all names': ({ section }) => section('nameEnds').writeUInt32LE(2 ** 32 - 1, 8),
  'a name outside the gallery': ({ section }) => section('names').write('../'),
  'a name of the whole disk': ({ section }) => section('names').write('/'),
  'a name with a NUL': ({ section }) => section('names').writeUInt8(0, 1),
};

for (const [name, change] of Object.entries(CRAFTED)) {
  t.test(`an index with ${name} is refused, and made again`, async (t) => {
    const gallery = t.testdir({});
    await putMany(gallery, 3);
    const model = formulaModel();
    await indexGallery(gallery, model);
    const before = await picturesOf(gallery);
    const { index } = layoutOf(defaultIndexFolder(gallery), model);
    await craftIndex(index, change);
    const error = await openGallery(gallery, { model }).then(
      (opened) => {
        opened.close();
        return undefined;
      },
      (reason: unknown) => reason,
    );
    // Only a later run of the index reads some of them.
    if (!/embedding|date/.test(name)) {
      t.ok(error instanceof SynestheteError, String(error));
      t.match(error, { code: 'BAD_INDEX', message: /^[^\n]+: run "synesthete index"[^\n]+$/ });
    }
    const notices: string[] = [];
    const report = await indexGallery(gallery, model, { notice: (line) => notices.push(line) });
    t.match(notices, [/: it is rebuilt$/]);
    t.match(report, { pictures: 3, read: 3, broken: [] });
    t.same(await picturesOf(gallery), before);
  });
}

t.test('a crafted index of another model stops no run, and nothing that it needs is removed', async (t) => {
  const gallery = t.testdir({});
  await putMany(gallery, 3);
  const model = formulaModel();
  const other = { ...model, fingerprint: 'e1'.repeat(32) };
  for (const each of [model, other]) await indexGallery(gallery, each);
  await craftIndex(layoutOf(defaultIndexFolder(gallery), other).index, CRAFTED['a section of a terabyte']!);
  await putMany(gallery, 4);
  t.match(await indexGallery(gallery, model), { pictures: 4, broken: [] });
});

t.test('a crafted journal counts as not begun', async (t) => {
  const gallery = t.testdir({});
  await putMany(gallery, 3);
  const ended = new AbortController();
  const model = formulaModel();
  const stops = {
    ...model,
    async embedPictures(pixels: readonly Uint8Array[]) {
      const predictions = await model.embedPictures(pixels);
      ended.abort(new Error('ended'));
      return predictions;
    },
  };
  await t.rejects(indexGallery(gallery, stops, { signal: ended.signal, batch: 1 }), /ended/);
  const { journal } = layoutOf(defaultIndexFolder(gallery), model);
  const bytes = await readFile(journal);
  const { crc32 } = await import('node:zlib');
  const recordAt = bytes.indexOf(0x0a) + 1;
  for (const [length, text] of [
    [4, 'not JSON'],
    [60, '{"seen":{},"content":7}'],
    [2000, '['.repeat(900)],
  ] as const) {
    const record = Buffer.alloc(12 + length);
    record.writeUInt32LE(length, 4);
    record.writeUInt32LE(Math.min(length, text.length), 8);
    record.write(text, 12);
    record.writeUInt32LE(crc32(record.subarray(4)), 0);
    await writeFile(journal, Buffer.concat([bytes.subarray(0, recordAt), record]));
    t.match(await indexGallery(gallery, model, { again: false }), { pictures: 3, read: 3 });
    const { index } = layoutOf(defaultIndexFolder(gallery), model);
    await writeFile(index, 'away with it');
  }
});
