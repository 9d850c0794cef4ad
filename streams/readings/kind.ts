import { stat } from 'node:fs/promises';
import { SynestheteError } from '../../models/errors.ts';
import { looksLikePicture, PICTURE_HEAD_BYTES } from '../../models/pictures/index.ts';
import { openFile } from '../../models/read-file.ts';

export type MediaKind = 'image' | 'music';

/**
 * Whether a file is a picture or sound, by its content and not by its name. What is neither counts as music, where
 * ffmpeg then says what is wrong with it.
 *
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE.
 */
export async function kindOf(path: string): Promise<MediaKind> {
  // A pipe would be waited for when it is opened.
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    throw new SynestheteError('NOT_A_FILE', `${path} is a folder: name the files in it`);
  }
  if (found?.isFile() === false) throw new SynestheteError('NOT_A_FILE', `${path} is not an ordinary file`);
  const file = await openFile(path);
  try {
    const head = Buffer.alloc(PICTURE_HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return looksLikePicture(head.subarray(0, bytesRead)) ? 'image' : 'music';
  } finally {
    await file.close();
  }
}
