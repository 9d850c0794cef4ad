import { readWhole } from '../../read-file.ts';
import { badTable, type Table } from '../table.ts';
import { meanOfEach, ratingOf, type RatedItem } from './rated-item.ts';

const SCALE = { low: 1, high: 9 };

/**
 * The International Affective Picture System: the table of its technical report, `AllSubjects_1-20.txt`. Some lines of
 * title, then the columns `desc IAPS valmn valsd aromn arosd dom1mn dom1sd dom2mn dom2sd set`, separated by tabs (or by
 * spaces, where the text was copied out of the report); `.` means that it wasn't asked. Pictures are `1050.jpg`,
 * `2055.1.jpg`. Those rated in several sets get the mean. (The table is not public; format after programs that read it,
 * among them github.com/amysudarat/DataAnalyzeToolPython: seven lines before the data, tabs, these columns.)
 *
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE, BAD_TABLE.
 */
export async function readIaps(path: string): Promise<RatedItem[]> {
  const table = parseReport(path, (await readWhole(path)).toString('latin1'));
  const items = table.rows.map((row) => ({
    id: row.cells['IAPS']!.replace(/\.0+$/, ''),
    rating: ratingOf(table, row, { valence: 'valmn', arousal: 'aromn' }, SCALE),
    columns: { description: row.cells['desc'] ?? '' },
  }));
  return meanOfEach(items);
}

function parseReport(path: string, text: string): Table {
  const lines = text.split(/\r\n|\n|\r/);
  const headerIndex = lines.findIndex((line) => {
    const words = line.split(/\s+/);
    return ['IAPS', 'valmn', 'aromn'].every((name) => words.includes(name));
  });
  if (headerIndex < 0) {
    throw badTable(
      path,
      'has no line with the columns IAPS, valmn and aromn; is it AllSubjects_1-20.txt of the report?',
    );
  }
  const header = lines[headerIndex]!;
  const separator = header.includes('\t') ? /\t/ : / +/;
  const columns = header
    .trim()
    .split(separator)
    .map((name) => name.trim());
  const rows = lines.flatMap((line, index) => {
    if (index <= headerIndex || line.trim() === '') return [];
    const cells = line
      .trim()
      .split(separator)
      .map((cell) => cell.trim());
    // Descriptions come first and may contain spaces: excess words belong to the first column.
    const surplus = cells.length - columns.length;
    if (surplus > 0 && columns[0] === 'desc') cells.unshift(cells.splice(0, surplus + 1).join(' '));
    if (cells.length !== columns.length) {
      throw badTable(
        path,
        `line ${index + 1}: ${cells.length} cells for ${columns.length} columns; is the file torn?`,
      );
    }
    return [{ line: index + 1, cells: Object.fromEntries(columns.map((name, i) => [name, cells[i]!])) }];
  });
  return { path, columns, rows };
}
