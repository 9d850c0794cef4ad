/** The beginnings of RAW files that are no TIFF files, and of those TIFF files that are RAW by their first bytes. */
const BEGINNINGS: readonly (readonly [at: number, text: string])[] = [
  [0, 'FUJIFILMCCD-RAW'],
  [0, 'IIRO'], // Olympus
  [0, 'IIRS'],
  [0, 'MMOR'],
  [0, 'IIU\0'], // Panasonic
  [0, 'FOVb'], // Sigma
  [0, '\0MRM'], // Minolta
  [4, 'ftypcrx '], // Canon CR3
  [8, 'CR\x02\0'], // Canon CR2
];

const DNG_VERSION = 50706;
const PHOTOMETRIC = 262;
const SUB_IFDS = 330;
const ORIENTATION = 274;
/** Photometric interpretations of sensors: a colour filter array, linear raw (DNG specification). */
const SENSOR = new Set([32803, 34892]);
/** Directories that are looked at, so that a file which leads in circles ends. */
const MOST_DIRECTORIES = 32;

/** Whether a file begins as a camera's RAW file does. A TIFF file may be one as well: see `rawFacts`. */
export function beginsAsRaw(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(32, head.length)).toString('latin1');
  return BEGINNINGS.some(([at, start]) => text.startsWith(start, at));
}

/**
 * Whether a TIFF file is a camera's RAW file (DNG, NEF, ARW, PEF, …), and its EXIF orientation, 1..8.
 * Source: TIFF 6.0, the DNG specification 1.7.
 */
export function rawFacts(file: Uint8Array): { readonly isRaw: boolean; readonly orientation: number } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const isLittle = file[0] === 0x49;
  const u16 = (at: number): number => (at + 2 <= file.length ? view.getUint16(at, isLittle) : 0);
  const u32 = (at: number): number => (at + 4 <= file.length ? view.getUint32(at, isLittle) : 0);
  let isRaw = beginsAsRaw(file);
  let orientation = 0;
  const directories = [u32(4)];
  for (let i = 0; i < Math.min(directories.length, MOST_DIRECTORIES); i++) {
    const start = directories[i]!;
    const entries = start === 0 ? 0 : u16(start);
    for (let entry = 0; entry < entries; entry++) {
      const at = start + 2 + 12 * entry;
      const tag = u16(at);
      const isShort = u16(at + 2) === 3;
      const count = u32(at + 4);
      const value = isShort ? u16(at + 8) : u32(at + 8);
      if (tag === DNG_VERSION || (tag === PHOTOMETRIC && SENSOR.has(value))) isRaw = true;
      if (tag === ORIENTATION && orientation === 0) orientation = value;
      if (tag !== SUB_IFDS) continue;
      if (count === 1) directories.push(value);
      else for (let k = 0; k < Math.min(count, MOST_DIRECTORIES); k++) directories.push(u32(value + 4 * k));
    }
    const next = entries === 0 ? 0 : u32(start + 2 + 12 * entries);
    if (next !== 0) directories.push(next);
  }
  return { isRaw, orientation: orientation >= 1 && orientation <= 8 ? orientation : 1 };
}

interface Preview {
  readonly start: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The JPEG pictures inside a RAW file, the largest first: cameras keep one or more for their screens. They are found by
 * their markers, wherever the maker puts them. Those without loss, which hold the sensor's data, don't count.
 */
export function embeddedPreviews(file: Uint8Array): Preview[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const found: Preview[] = [];
  for (let start = bytes.indexOf(SOI); start >= 0; start = bytes.indexOf(SOI, start + SOI.length)) {
    const size = jpegSize(bytes, start);
    if (size !== undefined) found.push({ start, ...size });
  }
  return found.sort((a, b) => b.width * b.height - a.width * a.height);
}

const SOI = Buffer.from([0xff, 0xd8, 0xff]);
const [SOF0, SOF2, SOS] = [0xc0, 0xc2, 0xda];
/** Segments before the size; an EXIF segment has at most 64 KiB. */
const MOST_SEGMENTS = 64;

/** @returns undefined when it is no baseline or progressive JPEG of 8 bits */
function jpegSize(bytes: Buffer, start: number): Omit<Preview, 'start'> | undefined {
  let at = start + 2;
  for (let segment = 0; segment < MOST_SEGMENTS && at + 9 < bytes.length; segment++) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff || marker < SOF0 || marker === SOS) return undefined;
    if (marker >= SOF0 && marker <= SOF2) {
      const [bits, height, width] = [bytes[at + 4], bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
      return bits === 8 && width > 0 && height > 0 ? { width, height } : undefined;
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

/** The JPEG with an EXIF segment that holds nothing but the orientation. */
export function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  const segment = Buffer.from(
    'ffe1 0022 457869660000 4d4d 002a 00000008 0001 0112 0003 00000001 0000 0000 00000000'.replaceAll(
      ' ',
      '',
    ),
    'hex',
  );
  segment.writeUInt16BE(orientation, segment.length - 8);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}
