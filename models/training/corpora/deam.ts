import { formatScale, isOnScale, toUnit } from '../scale.ts';
import { badTable, numberIn, readTable, requireColumns, type Table, type TableRow } from '../table.ts';
import { ratingOf, type RatedItem } from './rated-item.ts';

const SONG_SCALE = { low: 1, high: 9 };
const DYNAMIC_SCALE = { low: -1, high: 1 };

const CLIP_MS = 2000;

/** Ratings settle while people listen: labels begin with the 15th second. */
export const DEAM_FIRST_SECONDS = 15;
const FIRST_LABEL_MS = 1000 * DEAM_FIRST_SECONDS;

/**
 * DEAM (Aljanaki, Yang and Soleymani 2017), one rating a song: `static_annotations_averaged_songs_1_2000.csv` and
 * `…_2000_2058.csv` with `song_id, valence_mean, valence_std, arousal_mean, arousal_std`, on 1 to 9; their headers have
 * a space after each comma. Songs are `2.mp3`. (Header and first rows verified in public programs that read them.)
 *
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE, BAD_TABLE.
 */
export async function readDeamSongs(paths: readonly string[]): Promise<RatedItem[]> {
  const items: RatedItem[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    const table = await readTable(path);
    requireColumns(
      table,
      ['song_id', 'valence_mean', 'arousal_mean'],
      'columns of the song-level annotations',
    );
    for (const row of table.rows) {
      const id = songId(table, row);
      if (seen.has(id)) throw badTable(path, `line ${row.line}: song ${id} is there twice`);
      seen.add(id);
      const rating = ratingOf(table, row, { valence: 'valence_mean', arousal: 'arousal_mean' }, SONG_SCALE);
      items.push({ id, rating, columns: { song: id } });
    }
  }
  return items;
}

/**
 * DEAM, ratings over time: `arousal.csv` and `valence.csv` of the averaged dynamic annotations, a song a row with
 * `song_id,sample_15000ms,sample_15500ms,…` on −1 to 1 and empty cells after a song's end. Each song is cut into
 * consecutive clips of 2 s; a clip's label is the mean of the samples from its start to before its end (four, at DEAM's
 * two a second). Clips with a missing sample are left out. (Column names and the scale verified in public programs and
 * descriptions of the data.)
 *
 * @param fromSeconds where the first clip of each song starts, a multiple of 0.5, by default the start of the labels
 * @returns the clips of each song in turn, without songs that are in only one of the tables.
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE, BAD_TABLE.
 */
export async function readDeamClips(
  valencePath: string,
  arousalPath: string,
  fromSeconds = DEAM_FIRST_SECONDS,
): Promise<RatedItem[]> {
  const valence = await readSamples(valencePath);
  const arousal = await readSamples(arousalPath);
  const items: RatedItem[] = [];
  for (const [id, valenceSamples] of valence) {
    const arousalSamples = arousal.get(id);
    if (arousalSamples === undefined) continue;
    const lastMs = Math.max(...valenceSamples.keys());
    for (let startMs = 1000 * fromSeconds; startMs <= lastMs; startMs += CLIP_MS) {
      const rating = {
        valence: meanFrom(valenceSamples, startMs),
        arousal: meanFrom(arousalSamples, startMs),
      };
      if (Number.isNaN(rating.valence) || Number.isNaN(rating.arousal)) continue;
      const startSeconds = startMs / 1000;
      items.push({
        id,
        rating,
        startSeconds,
        endSeconds: startSeconds + CLIP_MS / 1000,
        columns: { song: id },
      });
    }
  }
  return items;
}

/** Samples on [0, 1] by their time in ms. */
type Samples = ReadonlyMap<number, number>;

const SAMPLE_MS = 500;

async function readSamples(path: string): Promise<Map<string, Samples>> {
  const table = await readTable(path);
  requireColumns(table, ['song_id', `sample_${FIRST_LABEL_MS}ms`], 'columns of the dynamic annotations');
  const times = table.columns.flatMap((column) => {
    const ms = /^sample_(\d+)ms$/.exec(column)?.[1];
    return ms === undefined ? [] : [{ column, ms: Number(ms) }];
  });
  const songs = new Map<string, Samples>();
  for (const row of table.rows) {
    const id = songId(table, row);
    if (songs.has(id)) throw badTable(path, `line ${row.line}: song ${id} is there twice`);
    const samples = new Map<number, number>();
    for (const { column, ms } of times) {
      const cell = row.cells[column]!;
      if (cell === '' || cell.toLowerCase() === 'nan') continue;
      const value = numberIn(table, row, column);
      if (!isOnScale(value, DYNAMIC_SCALE)) {
        throw badTable(path, `line ${row.line}: ${column} ${value} is outside ${formatScale(DYNAMIC_SCALE)}`);
      }
      samples.set(ms, toUnit(value, DYNAMIC_SCALE));
    }
    songs.set(id, samples);
  }
  return songs;
}

/** NaN where a sample is missing. */
function meanFrom(samples: Samples, startMs: number): number {
  let sum = 0;
  for (let ms = startMs; ms < startMs + CLIP_MS; ms += SAMPLE_MS) sum += samples.get(ms) ?? NaN;
  return sum / (CLIP_MS / SAMPLE_MS);
}

function songId(table: Table, row: TableRow): string {
  const id = row.cells['song_id']!;
  // Programs that treat the column as numbers write 2.0 for song 2.
  const whole = /^(\d+)(\.0+)?$/.exec(id)?.[1];
  if (whole !== undefined) return whole;
  throw badTable(table.path, `line ${row.line}: song_id is "${id}", not a number`);
}
