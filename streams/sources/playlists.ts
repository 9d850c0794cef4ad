import { extname } from 'node:path';

/** How the playlists begin that ffmpeg would follow, or that players write, after marks and white space. */
const BEGINNINGS =
  /^(?:#EXT|ffconcat\b|\[playlist\]|\[reference\]|<\?xml|<(?:asx|smil|playlist|MPD|SmoothStreamingMedia)\b)/i;
/** ffmpeg looks for DASH anywhere in the beginning. */
const DASH = /<MPD\b/i;
/** Tab, line feed and carriage return. */
const SPACES: ReadonlySet<number> = new Set([9, 10, 13]);
const NAMES: ReadonlySet<string> = new Set([
  ...['.m3u', '.m3u8', '.pls', '.xspf', '.asx', '.wpl', '.cue', '.mpd', '.ffconcat', '.smil', '.wax', '.ram'],
]);
/** Part of the bytes that are control characters, at most, in a damaged playlist. In sound there are twice as many. */
const MOST_CONTROLS = 0.05;

/**
 * Whether a file is a playlist, by how it begins: also one with control characters in it, such as the NULs of UTF-16, which is no
 * text for other purposes. ffmpeg takes it for a playlist all the same, and would play the files that it names.
 * @param bytes the beginning of the file
 */
export function isPlaylist(path: string, bytes: Buffer): boolean {
  const text = bytes.toString('latin1').replaceAll('\0', '');
  // eslint-disable-next-line no-control-regex -- control characters are what is skipped
  const begun = text.replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\x00-\x20]*/u, '');
  if (BEGINNINGS.test(begun) || DASH.test(text)) return true;
  if (!NAMES.has(extname(path).toLowerCase())) return false;
  const controls = bytes.reduce((count, byte) => count + (byte < 0x20 && !SPACES.has(byte) ? 1 : 0), 0);
  return controls <= MOST_CONTROLS * bytes.length && !text.startsWith('ID3');
}
