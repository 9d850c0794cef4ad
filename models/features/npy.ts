import { readFile } from 'node:fs/promises';
import { SynestheteError, messageOf } from '../errors.ts';
import { writeWhole } from '../write-whole.ts';

/** Numbers row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');

/**
 * Writes a matrix as NumPy's .npy file, format version 1.0: float32, little-endian, C order (`numpy.load` reads it).
 *
 * @throws SynestheteError WRITE_FAILED
 */
export async function writeNpy(path: string, matrix: Matrix): Promise<void> {
  const { rows, columns, values } = matrix;
  if (values.length !== rows * columns) {
    throw new RangeError(`${values.length} numbers are no ${rows} × ${columns} matrix`);
  }
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  // The numbers begin at a multiple of 64 bytes; the header ends with a line feed.
  const bytes = Math.ceil((10 + header.length + 1) / 64) * 64;
  const file = Buffer.alloc(bytes + 4 * values.length, ' ');
  MAGIC.copy(file);
  file.writeUInt8(1, 6);
  file.writeUInt8(0, 7);
  file.writeUInt16LE(bytes - 10, 8);
  file.write(header, 10, 'latin1');
  file.write('\n', bytes - 1, 'latin1');
  for (let i = 0; i < values.length; i++) file.writeFloatLE(values[i]!, bytes + 4 * i);
  await writeWhole(path, file);
}

/**
 * Reads a matrix of little-endian float32 numbers in C order from a .npy file of format version 1.0.
 *
 * @throws SynestheteError FILE_NOT_FOUND, or USAGE when the file holds something else.
 */
export async function readNpy(path: string): Promise<Matrix> {
  let file: Buffer;
  try {
    file = await readFile(path);
  } catch (cause) {
    throw new SynestheteError('FILE_NOT_FOUND', `${path} can't be read: ${messageOf(cause)}`, { cause });
  }
  const unsuitable = (what: string): SynestheteError =>
    new SynestheteError(
      'USAGE',
      `${path} ${what}: give a .npy file (version 1.0) with a float32 matrix in C order`,
    );
  if (file.length < 10 || !file.subarray(0, 6).equals(MAGIC)) throw unsuitable('is no .npy file');
  if (file[6] !== 1) throw unsuitable(`is a .npy file of version ${String(file[6])}`);
  const start = 10 + file.readUInt16LE(8);
  const header = file.toString('latin1', 10, start);
  const shape = /'shape': \((\d+), (\d+)\)/.exec(header);
  if (!header.includes("'descr': '<f4'") || !header.includes("'fortran_order': False") || !shape) {
    throw unsuitable(`holds ${header.trim()}`);
  }
  const rows = Number(shape[1]);
  const columns = Number(shape[2]);
  if (file.length !== start + 4 * rows * columns)
    throw unsuitable(`is not as long as ${rows} × ${columns} numbers are`);
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < values.length; i++) values[i] = file.readFloatLE(start + 4 * i);
  return { rows, columns, values };
}
