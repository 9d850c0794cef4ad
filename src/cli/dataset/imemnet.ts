import { join, parse } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { SynestheteError } from '../../../models/errors.ts';
import {
  assertNoOverlap,
  buildImemnet,
  findOverlaps,
  formatPairs,
  parseScale,
  readManifest,
  readPairs,
  releasedImemnet,
  SPLITS,
  writeManifest,
  type Imemnet,
  type Scale,
} from '../../../models/training/index.ts';
import { writeFolder } from '../../../models/write-folder.ts';
import { writeWhole } from '../../../models/write-whole.ts';
import { warn } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { detailsOf, linesOf, readReleased } from './released.ts';

interface ImemnetCommandOptions {
  readonly images: string[];
  readonly music: string[];
  readonly out: string;
  readonly seed?: number;
  readonly released?: string[];
  readonly scale?: Scale;
  readonly keepTogether?: string;
  readonly json?: true;
}

export function addImemnetCommand(dataset: Command): void {
  dataset
    .command('imemnet')
    .description(
      "build splits, 2 s clips and pairs as IMEMNet's were built; the same seed gives the same files",
    )
    .requiredOption('--images <manifests...>', 'rated pictures, a manifest for each corpus')
    .requiredOption(
      '--music <manifests...>',
      'rated stretches of songs (start, end), a manifest for each corpus',
    )
    .requiredOption(
      '--out <folder>',
      'a folder to make: images.csv, music.csv, pairs-SPLIT.txt, imemnet.json',
    )
    .option('--seed <integer>', 'what everything that is drawn depends on (default: 1)', parseSeed)
    .option(
      '--released <lists...>',
      'instead of drawing splits and pairs: IMEMNet’s own lists of train, val and test, in this order',
    )
    .option('--scale <low..high>', 'the scale of the ratings (default: 0..1)', scale)
    .option('--keep-together <column>', 'pictures with the same value there go into the same split')
    .option('--json', 'print what was made as JSON')
    .action(imemnet);
}

async function imemnet(options: ImemnetCommandOptions): Promise<void> {
  const manifestOptions = options.scale === undefined ? {} : { scale: options.scale };
  const read = (paths: readonly string[]) =>
    Promise.all(paths.map((path) => readManifest(path, manifestOptions)));
  const { seed = 1, keepTogether, released } = options;
  const lists = released && (await readReleased(released, options));
  const [images, music] = [await read(options.images), await read(options.music)];
  const ofRelease = lists && releasedImemnet(images, music, lists);
  const dataset =
    ofRelease ?? buildImemnet(images, music, { seed, ...(keepTogether !== undefined && { keepTogether }) });
  const summary = {
    ...summaryOf(dataset),
    ...(ofRelease ? detailsOf(ofRelease) : { seed }),
  };
  await writeFolder(options.out, async (folder) => {
    await writeManifest(join(folder, 'images.csv'), dataset.images);
    await writeManifest(join(folder, 'music.csv'), dataset.clips);
    for (const split of SPLITS) {
      await writeWhole(join(folder, `pairs-${split}.txt`), formatPairs(dataset.pairs[split]));
    }
    await writeWhole(join(folder, 'imemnet.json'), `${JSON.stringify(summary, undefined, 2)}\n`);
  });
  for (const line of ofRelease ? linesOf(ofRelease) : []) warn(line);
  const how = ofRelease ? 'of the released lists' : `seed ${seed}`;
  await print(options.json === true ? `${JSON.stringify(summary)}\n` : table(options.out, summary, how));
}

function summaryOf({ images, clips, pairs, sigma, corpora }: Imemnet) {
  const perSplit = (count: (split: (typeof SPLITS)[number]) => number) =>
    Object.fromEntries(SPLITS.map((split) => [split, count(split)])) as Record<
      (typeof SPLITS)[number],
      number
    >;
  const clipsOf = (split: (typeof SPLITS)[number]) => clips.filter((clip) => clip.split === split);
  return {
    format: 'synesthete-imemnet',
    formatVersion: 1,
    sigma,
    images: perSplit((split) => images.filter((image) => image.split === split).length),
    songs: perSplit((split) => new Set(clipsOf(split).map((clip) => clip.columns['song'])).size),
    clips: perSplit((split) => clipsOf(split).length),
    pairs: perSplit((split) => pairs[split].length),
    corpora,
  };
}

function table(out: string, summary: ReturnType<typeof summaryOf>, how: string): string {
  const line = (cells: readonly (string | number)[]) =>
    cells.map((cell) => String(cell).padStart(9)).join('') + '\n';
  const kinds = ['images', 'songs', 'clips', 'pairs'] as const;
  return [
    line(['', ...kinds]),
    ...SPLITS.map((split) => line([split, ...kinds.map((kind) => summary[kind][split])])),
    `σ ${summary.sigma.toFixed(4)}, ${how}; written to ${out}\n`,
  ].join('');
}

export function addCheckCommand(dataset: Command): void {
  dataset
    .command('check')
    .description(
      'read files of pairs as IMEMNet was released, one for each split, and look for what is in two of them',
    )
    .argument('<pairs...>', 'files with lines as "1967-11 COCO_train2014_000000318807 0.8758"')
    .option('--json', 'print what was found as JSON')
    .action(check);
}

async function check(paths: string[], options: { readonly json?: true }): Promise<void> {
  const splits = new Map<string, Awaited<ReturnType<typeof readPairs>>>();
  for (const path of paths) {
    const name =
      paths.filter((other) => parse(other).name === parse(path).name).length > 1 ? path : parse(path).name;
    if (splits.has(name)) throw new SynestheteError('USAGE', `${path} is named twice; name each split once`);
    splits.set(name, await readPairs(path));
  }
  const counts = [...splits].map(([name, pairs]) => ({
    split: name,
    pairs: pairs.length,
    songs: new Set(pairs.map(({ song }) => song)).size,
    clips: new Set(pairs.map(({ song, clip }) => `${song}-${clip}`)).size,
    images: new Set(pairs.map(({ picture }) => picture)).size,
  }));
  const overlaps = findOverlaps(splits);
  await print(
    options.json === true
      ? `${JSON.stringify({ counts, overlaps })}\n`
      : counts
          .map(
            ({ split, pairs, songs, clips, images }) =>
              `${split}: ${pairs} pairs, ${songs} songs, ${clips} clips, ${images} images\n`,
          )
          .join(''),
  );
  assertNoOverlap(overlaps);
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(seed))
    throw new InvalidArgumentError('It must be a whole number.');
  return seed;
}

function scale(text: string): Scale {
  try {
    return parseScale(text);
  } catch (error) {
    throw error instanceof SynestheteError ? new InvalidArgumentError(error.message) : error;
  }
}
