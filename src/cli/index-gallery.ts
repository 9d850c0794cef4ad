import type { Command } from 'commander';
import { SynestheteError } from '../../models/errors.ts';
import type { IndexOptions, IndexReport } from '../../models/gallery/index.ts';
import type { Model } from '../../models/model/index.ts';
import type { Screen } from '../../models/screens.ts';
import { ownMoodsFile } from '../built-in/index.ts';
import { addModelOptions, introduction, openChosenModel, type ModelOptions } from './options/model.ts';
import { numberWithin } from './options/numbers.ts';
import { UNSAFE_THRESHOLD_HELP } from './options/program.ts';
import { RENDITIONS_HELP, screenOption } from './options/screens.ts';
import { counted } from './terminal/counted.ts';
import { warn } from './terminal/failure.ts';
import { onInterruption } from './terminal/interruption.ts';
import { print } from './terminal/output.ts';
import { printable } from './terminal/printable.ts';
import { Progress } from './terminal/progress.ts';

interface IndexCommandOptions extends ModelOptions {
  readonly index?: string;
  readonly unsafeThreshold?: number;
  readonly allow?: string[];
  readonly forbid?: string[];
  readonly hide?: string[];
  readonly unhide?: string[];
  readonly exclude?: string[];
  readonly allowBlank?: true;
  readonly again?: true;
  readonly renditions?: Screen[];
  readonly watch?: true;
  readonly json?: true;
}

type ModelOpener = (options: ModelOptions) => Promise<Model>;

/** @param open gives the model that the options name */
export function addIndexCommand(program: Command, open: ModelOpener = openChosenModel): void {
  const command = program
    .command('index')
    .description('make the index of a folder of pictures, or bring it up to date; its sub-folders are banks')
    .argument(
      '<folder>',
      'jpg, png, webp, avif, tiff, gif and, where the decoder has it, heic, whatever the names',
    )
    .option('--index <folder>', 'where the index lives (default: .synesthete in the folder)')
    .option('--unsafe-threshold <p>', UNSAFE_THRESHOLD_HELP, numberWithin(0, 1))
    .option(
      '--allow <files...>',
      'let these be shown although they are marked as unsafe; kept with the index',
    )
    .option('--forbid <files...>', 'forbid again what --allow allowed')
    .option('--hide <files...>', 'never show these, whatever allows them; kept with the index')
    .option('--unhide <files...>', 'take back what --hide hid')
    .option(
      '--exclude <patterns...>',
      'leave out what these name, as in .gitignore ("*-draft.*"); a file .showignore does so for every run',
    )
    .option(
      '--allow-blank',
      'take pictures in which there is nothing to see: of one colour, tiny, far too long',
    )
    .option('--again', 'read every picture again, also those that seem unchanged')
    .option('--renditions <screens...>', RENDITIONS_HELP, screenOption)
    .option('--watch', 'keep running and index pictures as they come and go')
    .option('--json', 'print what was done as one line of JSON (with --watch, one each time)');
  addModelOptions(command).action((folder: string, options: IndexCommandOptions) =>
    index(folder, options, open),
  );
}

async function index(folder: string, options: IndexCommandOptions, open: ModelOpener): Promise<void> {
  const { allow, forbid, hide, unhide, unsafeThreshold } = options;
  if (options.watch && (allow ?? forbid ?? hide ?? unhide)) {
    throw new SynestheteError(
      'USAGE',
      '--allow, --forbid, --hide and --unhide do not go with --watch: run "synesthete index" with them separately, a running show follows',
    );
  }
  const interruption = new AbortController();
  onInterruption(() => {
    interruption.abort(new Interrupted());
  });
  const [{ indexGallery, watchGallery }, model] = await Promise.all([
    import('../../models/gallery/index.ts'),
    open(options),
  ]);
  // With --watch there is a new one whenever there is something to read.
  let progress: Progress | undefined;
  const endProgress = (): void => {
    progress?.stop();
    progress = undefined;
  };
  let isIntroduced = options.json === true;
  const introduce = (): string => {
    const line = isIntroduced ? '' : `${introduction(model)}\n`;
    isIntroduced = true;
    return line;
  };
  const common: IndexOptions & { readonly signal: AbortSignal } = {
    ...(options.index !== undefined && { indexFolder: options.index }),
    ...(await ownMoodsFile(folder)),
    ...(unsafeThreshold !== undefined && { unsafeThreshold }),
    ...(allow && { allow }),
    ...(forbid && { forbid }),
    ...(hide && { hide }),
    ...(unhide && { unhide }),
    ...(options.allowBlank && { allowBlank: true }),
    ...(options.again && { again: true }),
    ...(options.renditions && { renditions: options.renditions }),
    ...(options.exclude && { exclude: options.exclude }),
    signal: interruption.signal,
    notice(line) {
      progress?.pause();
      warn(line);
    },
    onProgress({ stage, done, total }) {
      process.stdout.write(introduce());
      if (total === 0) return;
      progress ??= new Progress(STAGE_WORDS[stage], { total });
      progress.update(done);
      if (done === total) endProgress();
    },
  };
  const report = async (result: IndexReport): Promise<void> => {
    endProgress();
    await print(
      options.json
        ? `${JSON.stringify({ engine: model.engine, ...describe(folder, result) })}\n`
        : introduce() + reportText(folder, result, model),
    );
  };
  try {
    if (options.watch) {
      let printed = Promise.resolve();
      await watchGallery(folder, model, {
        ...common,
        onReport(result) {
          printed = printed.then(() => report(result));
        },
      });
      await printed;
    } else {
      await report(await indexGallery(folder, model, common));
    }
  } catch (error) {
    endProgress();
    if (!(error instanceof Interrupted)) throw error;
    process.stderr.write('synesthete: interrupted; finished work is kept: run the command again to resume\n');
  } finally {
    endProgress();
    await model.close();
  }
}

