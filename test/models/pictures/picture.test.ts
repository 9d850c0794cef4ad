import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import t, { type Test } from 'tap';
import { SynestheteError } from '../../../models/errors.ts';
import { fit, openPicture, resizePixels, squash } from '../../../models/pictures/index.ts';
import type { PictureSource, PixelSize } from '../../../models/pictures/index.ts';

type Colour = readonly [red: number, green: number, blue: number];

const WIDTH = 48;
const HEIGHT = 32;
const RED: Colour = [220, 30, 40];
const GREEN: Colour = [30, 190, 60];
const BLUE: Colour = [40, 60, 210];
const YELLOW: Colour = [230, 220, 40];

/** Four quarters of plain colours: red and green above, blue and yellow below. */
function quarters(): Sharp {
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const colour = [RED, GREEN, BLUE, YELLOW][(y < HEIGHT / 2 ? 0 : 2) + (x < WIDTH / 2 ? 0 : 1)]!;
      pixels.set(colour, 3 * (y * WIDTH + x));
    }
  }
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
}

/** Noise by formula, which no coder makes small, so that half of the file is half of the picture. */
function noise(side: number): Sharp {
  let state = 1;
  const pixels = Uint8Array.from({ length: side * side * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } });
}

async function look(source: PictureSource) {
  const picture = await openPicture(source);
  const size = { width: 8, height: 8 };
  const pixels = await squash(picture, size);
  const at = (x: number, y: number): number[] => [...pixels.subarray(3 * (8 * y + x), 3 * (8 * y + x) + 3)];
  return { ...picture, pixels, corners: [at(1, 1), at(6, 1), at(1, 6), at(6, 6)] };
}

function named(bytes: Uint8Array, name = 'it.jpg'): PictureSource {
  return { name, bytes };
}

