import { badTable, readTable } from '../table.ts';
import { ratingOf, type RatedItem } from './rated-item.ts';

const SCALE = { low: 1, high: 9 };

/** The ratings of women, of men and of all, each of valence, approach-avoidance and arousal. */
const MEANS_OF_THREE_GROUPS = 9;

/**
 * The Nencki Affective Picture System (Marchewka et al. 2014): its sheet "Valence, arousal and approach-avoidance
 * ratings", saved as comma-separated CSV. The header is the line with `ID` and `Category`; two lines of headings stand
 * above it. In the published sheet it repeats `M` and `SD` for women, men and all, and within each for valence,
 * approach-avoidance and arousal: the seventh and the ninth `M` are read. Where the header names them instead
 * (`M_Val`, `Valence_mean`, `Mean valence` and the like) those are read. Pictures are `Animals_001_h.jpg`.
 *
 * Not verified on the sheet itself, which is given out on request only: the place of the columns is that of a public
 * program that reads it (pandas, two lines skipped, `M.6` and `M.8`).
 *
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE, BAD_TABLE.
 */
export async function readNaps(path: string): Promise<RatedItem[]> {
  const table = await readTable(path, {
    isHeader: (cells) => cells.includes('ID') && cells.includes('Category'),
    columnsOf: numberRepeated,
  });
  const columns = {
    valence: meanColumn(table.columns, /val/i, 6),
    arousal: meanColumn(table.columns, /aro/i, 8),
  };
  const { valence, arousal } = columns;
  if (valence === undefined || arousal === undefined) {
    throw badTable(
      path,
      'has no recognisable columns for the means of valence and arousal; name them M_Val and M_Aro',
    );
  }
  return table.rows
    .filter((row) => row.cells['ID'] !== '')
    .map((row) => ({
      id: row.cells['ID']!.replace(/\.jpe?g$/i, ''),
      rating: ratingOf(table, row, { valence, arousal }, SCALE),
      columns: { category: row.cells['Category']! },
    }));
}

/** `M, SD, M, SD` → `M, SD, M.1, SD.1` */
function numberRepeated(header: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return header.map((name) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 || name === '' ? name : `${name}.${before}`;
  });
}

function meanColumn(columns: readonly string[], dimension: RegExp, place: number): string | undefined {
  const means = columns.filter((name) => /^M(\.\d+)?$/.test(name));
  if (means.length === MEANS_OF_THREE_GROUPS) return means[place];
  const named = columns.filter((name) => dimension.test(name) && /(^|[\W_])(m|mean)([\W_]|$)/i.test(name));
  return named.length === 1 ? named[0] : undefined;
}
