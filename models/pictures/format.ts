import { beginsAsRaw } from './raw.ts';

/**
 * Formats that can be decoded. HEIC is recognised, but not every build has a decoder for its usual coding (HEVC). Of a
 * camera's RAW file the largest preview is decoded.
 */
export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif' | 'heic' | 'raw';

/** The most bytes from the beginning that `recognise` needs. */
export const HEAD_BYTES = 4096;

/**
 * Brands of an ISO base media file, whose last letters give the coding inside it (ISO/IEC 23008-12, AV1 Image File).
 */
const AVIF_BRANDS = new Set(['avif', 'avis']);
const HEIC_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1']);

/** Beginnings of files that people take for pictures and that are not decoded, for a helpful message. */
const OTHERS: readonly (readonly [prefix: string, name: string])[] = [
  ['%PDF', 'a PDF document'],
  ['BM', 'a BMP picture'],
  ['8BPS', 'a Photoshop document'],
  ['\x00\x00\x00\x0cJXL ', 'a JPEG XL picture'],
  ['\xff\x0a', 'a JPEG XL picture'],
  ['\x00\x00\x00\x0cjP  ', 'a JPEG 2000 picture'],
  ['\x00\x00\x01\x00', 'an icon'],
  ['PK\x03\x04', 'a ZIP archive'],
];

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

function isoMediaFormat(head: Uint8Array): PictureFormat | null {
  if (ascii(head, 4, 8) !== 'ftyp') return null;
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= Math.min(length, head.length); at += 4) {
    if (at !== 12) brands.push(ascii(head, at, at + 4)); // at 12 is the minor version
  }
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return 'avif';
  return brands.some((brand) => HEIC_BRANDS.has(brand)) ? 'heic' : null;
}

/**
 * The format by a file's first bytes, whatever its name. RAW files that are TIFF files by their beginning count as TIFF.
 * @returns null when it can't be decoded
 */
export function recognise(head: Uint8Array): PictureFormat | null {
  if (beginsAsRaw(head)) return 'raw';
  const start = ascii(head, 0, 8);
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (start === '\x89PNG\r\n\x1a\n') return 'png';
  if (/^GIF8[79]a/u.test(start)) return 'gif';
  if (/^(?:II[*+]\0|MM\0[*+])/u.test(start)) return 'tiff';
  if (start.startsWith('RIFF') && ascii(head, 8, 12) === 'WEBP') return 'webp';
  return head.length < 12 ? null : isoMediaFormat(head);
}

/** Describes a file that is no decodable picture. */
export function otherContent(head: Uint8Array): string {
  if (head.length === 0) return 'empty';
  const start = ascii(head, 0, 16);
  const other = OTHERS.find(([prefix]) => start.startsWith(prefix));
  if (other) return other[1];
  return /<svg[\s>]/iu.test(ascii(head, 0, HEAD_BYTES)) ? 'an SVG drawing' : 'no picture';
}

/**
 * Whether `openPicture` should judge a file with this beginning: a picture, or something that people take for one,
 * which it then names.
 */
export function looksLikePicture(head: Uint8Array): boolean {
  return recognise(head) !== null || !['no picture', 'empty'].includes(otherContent(head));
}
