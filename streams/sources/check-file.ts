import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { SynestheteError } from '../../models/errors.ts';
import { isPlaylist } from './playlists.ts';

/**
 * What a file is refused for before ffmpeg sees it.
 *
 * Rejects with FILE_NOT_FOUND, NOT_A_FILE, NO_AUDIO (empty, text, or a playlist).
 */
export async function checkSoundFile(path: string): Promise<void> {
  let found;
  try {
    found = await stat(path);
    await access(path, constants.R_OK);
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === 'EACCES';
    throw new SynestheteError('FILE_NOT_FOUND', `${path} ${denied ? 'may not be read' : 'does not exist'}`, {
      cause: error,
    });
  }
  if (found.isDirectory()) throw new SynestheteError('NOT_A_FILE', `${path} is a folder: name a sound file`);
  if (!found.isFile()) {
    throw new SynestheteError('NOT_A_FILE', `${path} is not an ordinary file`, {
      remedy: { kind: 'standard-input' },
    });
  }
  if (found.size === 0) throw new SynestheteError('NO_AUDIO', `${path} is empty (0 bytes)`);
  const beginning = await beginningOf(path);
  if (isPlaylist(path, beginning)) {
    throw new SynestheteError('NO_AUDIO', `${path} is a playlist: name the sound files that it lists`);
  }
  if (holdsText(beginning))
    throw new SynestheteError('NO_AUDIO', `${path} is text: neither a picture nor sound`);
}

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROLS = /[\x00-\x08\x0e-\x1a\x1c-\x1f]/;

/** The first bytes of a file, at most 4,096. */
export async function beginningOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Text in UTF-8, in UTF-16 with its mark, or in an 8-bit code whose letters are mostly those of ASCII. Every format of
 * sound has zeros or control characters in its first bytes, and text has none. ffmpeg can't be left to judge: it takes
 * text with even lines for AMR speech and decodes it to noise.
 */
function holdsText(bytes: Buffer): boolean {
  const mark = bytes.toString('hex', 0, 2);
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  try {
    return !CONTROLS.test(new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true }));
  } catch {
    const plain = bytes.reduce((count, byte) => count + (byte < 0x7f ? 1 : 0), 0);
    return plain >= 0.75 * bytes.length && !CONTROLS.test(bytes.toString('latin1'));
  }
}
