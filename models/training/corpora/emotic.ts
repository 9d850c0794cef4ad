import type { PlanePoint } from '../../plane.ts';
import { isOnScale, toUnit } from '../scale.ts';
import { badTable, readTable, requireColumns, type Table, type TableRow } from '../table.ts';
import { meanOfEach, type RatedItem } from './rated-item.ts';

const SCALE = { low: 1, high: 10 };

/**
 * EMOTIC (Kosti et al. 2017), whose annotations are published as a MATLAB file: the CSV from the usual conversion
 * (mat2py.py of github.com/Tandon-A/emotic, verified there), a row for each person in a picture:
 * `Index,Folder,Filename,Image Size,BBox,Categorical_Labels,Continuous_Labels,Gender,Age`, where Continuous_Labels is a
 * list `[valence, arousal, dominance]` on 1 to 10. A picture's rating is the mean over its persons. Files are
 * `Folder/Filename` under the corpus's folder.
 *
 * @param paths the tables of train, val and test, or some of them.
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE, BAD_TABLE.
 */
export async function readEmotic(paths: readonly string[]): Promise<RatedItem[]> {
  const items: RatedItem[] = [];
  for (const path of paths) {
    const table = await readTable(path);
    requireColumns(
      table,
      ['Folder', 'Filename', 'Continuous_Labels'],
      'columns of the converted annotations',
    );
    for (const row of table.rows) {
      const relativePath = `${row.cells['Folder']!}/${row.cells['Filename']!}`;
      const id = relativePath.replace(/\.[^./]+$/, '');
      items.push({ id, relativePath, rating: continuousLabels(table, row), columns: {} });
    }
  }
  return shortIds(meanOfEach(items));
}

/** Names pictures by file name alone, like IMEMNet, unless two folders have the same name. */
function shortIds(items: readonly RatedItem[]): RatedItem[] {
  const nameOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);
  const seen = new Map<string, number>();
  for (const { id } of items) seen.set(nameOf(id), (seen.get(nameOf(id)) ?? 0) + 1);
  return items.map((item) => (seen.get(nameOf(item.id)) === 1 ? { ...item, id: nameOf(item.id) } : item));
}

function continuousLabels(table: Table, row: TableRow): PlanePoint {
  const text = row.cells['Continuous_Labels']!;
  const values = /^\[(.*)\]$/
    .exec(text)?.[1]
    ?.split(',')
    .map((cell) => (cell.trim() === '' ? NaN : Number(cell)));
  const [valence, arousal] = values ?? [];
  const on = (value: number | undefined): value is number => value !== undefined && isOnScale(value, SCALE);
  if (values?.length === 3 && on(valence) && on(arousal)) {
    return { valence: toUnit(valence, SCALE), arousal: toUnit(arousal, SCALE) };
  }
  throw badTable(
    table.path,
    `line ${row.line}: Continuous_Labels is "${text}", not [valence, arousal, dominance] on 1..10`,
  );
}
