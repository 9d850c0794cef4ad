import sharp, { type Sharp } from 'sharp';
import t from 'tap';
import { fit, openPicture, squash } from '../../../models/pictures/index.ts';

const SIDE = 80;

/** A disc of a colour, or two halves of it, on transparency. */
async function logo(left: string, right = left): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}">
    <clipPath id="left"><rect width="${SIDE / 2}" height="${SIDE}"/></clipPath>
    <circle cx="40" cy="40" r="30" fill="${right}"/><circle cx="40" cy="40" r="30" fill="${left}" clip-path="url(#left)"/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

async function fitted(bytes: Uint8Array) {
  const { pixels, width } = await fit(await openPicture({ name: 'it', bytes }), 1920);
  return (x: number, y: number): number[] => [
    ...pixels.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
  ];
}

t.test('transparency is laid on a ground that contrasts', async (t) => {
  const BLACK = [0, 0, 0];
  const WHITE = [255, 255, 255];
  for (const [colours, ground] of [
    [['#fff'], BLACK],
    [['#e03030'], BLACK],
    [['#000'], WHITE],
    [['#1a1a40'], WHITE],
    [['#222', '#300'], WHITE],
    [
      ['#000', '#fff'],
      [119, 119, 119],
    ],
  ] as const) {
    const bytes = await logo(...(colours as readonly [string, string?]));
    const at = await fitted(bytes);
    t.strictSame(at(1, 1), ground, colours.join());
    const squashed = await squash(await openPicture({ name: 'it', bytes }), { width: 8, height: 8 });
    t.strictSame([...squashed.subarray(0, 3)], ground, 'and so for the model');
  }
  const round = await sharp(await logo('#111'))
    .extract({ left: 15, top: 15, width: 50, height: 50 })
    .png()
    .toBuffer();
  t.strictSame((await fitted(round))(0, 0), BLACK, 'round corners of a dark picture stay dark');
});

t.test('greys with opacity and 16 bits are laid on it too', async (t) => {
  const coded = await sharp(await logo('#000'))
    .toColourspace('b-w')
    .png()
    .toBuffer();
  t.equal((await sharp(coded).metadata()).channels, 2);
  t.strictSame((await fitted(coded))(1, 1), [255, 255, 255]);
  const deep = await sharp(await logo('#000'))
    .toColourspace('rgb16')
    .png()
    .toBuffer();
  t.equal((await sharp(deep).metadata()).depth, 'ushort');
  t.strictSame((await fitted(deep))(1, 1), [255, 255, 255]);
});

/** An animation that fades in to four quarters of plain colours. */
async function fadeIn(frames: number, format: 'gif' | 'webp'): Promise<Buffer> {
  const picture = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}"><rect width="40" height="80" fill="#f33"/>
     <rect x="40" width="40" height="80" fill="#33f"/></svg>`,
  );
  const faded = await Promise.all(
    Array.from({ length: frames }, (_, i) =>
      sharp(picture)
        .flatten()
        .linear(i / (frames - 1), 0)
        .png()
        .toBuffer(),
    ),
  );
  return sharp(faded, { join: { animated: true } })
    .toFormat(format)
    .toBuffer();
}

t.test('of an animation that fades in, the fullest frame is taken', async (t) => {
  for (const format of ['gif', 'webp'] as const) {
    for (const frames of [2, 12, 40]) {
      const at = await fitted(await fadeIn(frames, format));
      t.ok(at(10, 40)[0]! > 180 && at(70, 40)[2]! > 180, `${format}, ${frames} frames: ${at(10, 40).join()}`);
    }
  }
});

t.test('an animation with a damaged frame is refused', async (t) => {
  const bytes = await fadeIn(12, 'webp');
  await t.rejects(fitted(bytes.subarray(0, bytes.length - 200)), { code: 'BAD_PICTURE' });
});

/** Bands of colours, every row another. */
function bands(width: number, height: number): Sharp {
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const row = Math.floor(i / 3 / width);
    return (40 + row * 0.6 + 30 * Math.sin(i / 50)) % 256;
  });
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

t.test('a JPEG cut off near its end is shown without what is lost, where that is wanted', async (t) => {
  for (const [orientation, turned] of [
    [1, false],
    [6, true],
  ] as const) {
    const whole = await bands(320, 320).jpeg({ quality: 90 }).withMetadata({ orientation }).toBuffer();
    const cut = { name: 'cut.jpg', bytes: whole.subarray(0, Math.floor(whole.length * 0.96)) };
    await t.rejects(
      openPicture(cut).then((picture) => fit(picture, 1920)),
      { code: 'BAD_PICTURE' },
    );
    const losses: number[] = [];
    const options = { onLoss: (part: number) => losses.push(part) };
    const { pixels, width, height } = await fit(await openPicture(cut), 1920, options);
    t.equal(losses.length, 1);
    t.ok(losses[0]! > 0 && losses[0]! <= 0.1, `${losses[0]} is lost`);
    t.equal(turned ? width : height, Math.round(320 * (1 - losses[0]!)));
    const { pixels: wanted } = await fit(await openPicture({ name: 'whole.jpg', bytes: whole }), 1920);
    let worst = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < 3 * width; x++) {
        // Turned to the right, the lost rows are the columns on the left.
        const from = turned ? 3 * (320 - width) : 0;
        worst = Math.max(worst, Math.abs(pixels[3 * width * y + x]! - wanted[3 * 320 * y + from + x]!));
      }
    }
    // The colours of the last row are mixed with those of the row that is lost.
    t.ok(worst <= 5, `off by ${worst}`);
  }
});

t.test('what has lost more is refused', async (t) => {
  const whole = await bands(320, 320).jpeg({ quality: 90 }).toBuffer();
  const half = { name: 'half.jpg', bytes: whole.subarray(0, whole.length / 2) };
  const onLoss = (): void => {
    t.fail('nothing is shown');
  };
  await t.rejects(
    openPicture(half).then((picture) => fit(picture, 1920, { onLoss })),
    { code: 'BAD_PICTURE' },
  );
  const progressive = await bands(320, 320).jpeg({ quality: 90, progressive: true }).toBuffer();
  const early = { name: 'early.jpg', bytes: progressive.subarray(0, progressive.length * 0.2) };
  await t.rejects(
    openPicture(early).then((picture) => fit(picture, 1920, { onLoss })),
    { code: 'BAD_PICTURE' },
  );
  const losses: number[] = [];
  const late = { name: 'late.jpg', bytes: progressive.subarray(0, progressive.length - 20) };
  await fit(await openPicture(late), 1920, { onLoss: (part) => losses.push(part) });
  t.strictSame(losses, [0], 'only fine detail');
});
