import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import t from 'tap';
import { indexGallery, type IndexOptions } from '../../../models/gallery/index.ts';
import { colourDeviation, nothingToSee } from '../../../models/gallery/visible.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { picturesOf } from './support/pictures-of.ts';
import { put, waves } from './support/pictures.ts';

const index = (gallery: string, options?: IndexOptions) => indexGallery(gallery, formulaModel(), options);

t.test('what is of one colour, tiny or far too long is left out with its reason', async (t) => {
  const gallery = t.testdir({});
  const plain = (width: number, height: number, background: string) =>
    sharp({ create: { width, height, channels: 3, background } });
  await put(gallery, 'dot.png', plain(1, 1, '#f00'));
  await put(gallery, 'icon.png', waves({ width: 32, height: 32 }));
  await put(gallery, 'strip.png', waves({ width: 10, height: 900 }));
  await put(gallery, 'black.jpg', await plain(300, 200, '#000').jpeg().toBuffer());
  await put(gallery, 'teal.jpg', await plain(300, 200, 'teal').jpeg({ quality: 40 }).toBuffer());
  const clear = sharp({ create: { width: 90, height: 90, channels: 4, background: '#ffffff00' } });
  await put(gallery, 'clear.png', clear);
  // There is something to see in these.
  await put(gallery, 'panorama.png', waves({ width: 900, height: 60 }));
  await put(gallery, 'dim.png', waves({ width: 300, height: 200, colour: [12, 8, 10], contrast: 9 }));
  const stars = Buffer.alloc(3 * 300 * 200);
  for (let star = 0; star < 40; star++)
    stars.fill(255, (star * 4409) % (stars.length - 6), ((star * 4409) % (stars.length - 6)) + 6);
  await put(gallery, 'stars.png', sharp(stars, { raw: { width: 300, height: 200, channels: 3 } }));

  const report = await index(gallery);
  t.strictSame(
    (await picturesOf(gallery)).map(({ file }) => file),
    ['dim.png', 'panorama.png', 'stars.png'],
  );
  t.strictSame(report.broken, []);
  t.strictSame(
    new Map(report.blank.map(({ file, reason }) => [file, reason])),
    new Map([
      ['black.jpg', 'it is all of one colour'],
      ['clear.png', 'it is all of one colour'],
      ['dot.png', '1×1 pixels are too few to be seen'],
      ['icon.png', '32×32 pixels are too few to be seen'],
      ['strip.png', '10×900 pixels are too long for any screen: cut it into parts'],
      ['teal.jpg', 'it is all of one colour'],
    ]),
  );
  t.match(await index(gallery, { allowBlank: true }), { pictures: 9, blank: [] });
  t.match(await index(gallery), { pictures: 3, forgotten: 6, read: 0 }, 'from the index, without reading');
});

t.test('blank pictures that are known are not read again while a folder is followed', async (t) => {
  const gallery = t.testdir({});
  await put(gallery, 'icon.png', waves({ width: 32, height: 32 }));
  const knownFaults: NonNullable<IndexOptions['knownFaults']> = new Map();
  t.match(await index(gallery, { knownFaults }), { read: 1, blank: [{ file: 'icon.png' }] });
  t.match(await index(gallery, { knownFaults }), { read: 0, blank: [{ file: 'icon.png' }], broken: [] });
});

t.test('a JPEG that lost its end is shown without it, and told', async (t) => {
  const gallery = t.testdir({});
  const whole = await waves({ width: 320, height: 320, seed: 4 }).jpeg({ quality: 95 }).toBuffer();
  await put(gallery, 'cut.jpg', whole.subarray(0, Math.floor(whole.length * 0.97)));
  await put(gallery, 'half.jpg', whole.subarray(0, whole.length / 2));
  const report = await index(gallery);
  t.match(report.damaged, [{ file: 'cut.jpg', reason: /^it was cut off: \d+ % at its end is lost/ }]);
  t.match(report.broken, [{ file: 'half.jpg' }]);
  const [picture] = await picturesOf(gallery);
  const rendition = await sharp(await readFile(picture!.rendition)).metadata();
  t.ok(rendition.height < 320 && rendition.height >= 288, `${rendition.height} rows are shown`);
});

t.test('the deviation is that of the colour that varies most', async (t) => {
  t.equal(colourDeviation(Uint8Array.of(0, 100, 9, 0, 140, 9)), 20);
  t.equal(nothingToSee({ width: 640, height: 480, deviation: -1 }), undefined, 'not measured');
  t.match(nothingToSee({ width: 640, height: 480, deviation: 1 }), /one colour/);
});
