import { readdir } from 'node:fs/promises';
import { extname, join, parse, resolve } from 'node:path';
import { SynestheteError } from '../../errors.ts';
import type { PlanePoint } from '../../plane.ts';
import type { ManifestEntry } from '../manifest.ts';
import { formatScale, isOnScale, toUnit, type Scale } from '../scale.ts';
import { badTable, numberIn, type Table, type TableRow } from '../table.ts';

/** A picture, song or clip of a published table of ratings, not yet matched with its file. */
export interface RatedItem {
  /** The corpus's own name of it; also the file's name without extension, unless `relativePath` is given. */
  readonly id: string;
  /** The file's path in the corpus's folder, if the corpus gives it. */
  readonly relativePath?: string;
  /** Valence and arousal moved from the corpus's scale to [0, 1]. */
  readonly rating: PlanePoint;
  readonly startSeconds?: number;
  readonly endSeconds?: number;
  /** Other values of the table that a manifest should keep. */
  readonly columns: Readonly<Record<string, string>>;
}

/** @throws SynestheteError BAD_TABLE for a value that is no number or off the scale. */
export function ratingOf(
  table: Table,
  row: TableRow,
  columns: Readonly<Record<keyof PlanePoint, string>>,
  scale: Scale,
): PlanePoint {
  const value = (column: string): number => {
    const rating = numberIn(table, row, column);
    if (isOnScale(rating, scale)) return toUnit(rating, scale);
    throw badTable(
      table.path,
      `line ${row.line}: ${column} ${rating} is outside the scale of this corpus, ${formatScale(scale)}`,
    );
  };
  return { valence: value(columns.valence), arousal: value(columns.arousal) };
}

/** Items rated more than once become one item with the mean of the ratings, in the place of the first. */
export function meanOfEach(items: readonly RatedItem[]): RatedItem[] {
  const groups = new Map<string, RatedItem[]>();
  for (const item of items) {
    const group = groups.get(item.id);
    if (group === undefined) groups.set(item.id, [item]);
    else group.push(item);
  }
  return [...groups.values()].map((group) => ({
    ...group[0]!,
    rating: {
      valence: group.reduce((sum, { rating }) => sum + rating.valence, 0) / group.length,
      arousal: group.reduce((sum, { rating }) => sum + rating.arousal, 0) / group.length,
    },
  }));
}

const EXTENSIONS = {
  image: new Set(['.jpg', '.jpeg', '.png', '.bmp', '.gif', '.tif', '.tiff', '.webp', '.avif']),
  music: new Set(['.mp3', '.wav', '.flac', '.ogg', '.opus', '.m4a', '.aac', '.aif', '.aiff', '.wma']),
};

export type MediaKind = keyof typeof EXTENSIONS;

/**
 * Finds the files of a corpus under a folder (and its subfolders), by name without extension; case doesn't matter.
 *
 * @returns the entries of a manifest, and the ids of the items without a file.
 * @throws SynestheteError FILE_NOT_FOUND for a folder that can't be read; BAD_TABLE for an id that matches two files.
 */
export async function findMedia(
  items: readonly RatedItem[],
  folder: string,
  kind: MediaKind,
): Promise<{ entries: ManifestEntry[]; missing: string[] }> {
  const files = await filesUnder(folder, kind);
  const byPath = new Map(files.map((file) => [resolve(file), file]));
  const byName = new Map<string, string[]>();
  for (const file of files) {
    const name = parse(file).name.toLowerCase();
    const others = byName.get(name);
    if (others === undefined) byName.set(name, [file]);
    else others.push(file);
  }
  const entries: ManifestEntry[] = [];
  const missing: string[] = [];
  for (const { id, relativePath, rating, startSeconds, endSeconds, columns } of items) {
    const found =
      relativePath === undefined
        ? (byName.get(id.toLowerCase()) ?? [])
        : [byPath.get(resolve(folder, relativePath))].filter((file) => file !== undefined);
    const [file, another] = found;
    if (file === undefined) {
      missing.push(id);
    } else if (another !== undefined) {
      throw new SynestheteError(
        'BAD_TABLE',
        `${file} and ${another} both match ${id}; name a folder that holds only one of them`,
      );
    } else {
      const clipId = startSeconds === undefined ? id : undefined;
      entries.push({
        file: resolve(file),
        rating,
        split: undefined,
        startSeconds,
        endSeconds,
        id: clipId,
        columns,
      });
    }
  }
  return { entries, missing };
}

async function filesUnder(folder: string, kind: MediaKind): Promise<string[]> {
  try {
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    return found
      .filter((entry) => !entry.isDirectory() && EXTENSIONS[kind].has(extname(entry.name).toLowerCase()))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    throw new SynestheteError(
      'FILE_NOT_FOUND',
      `${folder} can't be read as a folder; name the folder that holds the files`,
      {
        cause: error,
      },
    );
  }
}
