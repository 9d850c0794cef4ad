import type { Columns, FileColumns } from './columns.ts';
import { damaged, type IndexDirectory } from './index-directory.ts';

const SLASH = 0x2f;
const DOT = 0x2e;
/** On Windows, `\` separates folders as well, and `:` follows a drive. */
const NOT_IN_NAMES = process.platform === 'win32' ? [0x5c, 0x3a] : [];

/**
 * Checks numbers of an index that are used as places, in files or arrays: the checksums of an index that was made with
 * intent are right, and its numbers need not be.
 * @throws SynestheteError BAD_INDEX
 */
export function checkColumns(path: string, { banks }: IndexDirectory, columns: Columns): void {
  const { ids, idOrder, dimensions, groups } = columns;
  for (const [i, row] of idOrder.entries()) {
    const isNext = row < ids.length && (i === 0 || ids[idOrder[i - 1]!]! < ids[row]!);
    if (!isNext) throw damaged(path, 'its pictures are not in the order of their ids');
  }
  if (dimensions.includes(0)) throw damaged(path, 'a picture of it has no pixels');
  if (!columns.banks.every((bank) => bank >= -1 && bank < banks.length)) {
    throw damaged(path, 'a picture of it is in a bank that is not there');
  }
  if (!groups.every((group) => group < ids.length)) {
    throw damaged(path, 'a picture of it is a copy of one that is not there');
  }
  checkNames(path, columns);
  const { valence, arousal, valenceSd, arousalSd, unsafe } = columns;
  assertFinite(path, { valence, arousal, valenceSd, arousalSd, unsafe });
}

/** @throws SynestheteError BAD_INDEX */
export function checkFileColumns(path: string, columns: FileColumns): void {
  const { fileBytes, modifiedMs, changedMs, inodes, deviations } = columns;
  assertFinite(path, { fileBytes, modifiedMs, changedMs, inodes, deviations });
}

/** @throws SynestheteError BAD_INDEX */
export function assertFinite(
  path: string,
  sections: Readonly<Record<string, Float32Array | Float64Array>>,
): void {
  for (const [name, numbers] of Object.entries(sections)) {
    if (!numbers.every(Number.isFinite)) {
      throw damaged(path, `its section "${name}" holds a number that is not finite`);
    }
  }
}

/** Names lead to files of the gallery: no part of one is empty, "." or "..". */
function checkNames(path: string, { names, nameEnds }: Columns): void {
  let start = 0;
  for (const end of nameEnds) {
    if (end <= start || end > names.length || !staysInside(names.subarray(start, end))) {
      throw damaged(path, 'it has the name of a file that can not be in a gallery');
    }
    start = end;
  }
  if (start !== names.length) throw damaged(path, 'it has names of no pictures');
}

function staysInside(name: Uint8Array): boolean {
  if (name.includes(0) || NOT_IN_NAMES.some((byte) => name.includes(byte))) return false;
  for (let start = 0; start <= name.length;) {
    const slash = name.indexOf(SLASH, start);
    const end = slash < 0 ? name.length : slash;
    const length = end - start;
    if (length === 0 || (length <= 2 && name[start] === DOT && name[end - 1] === DOT)) return false;
    start = end + 1;
  }
  return true;
}
