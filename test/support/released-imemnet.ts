import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mood, picture, sound, type PlaneMood } from './tiny-dataset.ts';

/** A synthetic corpus in the shape of the released IMEMNet, and the tables that its ratings come in. */
export interface SyntheticRelease {
  /** IAPS: the report's table and the folder of pictures; NAPS and EMOTIC likewise. */
  readonly iaps: { readonly table: string; readonly media: string };
  readonly naps: { readonly table: string; readonly media: string };
  readonly emotic: { readonly table: string; readonly media: string };
  readonly deam: { readonly valence: string; readonly arousal: string; readonly media: string };
  /** Lists of train, val and test. */
  readonly lists: readonly [train: string, val: string, test: string];
}

/** As in the release: its σ, the number of each song's first clip. Where that starts was not published: here at 18 s. */
const SIGMA = 0.3844;
const FIRST_NUMBER = 9;
const FIRST_START = 18;

/** Labels of the synthetic songs end here; clips from the 16th second on are 5, with the numbers 8 to 12. */
const END_SECONDS = 26;
const GRID_START = 16;

/** Songs and pictures of each split. Those of val are in the list of test as well, as in the release. */
const SPLITS = {
  train: { songs: 6, pictures: 16 },
  val: { songs: 2, pictures: 6 },
  test: { songs: 2, pictures: 6 },
};

const CORPORA = [
  { corpus: 'iaps', count: 8, name: (i: number) => String(1050 + 10 * i) },
  { corpus: 'naps', count: 8, name: (i: number) => `Animals_${String(i + 1).padStart(3, '0')}_h` },
  { corpus: 'emotic', count: 12, name: (i: number) => `COCO_train2014_${String(300 + i).padStart(12, '0')}` },
] as const;

/** A label of a song half a second long: it moves with time, so that clips cut elsewhere have other labels. */
function songMood(song: number, seconds: number): PlaneMood {
  return {
    valence: 0.5 + 0.4 * Math.sin(0.9 * song + 0.45 * seconds),
    arousal: 0.5 + 0.4 * Math.cos(1.7 * song - 0.6 * seconds),
  };
}

function clipMood(song: number, start: number): PlaneMood {
  const samples = [0, 0.5, 1, 1.5].map((after) => songMood(song, start + after));
  const mean = (axis: keyof PlaneMood): number => samples.reduce((sum, { [axis]: x }) => sum + x / 4, 0);
  return { valence: mean('valence'), arousal: mean('arousal') };
}

/** Scaled to [0, 1] by their own minimum and range. */
function scaled(moods: readonly PlaneMood[]): PlaneMood[] {
  const along = (axis: keyof PlaneMood): ((mood: PlaneMood) => number) => {
    const values = moods.map(({ [axis]: value }) => value);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return ({ [axis]: value }) => (value - low) / (high - low);
  };
  const [valence, arousal] = [along('valence'), along('arousal')];
  return moods.map((one) => ({ valence: valence(one), arousal: arousal(one) }));
}

export async function syntheticRelease(folder: string): Promise<SyntheticRelease> {
  const media = (name: string): string => join(folder, name);
  for (const name of ['iaps', 'naps', join('emotic', 'mscoco', 'images'), 'deam'])
    await mkdir(media(name), { recursive: true });
  const pictures = await writePictures(folder);
  await writeFile(media('iaps.txt'), iapsTable(pictures.filter(({ corpus }) => corpus === 'iaps')));
  await writeFile(media('naps.csv'), napsTable(pictures.filter(({ corpus }) => corpus === 'naps')));
  await writeFile(media('emotic.csv'), emoticTable(pictures.filter(({ corpus }) => corpus === 'emotic')));

  const counts = Object.values(SPLITS);
  const songs = Array.from({ length: counts.reduce((sum, split) => sum + split.songs, 0) }, (_, i) => i + 2);
  for (const song of songs) await sound(join(media('deam'), `${song}.wav`), songMood(song, 20), END_SECONDS);
  for (const axis of ['valence', 'arousal'] as const)
    await writeFile(media(`${axis}.csv`), deamTable(songs, axis));

  const lists = media('lists');
  await mkdir(lists);
  const paths = ['train', 'val', 'test'].map((split) => join(lists, `${split}_matching.txt`));
  const texts = listTexts(songs, pictures);
  for (const [i, path] of paths.entries()) await writeFile(path, texts[i]!);
  return {
    iaps: { table: media('iaps.txt'), media: media('iaps') },
    naps: { table: media('naps.csv'), media: media('naps') },
    emotic: { table: media('emotic.csv'), media: media('emotic') },
    deam: { valence: media('valence.csv'), arousal: media('arousal.csv'), media: media('deam') },
    lists: [paths[0]!, paths[1]!, paths[2]!],
  };
}

