import sharp from 'sharp';
import t from 'tap';
import { fit, openPicture } from '../../../models/pictures/index.ts';

type Entry = readonly [tag: number, type: 'short' | 'long', value: number, count?: number];

/** A TIFF directory. */
function directory(entries: readonly Entry[], isLittle: boolean): Buffer {
  const bytes = Buffer.alloc(2 + 12 * entries.length + 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint16(0, entries.length, isLittle);
  entries.forEach(([tag, type, value, count = 1], i) => {
    const start = 2 + 12 * i;
    view.setUint16(start, tag, isLittle);
    view.setUint16(start + 2, type === 'short' ? 3 : 4, isLittle);
    view.setUint32(start + 4, count, isLittle);
    if (type === 'short') view.setUint16(start + 8, value, isLittle);
    else view.setUint32(start + 8, value, isLittle);
  });
  return bytes;
}

interface RawParts {
  readonly previews: readonly Buffer[];
  readonly isLittle?: boolean;
  readonly orientation?: number;
  /** As DNG; otherwise a sensor's photometric interpretation in a sub-directory tells that it is RAW. */
  readonly isDng?: boolean;
}

/** A RAW file as cameras write it: a thumbnail that any TIFF reader takes, previews, and the sensor's data. */
function rawFile({ previews, isLittle = true, orientation = 1, isDng = true }: RawParts): Buffer {
  const thumbnail = Buffer.alloc(3 * 16 * 12, 90);
  const sensor = Buffer.from(Uint8Array.from({ length: 4000 }, (_, i) => (i * 7919) >>> 3));
  const first = 8;
  const sub = 400;
  const data = 800;
  const main: Entry[] = [
    [254, 'long', 1],
    [256, 'long', 16],
    [257, 'long', 12],
    [258, 'short', 8],
    [259, 'short', 1],
    [262, 'short', 2],
    [273, 'long', data],
    [274, 'short', orientation],
    [277, 'short', 3],
    [278, 'long', 12],
    [279, 'long', thumbnail.length],
    [330, 'long', sub],
    ...(isDng ? [[50706, 'long', 0x00000401] as Entry] : []),
  ];
  const head = Buffer.from(isLittle ? 'II*\0\0\0\0\0' : 'MM\0*\0\0\0\0', 'latin1');
  if (isLittle) head.writeUInt32LE(first, 4);
  else head.writeUInt32BE(first, 4);
  const file = Buffer.alloc(data);
  head.copy(file);
  directory(main, isLittle).copy(file, first);
  directory([[262, 'short', 32803]], isLittle).copy(file, sub);
  return Buffer.concat([file, thumbnail, ...previews.flatMap((preview) => [sensor, preview]), sensor]);
}

/** Red on the left, blue on the right. */
function preview(width: number, height: number): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width / 2}" height="${height}" fill="#f00"/>
    <rect x="${width / 2}" width="${width / 2}" height="${height}" fill="#00f"/></svg>`;
  return sharp(Buffer.from(svg)).flatten().jpeg({ quality: 95 }).toBuffer();
}

async function sizeOf(bytes: Uint8Array) {
  const picture = await openPicture({ name: 'it.dng', bytes });
  const { width, height, pixels } = await fit(picture, 64);
  return { format: picture.format, size: [picture.width, picture.height], width, height, pixels };
}

t.test('a RAW file gives its largest preview, not its thumbnail', async (t) => {
  const previews = [await preview(160, 120), await preview(1024, 768), await preview(800, 600)];
  for (const isLittle of [true, false]) {
    for (const isDng of [true, false]) {
      const { format, size, pixels } = await sizeOf(rawFile({ previews, isLittle, isDng }));
      t.equal(format, 'raw');
      t.strictSame(size, [1024, 768]);
      t.ok(pixels[0]! > 240 && pixels[2]! < 15, 'red on the left');
    }
  }
});

t.test('it is turned as the file says', async (t) => {
  const { size, width, pixels } = await sizeOf(
    rawFile({ previews: [await preview(1024, 768)], orientation: 6 }),
  );
  t.strictSame(size, [768, 1024]);
  t.ok(pixels[0]! > 240 && pixels[3 * (width - 1)]! > 240, 'red above, when turned to the right');
  const own = await sharp(await preview(1024, 768))
    .withMetadata({ orientation: 8 })
    .jpeg()
    .toBuffer();
  const { pixels: left } = await sizeOf(rawFile({ previews: [own], orientation: 6 }));
  t.ok(left[2]! > 240, 'and the preview itself knows best');
});

t.test('makers whose files are no TIFF', async (t) => {
  const jpeg = await preview(1280, 960);
  for (const beginning of [
    'FUJIFILMCCD-RAW 0201',
    'IIRO\x08\0\0\0',
    'IIU\0\x08\0\0\0',
    '\0\0\0\x18ftypcrx \0\0\0\x01crx isom',
    'FOVb',
    'II*\0\x10\0\0\0CR\x02\0',
  ]) {
    const head = Buffer.alloc(256);
    head.write(beginning, 'latin1');
    t.match(
      await sizeOf(Buffer.concat([head, jpeg, Buffer.alloc(100)])),
      { format: 'raw', size: [1280, 960] },
      beginning,
    );
  }
});

t.test('without a preview that can be shown, it is refused with what to do', async (t) => {
  const torn = (await preview(1024, 768)).subarray(0, 300);
  for (const previews of [[], [await preview(320, 240)], [torn]]) {
    await t.rejects(sizeOf(rawFile({ previews })), {
      code: 'BAD_PICTURE',
      message:
        /^it\.dng (?:is a camera's RAW file without a preview .*: export it as JPEG|can't be decoded as RAW)/,
    });
  }
});

t.test('a TIFF picture stays one, and directories in a circle end', async (t) => {
  const tiff = await sharp(await preview(300, 200))
    .tiff()
    .toBuffer();
  t.match(await sizeOf(tiff), { format: 'tiff', size: [300, 200] });
  const circle = rawFile({ previews: [await preview(1024, 768)] });
  circle.writeUInt32LE(8, 400 + 2 + 12);
  t.match(await sizeOf(circle), { format: 'raw' });
});
