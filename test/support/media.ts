import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { noise16, wav16 } from '../streams/sources/support/signals.ts';

/** A picture of one colour, as PNG whatever its name: the formula model reads red as valence, blue as arousal. */
export async function writePicture(path: string, colour: { r: number; g: number; b: number }): Promise<void> {
  const picture = sharp({ create: { width: 20, height: 12, channels: 3, background: colour } });
  await writeFile(path, await picture.png().toBuffer());
}

/** A melody by formula: tones of half a second over noise, mono at 22,050 Hz. */
export async function writeMusic(path: string, seconds: number, seed = 1): Promise<void> {
  const rateHz = 22_050;
  const noise = noise16(rateHz, seed);
  const at = (n: number): number => {
    const note = (Math.floor((2 * n) / rateHz) * (seed + 2)) % 12;
    const hz = 220 * 2 ** (note / 12);
    return Math.round(9000 * Math.sin((2 * Math.PI * hz * n) / rateHz) + noise[n % rateHz]! / 16);
  };
  await writeFile(path, wav16(rateHz, 1, Math.round(seconds * rateHz), at));
}
