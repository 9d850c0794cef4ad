import { checkColumns, checkFileColumns } from './check-columns.ts';
import type { IndexReader } from './index-file.ts';
import type { Finding, SeenFile } from './journal.ts';

/** Numbers on disk are little-endian, as in memory on every machine that Node has binaries for. */
export interface Columns {
  /** Ids as numbers of 64 bits. */
  readonly ids: BigUint64Array;
  /** Rows ordered by id. */
  readonly idOrder: Uint32Array;
  /** Names of files one after the other, UTF-8, and where each ends. */
  readonly names: Uint8Array;
  readonly nameEnds: Uint32Array;
  /** SHA-256 of the files, 32 bytes each. */
  readonly contents: Uint8Array;
  /** Width and height of each picture, in pixels. */
  readonly dimensions: Uint32Array;
  readonly valence: Float32Array;
  readonly arousal: Float32Array;
  readonly valenceSd: Float32Array;
  readonly arousalSd: Float32Array;
  readonly unsafe: Float32Array;
  /** Position among the directory's banks; −1 for none. */
  readonly banks: Int32Array;
  /** The first row of the group of near copies. */
  readonly groups: Uint32Array;
}

/** Columns that only a later run needs. */
export interface FileColumns {
  readonly fileBytes: Float64Array;
  readonly modifiedMs: Float64Array;
  /** −1 in an index that was made without them: the content of its files is compared once. */
  readonly changedMs: Float64Array;
  readonly inodes: Float64Array;
  /** Of colours: see visible.ts. −1 in an index that was made without them. */
  readonly deviations: Float64Array;
  readonly signatures: Uint8Array;
}

const CONTENT_BYTES = 32;

type View = Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array | BigUint64Array;

export function bytesOf(view: View): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** @throws SynestheteError BAD_INDEX */
export async function readColumns(reader: IndexReader): Promise<Columns> {
  const section = async (name: keyof Columns): Promise<ArrayBuffer> => {
    const bytes = await reader.read(name);
    return bytes.buffer as ArrayBuffer;
  };
  const columns = {
    ids: new BigUint64Array(await section('ids')),
    idOrder: new Uint32Array(await section('idOrder')),
    names: new Uint8Array(await section('names')),
    nameEnds: new Uint32Array(await section('nameEnds')),
    contents: new Uint8Array(await section('contents')),
    dimensions: new Uint32Array(await section('dimensions')),
    valence: new Float32Array(await section('valence')),
    arousal: new Float32Array(await section('arousal')),
    valenceSd: new Float32Array(await section('valenceSd')),
    arousalSd: new Float32Array(await section('arousalSd')),
    unsafe: new Float32Array(await section('unsafe')),
    banks: new Int32Array(await section('banks')),
    groups: new Uint32Array(await section('groups')),
  };
  checkColumns(reader.path, reader.directory, columns);
  return columns;
}

/** @throws SynestheteError BAD_INDEX */
export async function readFileColumns(reader: IndexReader): Promise<FileColumns> {
  const section = async (name: keyof FileColumns): Promise<ArrayBuffer> =>
    (await reader.read(name)).buffer as ArrayBuffer;
  const later = async (name: keyof FileColumns): Promise<Float64Array> =>
    reader.has(name)
      ? new Float64Array(await section(name))
      : new Float64Array(reader.directory.pictures).fill(-1);
  const columns = {
    fileBytes: new Float64Array(await section('fileBytes')),
    modifiedMs: new Float64Array(await section('modifiedMs')),
    changedMs: await later('changedMs'),
    inodes: await later('inodes'),
    deviations: await later('deviations'),
    signatures: new Uint8Array(await section('signatures')),
  };
  checkFileColumns(reader.path, columns);
  return columns;
}

export function idOf({ ids }: Columns, row: number): string {
  return ids[row]!.toString(16).padStart(16, '0');
}

/** The rows in the order of their ids. */
export function orderOf(ids: BigUint64Array): Uint32Array {
  return Uint32Array.from(ids.keys()).sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1));
}

/** @returns undefined when no picture has that id */
export function rowOfId({ ids, idOrder }: Columns, id: string): number | undefined {
  if (!/^[0-9a-f]{16}$/u.test(id)) return undefined;
  return rowOfNumber(ids, idOrder, BigInt(`0x${id}`));
}

/** @returns undefined when no row has that id */
export function rowOfNumber(ids: BigUint64Array, idOrder: Uint32Array, wanted: bigint): number | undefined {
  let low = 0;
  let high = idOrder.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ids[idOrder[middle]!]! < wanted) low = middle + 1;
    else high = middle;
  }
  const row = idOrder[low];
  return row !== undefined && ids[row] === wanted ? row : undefined;
}

const utf8 = new TextDecoder();

export function fileOf({ names, nameEnds }: Columns, row: number): string {
  return utf8.decode(names.subarray(row === 0 ? 0 : nameEnds[row - 1]!, nameEnds[row]));
}

export function contentOf({ contents }: Columns, row: number): string {
  return Buffer.from(contents.buffer, contents.byteOffset + row * CONTENT_BYTES, CONTENT_BYTES).toString(
    'hex',
  );
}

/** What a run found in a picture, and where the picture is. */
export interface Row extends Omit<Finding, 'embedding'>, SeenFile {
  readonly id: string;
  /** Position among the banks; −1 for none. */
  readonly bank: number;
  readonly group: number;
}

/** The sections of all rows, without their vectors. */
export function columnsOf(
  rows: readonly Row[],
): readonly (readonly [keyof Columns | keyof FileColumns, Uint8Array])[] {
  const names = rows.map(({ file }) => Buffer.from(file));
  let end = 0;
  const nameEnds = Uint32Array.from(names, ({ length }) => (end += length));
  const ids = BigUint64Array.from(rows, ({ id }) => BigInt(`0x${id}`));
  const idOrder = orderOf(ids);
  return [
    ['ids', bytesOf(ids)],
    ['idOrder', bytesOf(idOrder)],
    ['names', Buffer.concat(names)],
    ['nameEnds', bytesOf(nameEnds)],
    ['contents', Buffer.concat(rows.map(({ content }) => Buffer.from(content, 'hex')))],
    ['dimensions', bytesOf(Uint32Array.from(rows.flatMap(({ width, height }) => [width, height])))],
    ['valence', bytesOf(Float32Array.from(rows, ({ valence }) => valence))],
    ['arousal', bytesOf(Float32Array.from(rows, ({ arousal }) => arousal))],
    ['valenceSd', bytesOf(Float32Array.from(rows, ({ valenceSd }) => valenceSd))],
    ['arousalSd', bytesOf(Float32Array.from(rows, ({ arousalSd }) => arousalSd))],
    ['unsafe', bytesOf(Float32Array.from(rows, ({ unsafe }) => unsafe))],
    ['banks', bytesOf(Int32Array.from(rows, ({ bank }) => bank))],
    ['groups', bytesOf(Uint32Array.from(rows, ({ group }) => group))],
    ['fileBytes', bytesOf(Float64Array.from(rows, ({ bytes }) => bytes))],
    ['modifiedMs', bytesOf(Float64Array.from(rows, ({ modifiedMs }) => modifiedMs))],
    ['changedMs', bytesOf(Float64Array.from(rows, ({ changedMs }) => changedMs))],
    ['inodes', bytesOf(Float64Array.from(rows, ({ inode }) => inode))],
    ['deviations', bytesOf(Float64Array.from(rows, ({ deviation }) => deviation))],
    ['signatures', Buffer.concat(rows.map(({ signature }) => signature))],
  ];
}
