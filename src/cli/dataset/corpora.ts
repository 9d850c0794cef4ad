import { InvalidArgumentError, type Command } from 'commander';
import { SynestheteError } from '../../../models/errors.ts';
import {
  DEAM_FIRST_SECONDS,
  findMedia,
  readDeamClips,
  readDeamSongs,
  readEmotic,
  readIaps,
  readNaps,
  readOasis,
  writeManifest,
  type MediaKind,
  type RatedItem,
} from '../../../models/training/index.ts';
import { print } from '../terminal/output.ts';

interface CorpusOptions {
  readonly media: string;
  readonly out: string;
  readonly skipMissing?: true;
  readonly json?: true;
}

interface DeamOptions extends CorpusOptions {
  readonly valence?: string;
  readonly arousal?: string;
  readonly from?: number;
}

export function addCorpusCommands(dataset: Command): void {
  const tables: [name: string, description: string, read: (table: string) => Promise<RatedItem[]>][] = [
    ['iaps', 'IAPS pictures: AllSubjects_1-20.txt of the technical report', readIaps],
    ['naps', 'NAPS pictures: the sheet of ratings, saved as CSV', readNaps],
    ['oasis', 'OASIS pictures: OASIS.csv', readOasis],
  ];
  for (const [name, description, read] of tables) {
    addOptions(dataset.command(name).description(description).argument('<table>', 'the table')).action(
      async (table: string, options: CorpusOptions) => {
        await makeManifest(name, 'image', await read(table), options);
      },
    );
  }
  addOptions(
    dataset
      .command('emotic')
      .description('EMOTIC pictures: train.csv, val.csv and test.csv converted from Annotations.mat')
      .argument('<tables...>', 'the tables'),
  ).action(async (paths: string[], options: CorpusOptions) => {
    await makeManifest('emotic', 'image', await readEmotic(paths), options);
  });
  addOptions(
    dataset
      .command('deam')
      .description('DEAM songs with one rating each, or clips of 2 s with --valence and --arousal')
      .argument('[tables...]', 'static_annotations_averaged_songs_….csv')
      .option('--valence <table>', 'valence.csv of the dynamic annotations')
      .option('--arousal <table>', 'arousal.csv of the dynamic annotations')
      .option(
        '--from <seconds>',
        `where the first clip of each song starts (default: ${DEAM_FIRST_SECONDS}, where the labels do)`,
        clipStart,
      ),
  ).action(async (paths: string[], options: DeamOptions) => {
    await makeManifest('deam', 'music', await readDeam(paths, options), options);
  });
}

function addOptions(command: Command): Command {
  return command
    .requiredOption('--media <folder>', 'where the files are, in it or in folders within it')
    .requiredOption('--out <manifest.csv>', 'the manifest to write')
    .option('--skip-missing', 'leave out what has no file, and say how many')
    .option('--json', 'print what was done as JSON');
}

/** DEAM's labels are 0.5 s apart. */
function clipStart(text: string): number {
  const seconds = Number(text);
  if (seconds >= DEAM_FIRST_SECONDS && Number.isInteger(2 * seconds)) return seconds;
  throw new InvalidArgumentError(`It must be a multiple of 0.5, ${DEAM_FIRST_SECONDS} or above.`);
}

async function readDeam(
  paths: readonly string[],
  { valence, arousal, from }: DeamOptions,
): Promise<RatedItem[]> {
  const isOfSongs = paths.length > 0 && valence === undefined && arousal === undefined;
  if (isOfSongs && from === undefined) return readDeamSongs(paths);
  if (isOfSongs) throw new SynestheteError('USAGE', '--from is of clips: leave it out for song ratings');
  if (paths.length === 0 && valence !== undefined && arousal !== undefined)
    return readDeamClips(valence, arousal, from);
  throw new SynestheteError(
    'USAGE',
    'dataset deam takes either tables of song ratings or both --valence TABLE and --arousal TABLE',
  );
}

async function makeManifest(
  corpus: string,
  kind: MediaKind,
  items: readonly RatedItem[],
  options: CorpusOptions,
): Promise<void> {
  const { entries, missing } = await findMedia(items, options.media, kind);
  if (entries.length === 0 || (missing.length > 0 && options.skipMissing !== true)) {
    throw new SynestheteError(
      'FILE_NOT_FOUND',
      entries.length === 0
        ? `${options.media} holds none of the ${items.length} files that ${corpus} rates; name the right folder`
        : `${options.media} lacks ${missing.length} of the ${items.length} files that ${corpus} rates, among them ${missing[0]!}; --skip-missing leaves them out`,
    );
  }
  await writeManifest(options.out, entries);
  const done = {
    corpus,
    rated: items.length,
    written: entries.length,
    missing: missing.length,
    out: options.out,
  };
  await print(
    options.json === true
      ? `${JSON.stringify(done)}\n`
      : `${options.out}: ${done.written} of ${done.rated} rated by ${corpus}, ${done.missing} without a file\n`,
  );
}