async function refusal(source: PictureSource): Promise<SynestheteError> {
  try {
    await look(source);
  } catch (error) {
    if (error instanceof SynestheteError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

function near(
  t: Test,
  found: readonly number[][],
  wanted: readonly Colour[],
  tolerance: number,
  name: string,
) {
  const worst = Math.max(
    ...wanted.flatMap((colour, i) => colour.map((value, c) => Math.abs(value - found[i]![c]!))),
  );
  t.ok(worst <= tolerance, `${name}: off by ${worst}, at most ${tolerance}`);
}

/** Tolerances: lossy coders with colour at half the resolution blur the borders; GIF has a palette. */
const CODED: [string, (s: Sharp) => Sharp, number][] = [
  ['jpeg', (s) => s.jpeg({ quality: 95 }), 8],
  ['png', (s) => s.png(), 2],
  ['webp', (s) => s.webp({ quality: 95 }), 12],
  ['avif', (s) => s.avif({ quality: 80, effort: 0 }), 12],
  ['tiff', (s) => s.tiff({ compression: 'lzw' }), 2],
  ['gif', (s) => s.gif(), 4],
];

t.test('each format is known by its content, under any name', async (t) => {
  for (const [format, coded, tolerance] of CODED) {
    const { corners, ...picture } = await look(named(await coded(quarters()).toBuffer(), 'a.txt'));
    t.match(picture, { name: 'a.txt', format, width: WIDTH, height: HEIGHT });
    t.equal(picture.pixels.length, 8 * 8 * 3);
    near(t, corners, [RED, GREEN, BLUE, YELLOW], tolerance, format);
  }
});

t.test('a file gives what its content gives, whatever signs its name has', async (t) => {
  const bytes = await quarters().png().toBuffer();
  for (const name of ['plain.png', 'a[page=3].png', 'ünïcode ☂.jpg', 'no-extension', '%d.png']) {
    const path = join(t.testdir(), name);
    await writeFile(path, bytes);
    const picture = await look(path);
    t.equal(picture.name, path);
    t.same(picture.pixels, (await look(named(bytes))).pixels);
    t.equal(
      createHash('sha256').update(picture.bytes).digest('hex'),
      createHash('sha256').update(bytes).digest('hex'),
    );
  }
});

t.test('a replaced file is noticed', async (t) => {
  const path = join(t.testdir(), 'it.png');
  await writeFile(path, await quarters().png().toBuffer());
  const before = await look(path);
  await writeFile(path, await quarters().flip().png().toBuffer());
  near(t, (await look(path)).corners, [BLUE, YELLOW, RED, GREEN], 2, 'after');
  near(t, before.corners, [RED, GREEN, BLUE, YELLOW], 2, 'before');
});

t.test('every EXIF orientation is honoured', async (t) => {
  // Where the stored corners (upper left, upper right, lower left, lower right) are seen, from the EXIF standard.
  const seen: Record<number, Colour[]> = {
    1: [RED, GREEN, BLUE, YELLOW],
    2: [GREEN, RED, YELLOW, BLUE],
    3: [YELLOW, BLUE, GREEN, RED],
    4: [BLUE, YELLOW, RED, GREEN],
    5: [RED, BLUE, GREEN, YELLOW],
    6: [BLUE, RED, YELLOW, GREEN],
    7: [YELLOW, GREEN, BLUE, RED],
    8: [GREEN, YELLOW, RED, BLUE],
  };
  for (const [orientation, corners] of Object.entries(seen)) {
    const bytes = await quarters()
      .withMetadata({ orientation: Number(orientation) })
      .jpeg({ quality: 95 })
      .toBuffer();
    const picture = await look(named(bytes));
    const turned = Number(orientation) > 4;
    t.equal(picture.width, turned ? HEIGHT : WIDTH);
    t.equal(picture.height, turned ? WIDTH : HEIGHT);
    near(t, picture.corners, corners, 8, `orientation ${orientation}`);
  }
});

t.test('every kind of pixels becomes 8-bit sRGB', async (t) => {
  const grey: Colour[] = (await look(named(await quarters().greyscale().png().toBuffer()))).corners.map(
    ([value]) => [value!, value!, value!],
  );
  t.not(grey[0]![0], grey[1]![0]);
  const cases: [string, Buffer, readonly Colour[], number][] = [
    ['16 bit PNG', await quarters().toColourspace('rgb16').png().toBuffer(), [RED, GREEN, BLUE, YELLOW], 2],
    [
      '16 bit TIFF',
      await quarters().toColourspace('rgb16').tiff({ compression: 'none' }).toBuffer(),
      [RED, GREEN, BLUE, YELLOW],
      2,
    ],
    ['grey PNG', await quarters().greyscale().png().toBuffer(), grey, 0],
    ['grey JPEG', await quarters().greyscale().jpeg({ quality: 95 }).toBuffer(), grey, 4],
    ['16 bit grey PNG', await quarters().toColourspace('grey16').png().toBuffer(), grey, 2],
    ['palette PNG', await quarters().png({ palette: true }).toBuffer(), [RED, GREEN, BLUE, YELLOW], 2],
    ['Display P3', await quarters().withIccProfile('p3').png().toBuffer(), [RED, GREEN, BLUE, YELLOW], 4],
  ];
  for (const [name, bytes, corners, tolerance] of cases) {
    const picture = await look(named(bytes));
    t.equal(picture.pixels.length, 8 * 8 * 3, name);
    near(t, picture.corners, corners, tolerance, name);
  }
});

t.test('a profile that changes no colour is known from one that does', async (t) => {
  const wide = await quarters().withIccProfile('p3').png().toBuffer();
  const cases: [string, Buffer, string][] = [
    ['no profile', await quarters().png().toBuffer(), 'srgb'],
    ['sRGB', await quarters().withIccProfile('srgb').png().toBuffer(), 'srgb'],
    ['Display P3', wide, 'profiled'],
    ['Display P3 in JPEG', await quarters().withIccProfile('p3').jpeg().toBuffer(), 'profiled'],
    ['transparent Display P3', await sharp(wide).keepIccProfile().ensureAlpha(0.5).png().toBuffer(), 'other'],
    ['grey', await quarters().greyscale().toColourspace('b-w').png().toBuffer(), 'other'],
    ['16 bit', await quarters().toColourspace('rgb16').png().toBuffer(), 'other'],
    ['CMYK', await quarters().toColourspace('cmyk').jpeg().toBuffer(), 'other'],
  ];
  for (const [name, bytes, colours] of cases) {
    t.equal((await openPicture(named(bytes, name))).colours, colours, name);
  }
});

/** The colours in the middles of the quarters: at borders it matters whether colours are mixed before they are transformed. */
function middles(pixels: Uint8Array, { width, height }: PixelSize): number[][] {
  return [1, 3].flatMap((y) =>
    [1, 3].map((x) => {
      const at = 3 * (Math.floor((y * height) / 4) * width + Math.floor((x * width) / 4));
      return [...pixels.subarray(at, at + 3)];
    }),
  );
}

t.test('fitted pictures have the colours of squashed ones, whatever their profile', async (t) => {
  const sizes = [20, WIDTH] as const;
  for (const profile of ['p3', 'srgb', undefined] as const) {
    for (const orientation of [1, 6] as const) {
      const turned = await quarters().withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
      const coded = sharp(turned).keepExif().jpeg({ quality: 95, chromaSubsampling: '4:4:4' });
      const bytes = await (profile === undefined ? coded : coded.withIccProfile(profile)).toBuffer();
      const picture = await openPicture(named(bytes));
      for (const side of sizes) {
        const { pixels, ...size } = await fit(picture, side);
        t.equal(Math.max(size.width, size.height), side);
        t.equal(size.width < size.height, orientation === 6);
        const wanted = middles(await squash(picture, size), size) as unknown as Colour[];
        near(t, middles(pixels, size), wanted, 2, `${profile}, orientation ${orientation}, ${side} pixels`);
      }
    }
  }
});

t.test('a profile that is none is passed over', async (t) => {
  const jpeg = await quarters().jpeg({ quality: 95 }).toBuffer();
  const marker = Buffer.from('\xff\xe2\x00\x1eICC_PROFILE\0\x01\x01not a profile.', 'latin1');
  const bytes = Buffer.concat([jpeg.subarray(0, 2), marker, jpeg.subarray(2)]);
  t.ok((await sharp(bytes).metadata()).icc);
  const picture = await openPicture(named(bytes));
  const plain = await openPicture(named(jpeg));
  for (const side of [20, WIDTH]) t.same((await fit(picture, side)).pixels, (await fit(plain, side)).pixels);
});

t.test('CMYK is turned into the colours it prints', async (t) => {
  const bytes = await quarters().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
  t.equal((await sharp(bytes).metadata()).space, 'cmyk');
  const { corners } = await look(named(bytes));
  const [red, green, blue, yellow] = corners as [number[], number[], number[], number[]];
  // Inks reach fewer colours, so only which channels lead is sure.
  t.ok(red[0]! > 150 && red[1]! < 100 && red[2]! < 100, `red ${red.join()}`);
  t.ok(green[1]! > green[0]! + 50 && green[1]! > green[2]! + 50, `green ${green.join()}`);
  t.ok(blue[2]! > blue[0]! + 40 && blue[2]! > blue[1]! + 40, `blue ${blue.join()}`);
  t.ok(yellow[0]! > 180 && yellow[1]! > 180 && yellow[2]! < 120, `yellow ${yellow.join()}`);
});

t.test('what is transparent shows the black of the stage', async (t) => {
  for (const coded of ['png', 'webp'] as const) {
    const bytes = await sharp({
      create: { width: 20, height: 20, channels: 4, background: { r: 200, g: 100, b: 50, alpha: 0.5 } },
    })
      .toFormat(coded, { lossless: true })
      .toBuffer();
    near(t, (await look(named(bytes))).corners, [[100, 50, 25], [100, 50, 25]], 1, coded); // prettier-ignore
  }
});

t.test('of an animation of full frames the first counts', async (t) => {
  const frames = await Promise.all([quarters(), quarters().flip()].map((frame) => frame.png().toBuffer()));
  for (const coded of ['gif', 'webp'] as const) {
    const bytes = await sharp(frames, { join: { animated: true } })
      .toFormat(coded, { quality: 95 })
      .toBuffer();
    t.equal((await sharp(bytes).metadata()).pages, 2);
    const picture = await look(named(bytes));
    t.equal(picture.height, HEIGHT);
    near(t, picture.corners, [RED, GREEN, BLUE, YELLOW], 12, coded);
  }
});

t.test('a picture of a single pixel is one', async (t) => {
  const bytes = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#0a141e' } })
    .png()
    .toBuffer();
  t.same((await look(named(bytes))).corners[3], [10, 20, 30]);
});

t.test('half a file is refused, whatever its format', async (t) => {
  for (const [format, coded] of CODED) {
    const bytes = await coded(noise(96)).toBuffer();
    const error = await refusal(named(bytes.subarray(0, bytes.length / 2), `half.${format}`));
    t.equal(error.code, 'BAD_PICTURE', format);
    t.match(error.message, /^half\..* can't be decoded as [A-Z]+ \(.+\): .*leave it out$/u);
    t.notMatch(error.message, '\n');
  }
});

/** A PNG of these dimensions with no pixels at all. */
function headerBomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', Buffer.alloc(0)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

t.test('huge dimensions are refused from the header', async (t) => {
  for (const [width, height] of [
    [14_143, 14_143],
    [100_000, 2_001],
    [900_000, 900_000],
  ] as const) {
    const error = await refusal(named(headerBomb(width, height), 'bomb.png'));
    t.equal(error.code, 'BAD_PICTURE');
    t.match(error.message, /^bomb\.png has .*more than 200 megapixels: make it smaller$/u);
  }
  t.match(await openPicture(named(headerBomb(14_142, 14_142))), { width: 14_142 });
});

t.test('what is no picture is refused by its content', async (t) => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  const cases: [string, string, RegExp][] = [
    ['drawing.jpg', svg, /an SVG drawing/u],
    ['declared.png', `<?xml version="1.0"?><!-- made by hand -->\n${svg}`, /an SVG drawing/u],
    ['paper.png', '%PDF-1.7\n1 0 obj', /a PDF document/u],
    ['nothing.jpg', '', /is empty/u],
    ['text.jpg', 'not a picture at all', /is no picture/u],
    ['short.jpg', '\xff', /is no picture/u],
    ['sound.webp', 'RIFF\x00\x00\x00\x00WAVEfmt ', /is no picture/u],
    ['film.heic', '\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42', /is no picture/u],
  ];
  for (const [name, content, reason] of cases) {
    const path = join(t.testdir(), name);
    await writeFile(path, Buffer.from(content, 'latin1'));
    const error = await refusal(path);
    t.equal(error.code, 'BAD_PICTURE', name);
    t.ok(error.message.startsWith(path));
    t.match(error.message, reason);
    t.match(error.message, /(convert it to JPEG or PNG|is empty: copy it here again), or leave it out$/u);
    t.equal((await refusal(named(Buffer.from(content, 'latin1'), path))).message, error.message);
  }
});

t.test('only the beginning of a header is no picture', async (t) => {
  for (const [format, coded] of CODED) {
    const bytes = await coded(quarters()).toBuffer();
    for (const length of [1, 4, 8, 12, 16, 24]) {
      t.equal((await refusal(named(bytes.subarray(0, length)))).code, 'BAD_PICTURE', `${format} ${length}`);
    }
  }
});

t.test('HEIC is recognised, and refused with advice where its coding is not known', async (t) => {
  // An AVIF file whose brand says HEIC: the box structure is right, the coding is another.
  const heic = Buffer.from('\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic', 'latin1');
  const error = await refusal(named(heic, 'phone.heic'));
  t.match(error, { code: 'BAD_PICTURE', message: /^phone\.heic can't be decoded as HEIC/u });
});

t.test('files that are not there, and folders', async (t) => {
  const folder = t.testdir();
  t.equal((await refusal(join(folder, 'absent.png'))).code, 'FILE_NOT_FOUND');
  await mkdir(join(folder, 'folder.png'));
  t.equal((await refusal(join(folder, 'folder.png'))).code, 'NOT_A_FILE');
});

t.test('the kernel can be chosen: cubic is what Pillow calls bicubic', async (t) => {
  const [from, to] = [{ width: 64, height: 8 }, { width: 16, height: 2 }]; // prettier-ignore
  const edge = Uint8Array.from({ length: 64 * 8 * 3 }, (_, i) => (Math.floor(i / 3) % 64 < 30 ? 60 : 200));
  // Image.resize of Pillow 11 by BICUBIC and LANCZOS; its coefficients and those of libvips are rounded differently.
  const expected = { cubic: [60, 60, 54, 130, 206, 200, 200], lanczos3: [60, 62, 49, 130, 211, 198, 200] };
  for (const [kernel, values] of Object.entries(expected)) {
    const size = { ...to, kernel: kernel as 'cubic' | 'lanczos3' };
    const png = await sharp(edge, { raw: { ...from, channels: 3 } })
      .png()
      .toBuffer();
    const squashed = await squash(await openPicture(named(png)), size);
    const resized = await resizePixels(edge, from, size);
    t.same(squashed, resized);
    values.forEach((value, i) => {
      t.ok(Math.abs(resized[3 * (i + 4)]! - value) <= 1, `${kernel}, column ${i + 4}`);
    });
  }
});
