import { crc32, deflateSync } from 'node:zlib';
import type { Metadata } from 'sharp';
import sharp from 'sharp';
import { sha256 } from '../checksum.ts';

/**
 * How pixels become 8-bit sRGB: they are sRGB already, whatever profile is embedded; they are opaque 8-bit red, green
 * and blue with another profile; or they are something else (CMYK, greys, 16 bits, …).
 */
export type Colours = 'srgb' | 'profiled' | 'other';

/** Steps of red, green and blue in the colours that test a profile. */
const STEPS = 16;
/** Tolerance, of 255: the various sRGB profiles round differently. */
const ROUNDING = 1;

/** The signature of a PNG and its first chunk, IHDR. */
const PNG_HEAD_BYTES = 33;

/** Results by the profile's SHA-256: a camera writes the same profile into all of its pictures. */
const tried = new Map<string, Promise<boolean>>();

/** @param metadata of the stored picture */
export async function coloursOf({ space, depth, hasAlpha, icc }: Metadata): Promise<Colours> {
  if (space !== 'srgb' || depth !== 'uchar') return 'other';
  if (icc === undefined) return 'srgb';
  const key = sha256(icc);
  let leaves = tried.get(key);
  if (!leaves) {
    leaves = leavesColours(icc);
    tried.set(key, leaves);
  }
  if (await leaves) return 'srgb';
  return hasAlpha ? 'other' : 'profiled';
}

/**
 * Whether a profile maps colours from all over the cube to themselves, up to rounding. False for one that the decoder
 * can't use: the decoder then decides about the picture.
 */
async function leavesColours(icc: Uint8Array): Promise<boolean> {
  const lattice = Uint8Array.from({ length: 3 * STEPS ** 3 }, (_, i) => {
    const step = Math.floor(Math.floor(i / 3) / STEPS ** (i % 3)) % STEPS;
    return Math.round((255 * step) / (STEPS - 1));
  });
  const raw = { width: STEPS ** 2, height: STEPS, channels: 3 } as const;
  const png = await sharp(lattice, { raw }).png().toBuffer();
  const profiled = Buffer.concat([
    png.subarray(0, PNG_HEAD_BYTES),
    profileChunk(icc),
    png.subarray(PNG_HEAD_BYTES),
  ]);
  try {
    const seen = await sharp(profiled, { failOn: 'error' }).toColourspace('srgb').raw().toBuffer();
    return lattice.every((value, i) => Math.abs(value - seen[i]!) <= ROUNDING);
  } catch {
    return false;
  }
}

/** PNG's chunk for a profile (iCCP): a name, the compression method, the compressed profile. */
function profileChunk(icc: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from('iCCPicc\0\0', 'latin1'), deflateSync(icc)]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}
