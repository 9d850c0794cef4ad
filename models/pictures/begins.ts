import { openFile } from '../read-file.ts';
import { HEAD_BYTES, looksLikePicture } from './format.ts';

/**
 * Whether a file begins like a picture, or like something that people take for one (see `looksLikePicture`).
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE
 */
export async function beginsAsPicture(path: string): Promise<boolean> {
  const file = await openFile(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return looksLikePicture(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
