import { resolve } from 'node:path';
import { bytesOf, columnsOf, type Row } from './columns.ts';
import { groupCopies } from './duplicates.ts';
import { assignIds, type Entry } from './entries.ts';
import { writeIndex, type Chunks } from './index-file.ts';
import { bankOf, banksAround } from './layout.ts';
import { isUnchanged } from './journal.ts';
import type { PreviousIndex } from './previous-index.ts';
import type { IndexRun } from './run.ts';
import { bringNeighboursUpToDate } from './search/index.ts';
import { SIGNATURE_BYTES } from './signature.ts';

/** Bytes given to the writer at once. */
const CHUNK_BYTES = 1 << 20;

/**
 * Writes the entries as the new index, unless the previous one holds the same.
 * @param entries ordered by file
 * @throws SynestheteError WRITE_FAILED
 */
export async function writeEntries(
  { layout, model, previousIndex, journal, options: { again = false, notice } }: IndexRun,
  entries: readonly Entry[],
) {
  const rows = rowsOf(entries, previousIndex);
  const banks = banksOf(entries);
  const numberOfBank = new Map(banks.map((bank, i) => [bank, i]));
  const bankNumber = (file: string): number => numberOfBank.get(bankOf(file) ?? '') ?? -1;
  const { fingerprint, ranking } = model;
  const facts = {
    ...{ fingerprint, score: ranking.score, width: ranking.width },
    ...(model.refines && { refined: { base: model.refines.base, folder: resolve(model.folder) } }),
  };
  const isSameModel = JSON.stringify(previousIndex.directory?.model) === JSON.stringify(facts);
  const hasChanged = again || !isSameModel || !areSame(rows, previousIndex);
  if (hasChanged) {
    const embeddings = (entry: Entry): Promise<Uint8Array> =>
      'row' in entry.embedding
        ? previousIndex.embedding(entry.embedding.row)
        : journal.embedding(entry.embedding.inJournal);
    const vectors = async (entry: Entry): Promise<Uint8Array> => {
      if (isSameModel && 'row' in entry.embedding) {
        return previousIndex.vector(entry.embedding.row, 4 * ranking.width);
      }
      const bytes = Uint8Array.from(await embeddings(entry));
      // Rank by the stored numbers, as they are read back.
      const prediction = {
        embedding: new Float32Array(bytes.buffer),
        valence: Math.fround(entry.valence),
        arousal: Math.fround(entry.arousal),
        valenceSd: Math.fround(entry.valenceSd),
        arousalSd: Math.fround(entry.arousalSd),
      };
      return bytesOf(ranking.pictureVector(prediction));
    };
    const embeddingBytes = entries[0] === undefined ? 0 : (await embeddings(entries[0])).byteLength;
    // Comparing points of the plane is fast enough for any gallery without a graph.
    const neighbours =
      ranking.score === 'plane'
        ? null
        : await bringNeighboursUpToDate(layout, facts, {
            ids: rows.map(({ id }) => id),
            before: isSameModel ? previousIndex.directory?.neighbours : undefined,
            // A predictor's scores are no distances: its shortlist compares embeddings.
            ...(ranking.score === 'predictor'
              ? {
                  width: embeddingBytes / Float32Array.BYTES_PER_ELEMENT,
                  vectors: () => chunksOf(entries, embeddings),
                }
              : { width: ranking.width, vectors: () => chunksOf(entries, vectors) }),
            ...(notice && { notice }),
          });
    await writeIndex(layout.index, { model: facts, pictures: rows.length, banks, neighbours }, [
      ...columnsOf(rows.map((row) => ({ ...row, bank: bankNumber(row.file) }))).map(
        ([name, bytes]): [string, Chunks] => [name, [bytes]],
      ),
      ['vectors', chunksOf(entries, vectors)],
      ['embeddings', chunksOf(entries, embeddings)],
    ]);
  }
  return { ...countsOf(rows, previousIndex), banks, hasChanged };
}

/** Every folder with pictures in it or below it, in order. */
function banksOf(entries: readonly Entry[]): string[] {
  const innermost = new Set(entries.map(({ file }) => bankOf(file)));
  const banks = [...innermost].flatMap((bank) => (bank === null ? [] : banksAround(bank)));
  return [...new Set(banks)].sort();
}

type Unbanked = Omit<Row, 'bank'>;

function rowsOf(entries: readonly Entry[], previousIndex: PreviousIndex): Unbanked[] {
  const ids = assignIds(entries, previousIndex.entries);
  const signatures = new Uint8Array(entries.length * SIGNATURE_BYTES);
  entries.forEach(({ signature }, i) => {
    signatures.set(signature, i * SIGNATURE_BYTES);
  });
  const groups = groupCopies(
    entries.map(({ content }) => content),
    signatures,
  );
  return entries.map((entry, i) => ({ ...entry, id: ids[i]!, group: groups[i]! }));
}

function areSame(rows: readonly Unbanked[], { entries }: PreviousIndex): boolean {
  return (
    rows.length === entries.length &&
    rows.every((row, i) => {
      const other = entries[i]!;
      return row.file === other.file && row.content === other.content && isUnchanged(other, row);
    })
  );
}

function countsOf(rows: readonly Unbanked[], previousIndex: PreviousIndex) {
  const before = new Set(previousIndex.entries.map(({ id }) => id));
  const firstOfContent = new Map<string, number>();
  rows.forEach(({ content }, i) => {
    if (!firstOfContent.has(content)) firstOfContent.set(content, i);
  });
  const kept = rows.filter(({ id }) => before.has(id)).length;
  return {
    pictures: rows.length,
    added: rows.length - kept,
    forgotten: before.size - kept,
    exactCopies: rows.filter(({ content }, i) => firstOfContent.get(content) !== i).length,
    nearCopies: rows.filter(({ content, group }, i) => group !== i && firstOfContent.get(content) === i)
      .length,
  };
}

async function* chunksOf(
  entries: readonly Entry[],
  bytesOfEntry: (entry: Entry) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const piece = await bytesOfEntry(entry);
    pieces.push(piece);
    bytes += piece.byteLength;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(pieces);
}
