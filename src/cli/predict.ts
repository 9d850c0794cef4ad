import type { Command } from 'commander';
import { SynestheteError } from '../../models/errors.ts';
import type { Model } from '../../models/serving/index.ts';
import type { FeatureThreads, FileReading, FileRequest } from '../../streams/readings/index.ts';
import { warn } from './failure.ts';
import { addModelOptions, introduction, openChosenModel, type ModelOptions } from './model-options.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { Progress } from './progress.ts';
import { tellSkipped } from './skipped.ts';

interface PredictOptions extends ModelOptions {
  readonly json?: true;
  readonly embeddings?: true;
  readonly skipBad?: true;
}

export function addPredictCommand(program: Command): void {
  addModelOptions(
    program
      .command('predict')
      .description(
        'valence and arousal (0..1) of pictures and of each 2 s clip of sound files, told apart by their content',
      )
      .argument('<files...>', 'pictures, and anything with sound that ffmpeg decodes'),
  )
    .option('--json', 'print a line of JSON for each picture and each clip')
    .option(
      '--embeddings',
      'with --json: the numbers of each embedding as well (512, unless the model was trained with others)',
    )
    .option('--skip-bad', 'go on with the others where a file can not be read, and list those at the end')
    .action(async (files: string[], options: PredictOptions) => {
      if (options.embeddings === true && options.json !== true) {
        throw new SynestheteError('USAGE', '--embeddings has no meaning without --json: give both');
      }
      const model = await openChosenModel(options);
      try {
        await predict(files, model, options, print);
      } finally {
        await model.close();
      }
    });
}

/**
 * Prints what a model reads in files, in their order.
 *
 * @param options with the threads that compute features, where others use them as well.
 * @param write takes whole lines, and resolves when it is ready for more.
 * @throws SynestheteError that of the first file that can't be read, unless `skipBad` and another can.
 */
export async function predict(
  files: readonly string[],
  model: Model,
  options: Pick<PredictOptions, 'json' | 'embeddings' | 'skipBad'> & {
    readonly featureThreads?: FeatureThreads;
  },
  write: (text: string) => Promise<void>,
): Promise<void> {
  const { readFiles } = await import('../../streams/readings/index.ts');
  const isJson = options.json === true;
  // The lines of --json are readings and nothing else.
  if (isJson) process.stderr.write(`${introduction(model)}\n`);
  else await write(`${introduction(model)}\n`);
  // Lines that go to the same terminal as the bar would tear it.
  const progress = new Progress('files', { total: files.length, onTerminal: !process.stdout.isTTY });
  const failed: SynestheteError[] = [];
  // Told at the end, so that they don't tear the bar or stand between the lines.
  const damages: string[] = [];
  const threads = options.featureThreads === undefined ? {} : { threads: options.featureThreads };
  const damaged = (line: string) => void damages.push(line);
  try {
    for await (const event of readFiles(requestsOf(files), model, { ...threads, damaged })) {
      if (event.kind === 'reading') {
        const { file } = event.request;
        await write(isJson ? jsonLine(file, event.of, options.embeddings === true) : line(file, event.of));
        continue;
      }
      progress.step();
      if (event.kind !== 'failed') continue;
      if (options.skipBad !== true) throw event.error;
      failed.push(event.error);
    }
  } finally {
    progress.stop();
    for (const damage of damages) warn(damage);
  }
  tellSkipped(failed, files.length);
}

function* requestsOf(files: readonly string[]): Generator<FileRequest> {
  for (const file of files) yield { file };
}

/** A line of DESIGN's contract. */
function jsonLine(file: string, of: FileReading, withEmbedding: boolean): string {
  const { valence, arousal, valenceSd, arousalSd, embedding } = of.reading;
  const fields = {
    file,
    kind: of.kind,
    start: of.kind === 'image' ? null : of.clip.startSeconds,
    valence: rounded(valence),
    arousal: rounded(arousal),
    valenceSd: rounded(valenceSd),
    arousalSd: rounded(arousalSd),
    ...(withEmbedding ? { embedding: Array.from(embedding, significant) } : {}),
  };
  return `${JSON.stringify(fields)}\n`;
}

/** To a millionth, finer than any engine is exact. */
function rounded(value: number): number {
  return Number(value.toFixed(6));
}

/** As many digits as a float32 has. */
function significant(value: number): number {
  return Number(value.toPrecision(7));
}

function line(file: string, of: FileReading): string {
  const { valence, arousal } = of.reading;
  const where = of.kind === 'image' ? 'picture' : `${of.clip.startSeconds} s`;
  return `valence ${bar(valence)} arousal ${bar(arousal)} ${where.padStart(8)}  ${printable(file)}\n`;
}

const BAR_CELLS = 10;

/** A number of [0, 1] as a bar of ten cells and with two digits. */
export function bar(value: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, value)) * BAR_CELLS * 8);
  const full = '█'.repeat(Math.floor(eighths / 8));
  const part = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8]!;
  return `${(full + part).padEnd(BAR_CELLS, '·')} ${value.toFixed(2)}`;
}
