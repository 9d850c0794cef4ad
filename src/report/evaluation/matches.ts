import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { SynestheteError } from '../../../models/errors.ts';
import { SAMPLE_RATE_HZ } from '../../../models/features/index.ts';
import { escaped } from '../../../models/html.ts';
import { fit, openPicture } from '../../../models/pictures/index.ts';
import type { PlanePoint } from '../../../models/plane.ts';
import type { LabelledPrediction } from '../../../models/training/index.ts';
import { clipOfFile } from '../../../streams/clips/index.ts';
import type { EvaluationFindings, LabelledClip } from './findings.ts';

/** How many of the best, and of the worst, are shown. */
const SHOWN = 6;
const PICTURE_SIDE = 360;
export const MATCH_FOLDER = 'matches';

/** A clip and the picture that is ranked first for it. */
export interface Match {
  readonly picture: LabelledPrediction;
  readonly clip: LabelledClip;
  /** Distance of the two ratings by people. */
  readonly distance: number;
  /** Distance to the nearest of all pictures, the best possible. */
  readonly least: number;
}

/** The matches whose true distances are smallest and largest; neither list holds a picture or a song twice. */
export function matches({
  pictures,
  clips,
  firsts,
}: Pick<EvaluationFindings, 'pictures' | 'clips' | 'firsts'>): {
  readonly best: readonly Match[];
  readonly worst: readonly Match[];
} {
  const all = clips.flatMap((clip, i) => {
    const picture = pictures[firsts[i] ?? -1];
    return picture === undefined ? [] : [{ picture, clip, distance: distance(picture.label, clip.label) }];
  });
  const sorted = all.sort((a, b) => a.distance - b.distance);
  const chosen = (ordered: typeof sorted, count: number): Match[] => {
    const some: Match[] = [];
    const taken = new Set<string>();
    for (const match of ordered) {
      const { picture, clip } = match;
      if (some.length === count) break;
      if (taken.has(picture.name) || taken.has(clip.name)) continue;
      taken.add(picture.name).add(clip.name);
      const least = pictures.reduce((low, { label }) => Math.min(low, distance(label, clip.label)), Infinity);
      some.push({ ...match, least });
    }
    return some;
  };
  // With few songs, each list gets half of them.
  const songs = new Set(all.map(({ clip }) => clip.name)).size;
  const best = chosen(sorted, Math.min(SHOWN, Math.ceil(songs / 2)));
  const others = sorted.filter(({ clip }) => !best.some((match) => match.clip === clip));
  return { best, worst: chosen(others.toReversed(), Math.min(SHOWN, Math.floor(songs / 2))) };
}

function distance(a: PlanePoint, b: PlanePoint): number {
  return Math.hypot(a.valence - b.valence, a.arousal - b.arousal);
}

/** Writes pictures and sounds of matches below the folder. @returns the HTML that shows them */
export async function writeMatches(
  folder: string,
  found: ReturnType<typeof matches>,
): Promise<{ readonly best: string; readonly worst: string }> {
  if (found.best.length > 0) await mkdir(join(folder, MATCH_FOLDER));
  const figures = async (name: 'best' | 'worst') => {
    const all: string[] = [];
    for (const [i, match] of found[name].entries()) all.push(await figure(folder, `${name}-${i}`, match));
    return all.join('\n');
  };
  return { best: await figures('best'), worst: await figures('worst') };
}

async function figure(folder: string, name: string, match: Match): Promise<string> {
  const { picture, clip, distance, least } = match;
  const image = await written(`${MATCH_FOLDER}/${name}.jpg`, folder, () => smallPicture(picture.name));
  const sound = await written(`${MATCH_FOLDER}/${name}.wav`, folder, () => wavOf(clip));
  return `<figure class="match">
${image === undefined ? '<p class="why">the picture can’t be read any more</p>' : `<img src="${image}" alt="${escaped(basename(picture.name))}">`}
${sound === undefined ? '<p class="why">the sound can’t be read any more</p>' : `<audio controls preload="none" src="${sound}"></audio>`}
<figcaption>true distance <b>${distance.toFixed(3)}</b>, of the nearest picture ${least.toFixed(3)}
${ratingAndPrediction(`${basename(clip.name)}, ${clip.startSeconds.toFixed(1)} s`, clip)}
${ratingAndPrediction(basename(picture.name), picture)}</figcaption></figure>`;
}

/** Truth and prediction of one of the two. */
function ratingAndPrediction(name: string, { label, prediction }: LabelledPrediction): string {
  const axis = (which: 'valence' | 'arousal') =>
    `<tr><th>${which}</th><td>${label[which].toFixed(2)}</td><td>${prediction[which].toFixed(2)} ± ${prediction[`${which}Sd`].toFixed(2)}</td></tr>`;
  return `<table><caption>${escaped(name)}</caption><tr><th></th><th>people say</th><th>the model predicts</th></tr>${axis('valence')}${axis('arousal')}</table>`;
}

/** @returns its path; undefined where its source can no longer be read */
async function written(
  path: string,
  folder: string,
  make: () => Promise<Uint8Array>,
): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await make();
  } catch (error) {
    if (error instanceof SynestheteError) return undefined;
    throw error;
  }
  await writeFile(join(folder, path), bytes);
  return path;
}

async function smallPicture(file: string): Promise<Uint8Array> {
  const { width, height, pixels } = await fit(await openPicture(file), PICTURE_SIDE);
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
}

/** The clip as the model heard it: mono, 22,050 Hz, 16 bit. */
async function wavOf({ name, startSeconds }: LabelledClip): Promise<Uint8Array> {
  const { samples } = await clipOfFile(name, startSeconds);
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16); // length of the format
  bytes.writeUInt16LE(1, 20); // PCM
  bytes.writeUInt16LE(1, 22); // channels
  bytes.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  bytes.writeUInt32LE(2 * SAMPLE_RATE_HZ, 28); // bytes a second
  bytes.writeUInt16LE(2, 32); // bytes of a frame
  bytes.writeUInt16LE(16, 34); // bits of a sample
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((sample, i) => {
    bytes.writeInt16LE(Math.round(32_767 * Math.min(1, Math.max(-1, sample))), 44 + 2 * i);
  });
  return bytes;
}
