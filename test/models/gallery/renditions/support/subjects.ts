import sharp from 'sharp';

type Colour = readonly [red: number, green: number, blue: number];

export const BRIGHT: Colour = [255, 214, 40];
export const SKIN: Colour = [224, 172, 138];

export interface Subject {
  /** Of the picture's width and height. */
  readonly x: number;
  readonly y: number;
  /** Of its shorter side. */
  readonly radius: number;
  readonly colour: Colour;
}

/** A dim picture with a disc: a subject that everybody looks at. As a JPEG; made small and enlarged, which takes less time. */
export async function pictureOf(width: number, height: number, subject: Subject): Promise<Buffer> {
  const shrink = Math.max(1, Math.floor(Math.min(width, height) / 250));
  const size = { width: Math.round(width / shrink), height: Math.round(height / shrink) };
  const pixels = Buffer.alloc(3 * size.width * size.height);
  const radius = subject.radius * Math.min(size.width, size.height);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const isSubject = Math.hypot(x - subject.x * size.width, y - subject.y * size.height) < radius;
      const dim = 50 + 14 * Math.sin(x / 9) + 9 * Math.cos(y / 7);
      pixels.set(isSubject ? subject.colour : [dim, dim, dim + 8], 3 * (y * size.width + x));
    }
  }
  return sharp(pixels, { raw: { ...size, channels: 3 } })
    .resize(width, height, { fit: 'fill' })
    .jpeg()
    .toBuffer();
}

/** The part of a file's pixels that have the colour of the subject, and where their middle is, each axis in [0, 1]. */
export async function subjectIn(file: string, [red, green, blue]: Colour) {
  const { data, info } = await sharp(file)
    .resize(200, 200, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  let count = 0;
  let [x, y] = [0, 0];
  for (let i = 0; i < data.length; i += info.channels) {
    const distance = Math.hypot(data[i]! - red, data[i + 1]! - green, data[i + 2]! - blue);
    if (distance > 60) continue;
    count++;
    x += ((i / info.channels) % 200) / 200;
    y += Math.floor(i / info.channels / 200) / 200;
  }
  return { share: count / (200 * 200), x: x / count, y: y / count };
}
