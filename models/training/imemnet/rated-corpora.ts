import { parse } from 'node:path';
import type { PlanePoint } from '../../plane.ts';
import { CLIP_SECONDS } from '../../features/index.ts';
import type { Manifest, ManifestEntry, ManifestLine } from '../manifest.ts';
import { badTable } from '../table.ts';

/** The range of a corpus's ratings before scaling by its minimum and range. */
export interface CorpusRange {
  readonly manifest: string;
  readonly kind: 'image' | 'music';
  readonly count: number;
  readonly valence: readonly [min: number, max: number];
  readonly arousal: readonly [min: number, max: number];
}

/** A rated entry with the group that goes into the same split. */
export interface Rated extends ManifestEntry {
  readonly rating: PlanePoint;
  readonly manifest: string;
  readonly line: number;
  readonly group: string;
  /** The origin of the group's name; a name must not have two origins. */
  readonly origin: string;
}

/**
 * Pictures, and the clips of 2 s that stretches of songs are cut into, each corpus (manifest) scaled to [0, 1] by its own
 * minimum and range.
 *
 * @param keepTogether a column: pictures with the same value there are one group
 * @throws SynestheteError BAD_TABLE for ids that two pictures or songs share, a stretch without its times, a corpus whose
 * ratings are all the same
 */
export function scaledCorpora(
  imageManifests: readonly Manifest[],
  musicManifests: readonly Manifest[],
  keepTogether?: string,
): { readonly pictures: Rated[]; readonly cuts: Rated[]; readonly corpora: CorpusRange[] } {
  const corpora: CorpusRange[] = [];
  const scaled = (manifest: Manifest, kind: CorpusRange['kind'], entries: readonly Rated[]): Rated[] => {
    const { scaledEntries, range } = scaleByRange(manifest, kind, entries);
    corpora.push(range);
    return scaledEntries;
  };
  const pictures = imageManifests.flatMap((m) => scaled(m, 'image', picturesOf(m, keepTogether)));
  const cuts = musicManifests.flatMap((m) => scaled(m, 'music', clipsOf(m)));
  refuseSharedIds(pictures);
  refuseSharedSongs(cuts);
  return { pictures, cuts, corpora };
}

function ratingOf(manifest: Manifest, { rating, line }: ManifestLine): PlanePoint {
  if (rating !== undefined) return rating;
  throw badTable(manifest.path, `line ${line}: has no valence and arousal; IMEMNet is built of rated files`);
}

function picturesOf(manifest: Manifest, keepTogether: string | undefined): Rated[] {
  return manifest.entries.map((entry) => {
    const id = entry.id ?? parse(entry.file).name;
    const together = keepTogether === undefined ? undefined : entry.columns[keepTogether];
    // Keeps pictures, group names and the groups of different corpora apart.
    const group = together === undefined ? `picture\n${id}` : `${manifest.path}\n${together}`;
    return { ...entry, id, rating: ratingOf(manifest, entry), manifest: manifest.path, group, origin: group };
  });
}

function clipsOf(manifest: Manifest): Rated[] {
  const nextNumber = new Map<string, number>();
  return manifest.entries.flatMap((entry) => {
    const { startSeconds, endSeconds, line } = entry;
    if (startSeconds === undefined || endSeconds === undefined) {
      throw badTable(
        manifest.path,
        `line ${line}: has no start and end; IMEMNet's clips need to know where labels begin and end`,
      );
    }
    const rating = ratingOf(manifest, entry);
    // White space separates columns in a file of pairs.
    const song = (entry.columns['song'] ?? parse(entry.file).name).replaceAll(/\s+/g, '_');
    // Times are decimal fractions: 17.1 − 15.1 is a little less than 2.
    const count = Math.floor((endSeconds - startSeconds) / CLIP_SECONDS + 1e-6);
    return Array.from({ length: count }, (_, index): Rated => {
      const clip = nextNumber.get(song) ?? 0;
      nextNumber.set(song, clip + 1);
      const start = startSeconds + index * CLIP_SECONDS;
      return {
        file: entry.file,
        rating,
        split: undefined,
        startSeconds: start,
        endSeconds: start + CLIP_SECONDS,
        id: `${song}-${clip}`,
        columns: { ...entry.columns, song, clip: String(clip) },
        manifest: manifest.path,
        line,
        group: song,
        origin: `${manifest.path}\n${entry.columns['song'] ?? entry.file}`,
      };
    });
  });
}

function scaleByRange(manifest: Manifest, kind: CorpusRange['kind'], entries: readonly Rated[]) {
  const rangeOf = (dimension: keyof PlanePoint): [number, number] => {
    let min = Infinity;
    let max = -Infinity;
    for (const { rating } of entries) {
      min = Math.min(min, rating[dimension]);
      max = Math.max(max, rating[dimension]);
    }
    if (min < max) return [min, max];
    throw badTable(
      manifest.path,
      `has no two different values of ${dimension}: it can't be scaled by its range`,
    );
  };
  const valence = rangeOf('valence');
  const arousal = rangeOf('arousal');
  const scale = (value: number, [min, max]: [number, number]): number => (value - min) / (max - min);
  const scaledEntries = entries.map((entry) => ({
    ...entry,
    rating: { valence: scale(entry.rating.valence, valence), arousal: scale(entry.rating.arousal, arousal) },
  }));
  return { scaledEntries, range: { manifest: manifest.path, kind, count: entries.length, valence, arousal } };
}

function refuseSharedIds(pictures: readonly Rated[]): void {
  const seen = new Map<string, Rated>();
  for (const picture of pictures) {
    const other = seen.get(picture.id!);
    if (other !== undefined) {
      throw badTable(
        picture.manifest,
        `line ${picture.line}: the picture's id "${picture.id!}" is that of ${other.manifest}, line ${other.line}, too; give them different ones in a column "id"`,
      );
    }
    seen.set(picture.id!, picture);
  }
}

/** Files of pairs and splits can't distinguish two songs with the same name. */
function refuseSharedSongs(clips: readonly Rated[]): void {
  const seen = new Map<string, Rated>();
  for (const clip of clips) {
    const other = seen.get(clip.group);
    if (other !== undefined && other.origin !== clip.origin) {
      throw badTable(
        clip.manifest,
        `line ${clip.line}: the song "${clip.group}" is in ${other.manifest}, line ${other.line}, too; give them different names in a column "song"`,
      );
    }
    if (other === undefined) seen.set(clip.group, clip);
  }
}
