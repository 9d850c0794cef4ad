import { readTable, requireColumns } from '../table.ts';
import { ratingOf, type RatedItem } from './rated-item.ts';

const SCALE = { low: 1, high: 7 };

/**
 * The Open Affective Standardized Image Set (Kurdi, Lozano and Banaji 2017): `OASIS.csv` as its authors publish it,
 * with the columns ``,Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,Arousal_SD,Arousal_N`` and
 * lines that end with CR alone. (Verified on the copy in github.com/bkurdi/shiny-server.) Pictures are `Acorns 1.jpg`.
 * The column `theme` of the result is the name without its number: pictures of a theme are alike and belong into the
 * same split.
 *
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE, BAD_TABLE.
 */
export async function readOasis(path: string): Promise<RatedItem[]> {
  const table = await readTable(path);
  requireColumns(table, ['Theme', 'Category', 'Valence_mean', 'Arousal_mean'], 'columns of OASIS.csv');
  return table.rows.map((row) => {
    const id = row.cells['Theme']!;
    return {
      id,
      rating: ratingOf(table, row, { valence: 'Valence_mean', arousal: 'Arousal_mean' }, SCALE),
      columns: { theme: id.replace(/\s*\d+$/, ''), category: row.cells['Category']! },
    };
  });
}