const STAGE_WORDS = { reading: 'pictures', refining: 'moods', rendering: 'renditions' } as const;

class Interrupted extends Error {}

function describe(folder: string, { folders, ...report }: IndexReport) {
  return { folder, ...report, folders: folders.length };
}

function reportText(folder: string, report: IndexReport, model: Model): string {
  const { pictures, banks, added, forgotten, exactCopies, nearCopies, broken, passedOver } = report;
  const { marked, allowed, byHand, moodFaults, blank, damaged } = report;
  // A refined model takes over the predictions of the model before it.
  const followed = model.refines === undefined ? 0 : added - report.read;
  const news =
    followed > 0 ? `${followed} from the index of the model before, ${report.read} read` : `${added} new`;
  const changes = report.hasChanged ? `${news}, ${forgotten} gone` : 'nothing has changed';
  const facts = [
    ...(banks.length > 0 ? [`banks: ${banks.join(', ')}`] : []),
    ...(exactCopies + nearCopies > 0
      ? [`${copies(exactCopies, nearCopies)}: the show uses one of each at a time`]
      : []),
    ...(marked.length > 0
      ? [`${marked.length} marked as unsafe, not shown; --allow FILE… allows those that may be:`]
      : []),
    ...marked.map(({ file, unsafe }) => `  ${file} (${unsafe.toFixed(2)})`),
    ...(allowed.length > 0
      ? [
          `${allowed.length === 1 ? '1 looks unsafe and is' : `${allowed.length} look unsafe and are`} allowed: ${allowed.join(', ')}`,
        ]
      : []),
    ...(report.hidden.length > 0
      ? [`${report.hidden.length} hidden by hand: ${report.hidden.join(', ')}`]
      : []),
    ...(report.rendered > 0 ? [`${counted(report.rendered, 'rendition')} made for screens`] : []),
    ...(byHand > 0 ? [`${counted(byHand, 'mood')} by hand`] : []),
    ...(moodFaults.length > 0 ? ['these moods by hand do not count:'] : []),
    ...moodFaults.map((line) => `  ${line}`),
    ...(report.excluded.length > 0 ? [`left out: ${excludedText(report.excluded)}`] : []),
    ...(passedOver > 0 ? [`${counted(passedOver, 'other file')} skipped`] : []),
    ...(pictures === 0 ? ['there is nothing to show: put pictures there and run it again'] : []),
    ...(damaged.length > 0 ? [`${counted(damaged.length, 'picture')} shown although damaged:`] : []),
    ...damaged.map(({ file, reason }) => `  ${file}: ${reason}`),
    ...(blank.length > 0
      ? [
          `${counted(blank.length, 'picture')} left out with nothing to see; --allow-blank takes such pictures:`,
        ]
      : []),
    ...blank.map(({ file, reason }) => `  ${file}: ${reason}`),
    ...(broken.length > 0 ? [`${broken.length} could not be read:`] : []),
    ...broken.map(({ file, reason }) => `  ${file}: ${reason}`),
  ];
  return [`${folder}: ${counted(pictures, 'picture')} (${changes})`, ...facts]
    .map((line) => `${printable(line)}\n`)
    .join('');
}

const MOST_PATTERNS_TOLD = 6;

function excludedText(excluded: IndexReport['excluded']): string {
  const told = excluded.slice(0, MOST_PATTERNS_TOLD).map(({ pattern, count }) => {
    // Escaped for .gitignore only.
    const name = pattern.replace(/^\\(?=#)|\\(?=#$)/gu, '');
    return count === 1 ? name : `${name} (${count})`;
  });
  const more = excluded.length - told.length;
  return [...told, ...(more > 0 ? [counted(more, 'more pattern')] : [])].join(', ');
}

function copies(exact: number, near: number): string {
  return [exact > 0 ? counted(exact, 'exact copy') : '', near > 0 ? counted(near, 'near copy') : '']
    .filter(Boolean)
    .join(' and ');
}
