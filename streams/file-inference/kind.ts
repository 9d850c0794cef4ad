import { stat } from 'node:fs/promises';
import { SynestheteError } from '../../models/errors.ts';
import { beginsAsPicture } from '../../models/pictures/index.ts';

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
  return (await beginsAsPicture(path)) ? 'image' : 'music';
}