interface RatedPicture {
  readonly corpus: string;
  readonly name: string;
  readonly mood: PlaneMood;
}

async function writePictures(folder: string): Promise<RatedPicture[]> {
  const pictures = CORPORA.flatMap(({ corpus, count, name }, c) =>
    Array.from({ length: count }, (_, i) => ({ corpus, name: name(i), mood: mood(12 * c + i) })),
  );
  for (const { corpus, name, mood: of } of pictures) {
    const within = corpus === 'emotic' ? join(corpus, 'mscoco', 'images') : corpus;
    await picture(join(folder, within, `${name}.png`), of);
  }
  return pictures;
}

function on(low: number, high: number, value: number): string {
  return (low + (high - low) * value).toFixed(6);
}

function iapsTable(pictures: readonly RatedPicture[]): string {
  const rows = pictures.map(
    ({ name, mood: { valence, arousal } }) =>
      `thing\t${name}\t${on(1, 9, valence)}\t1\t${on(1, 9, arousal)}\t1`,
  );
  return ['International Affective Picture System', 'desc\tIAPS\tvalmn\tvalsd\taromn\tarosd', ...rows].join(
    '\n',
  );
}

function napsTable(pictures: readonly RatedPicture[]): string {
  const rows = pictures.map(
    ({ name, mood: { valence, arousal } }) => `${name},Animals,${on(1, 9, valence)},${on(1, 9, arousal)}`,
  );
  return ['ID,Category,M_Val,M_Aro', ...rows].join('\n');
}

function emoticTable(pictures: readonly RatedPicture[]): string {
  const rows = pictures.map(
    ({ name, mood: { valence, arousal } }, i) =>
      `${i},mscoco/images,${name}.png,"[32, 32]","[0, 0, 9, 9]",['Peace'],"[${on(1, 10, valence)}, ${on(1, 10, arousal)}, 5]",Male,Adult`,
  );
  const header = 'Index,Folder,Filename,Image Size,BBox,Categorical_Labels,Continuous_Labels,Gender,Age';
  return [header, ...rows].join('\n');
}

function deamTable(songs: readonly number[], axis: keyof PlaneMood): string {
  const times = Array.from({ length: 2 * (END_SECONDS - 15) }, (_, i) => 15 + i / 2);
  const header = ['song_id', ...times.map((time) => `sample_${1000 * time}ms`)];
  const rows = songs.map((song) => [song, ...times.map((time) => on(-1, 1, songMood(song, time)[axis]))]);
  return [header, ...rows].map((row) => row.join(',')).join('\n');
}

/** Five pictures for each clip of a split. */
function listTexts(songs: readonly number[], pictures: readonly RatedPicture[]): string[] {
  const moodOf = new Map<string, PlaneMood>();
  for (const { corpus } of CORPORA) {
    const own = pictures.filter((one) => one.corpus === corpus);
    scaled(own.map((one) => one.mood)).forEach((place, i) => moodOf.set(own[i]!.name, place));
  }
  const starts: number[] = [];
  for (let start = GRID_START; start + 2 <= END_SECONDS; start += 2) starts.push(start);
  const clips = songs.flatMap((song) =>
    starts.map((start) => ({ song, start, mood: clipMood(song, start) })),
  );
  const placed = scaled(clips.map((clip) => clip.mood)).map((place, i) => ({ ...clips[i]!, mood: place }));

  // Every corpus is in every split.
  const shuffled = pictures.map((_, i) => pictures[(i * 11) % pictures.length]!);
  let [song, image] = [0, 0];
  const own = Object.values(SPLITS).map((split) => ({
    songs: songs.slice(song, (song += split.songs)),
    pictures: shuffled.slice(image, (image += split.pictures)),
  }));
  const [train, val, test] = own as [(typeof own)[0], (typeof own)[0], (typeof own)[0]];
  const all = [
    train,
    val,
    { songs: [...val.songs, ...test.songs], pictures: [...val.pictures, ...test.pictures] },
  ];
  return all.map((split) => {
    const lines = placed.flatMap(({ song: of, start, mood: at }, c) => {
      if (!split.songs.includes(of) || start < FIRST_START) return [];
      const number = FIRST_NUMBER + (start - FIRST_START) / 2;
      return [0, 1, 2, 3, 4].map((k) => {
        const { name } = split.pictures[(c + 5 * k + (k > 2 ? 1 : 0)) % split.pictures.length]!;
        const to = moodOf.get(name)!;
        const distance = Math.hypot(to.valence - at.valence, to.arousal - at.arousal);
        return `${of}-${number} ${name} ${Math.exp(-distance / SIGMA)}`;
      });
    });
    return `${lines.join('\n')}\n`;
  });
}
