import { createHash } from 'node:crypto';
import { openFile } from './read-file.ts';

/** SHA-256 of bytes (a string counts as UTF-8), as 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * SHA-256 of a file's content, read once in pieces, so that a large file needs little memory.
 *
 * @throws SynestheteError FILE_NOT_FOUND or NOT_A_FILE.
 */
export async function sha256OfFile(path: string): Promise<string> {
  const file = await openFile(path);
  const hash = createHash('sha256');
  for await (const chunk of file.createReadStream({ highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
