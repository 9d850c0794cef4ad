import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';

type Colour = readonly [red: number, green: number, blue: number];

export interface Formula {
  readonly width?: number;
  readonly height?: number;
  /** Pictures of different seeds look different. */
  readonly seed?: number;
  /** Mean colour, 0..255. */
  readonly colour?: Colour;
  /** How far colours go from their mean. */
  readonly contrast?: number;
}

/** A picture by formula: some waves of low frequencies over a colour. */
export function waves(formula: Formula = {}): Sharp {
  const { width = 64, height = 48, seed = 1, colour = [120, 60, 120], contrast = 60 } = formula;
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < 8; i++) random();
  const terms = Array.from({ length: 6 }, () => ({
    x: Math.floor(random() * 5),
    y: Math.floor(random() * 5) + 1,
    phase: random() * 2 * Math.PI,
    channel: Math.floor(random() * 3),
  }));
  const pixels = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 3 * (y * width + x);
      const sums = [0, 0, 0];
      for (const term of terms) {
        const value = Math.cos(Math.PI * ((term.x * x) / width + (term.y * y) / height) + term.phase);
        for (let c = 0; c < 3; c++) sums[c]! += value * (c === term.channel ? 1 : 0.5);
      }
      for (let c = 0; c < 3; c++) {
        pixels[at + c] = Math.max(0, Math.min(255, Math.round(colour[c]! + (contrast * sums[c]!) / 3)));
      }
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

export async function put(folder: string, file: string, content: Uint8Array | Sharp): Promise<string> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content instanceof Uint8Array ? content : await content.png().toBuffer());
  return path;
}

/** A gallery of as many different pictures, every third in a bank of its own. */
export async function putMany(folder: string, count: number, from = 0): Promise<void> {
  for (let i = from; i < from + count; i++) {
    const name = `${String(i).padStart(3, '0')}.png`;
    await put(
      folder,
      i % 3 === 2 ? `sea/${name}` : name,
      waves({ seed: i + 1, colour: [40 + (i % 50) * 3, 50, 90] }),
    );
  }
}
