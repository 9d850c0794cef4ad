import type { Command } from 'commander';
import { SynestheteError } from '../../models/errors.ts';
import { CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import type { Model, Prediction } from '../../models/model/index.ts';
import { MoodsBeside, byHand } from '../../models/moods/index.ts';
import type { FeatureProcesses, FilePrediction, FileRequest } from '../../streams/file-inference/index.ts';
import { addModelOptions, introduction, openChosenModel, type ModelOptions } from './options/model.ts';
import { ExplanationTables, explainedModel, explanationFields } from './shared/explanation.ts';
import { warn } from './terminal/failure.ts';
import { print } from './terminal/output.ts';
import { printable } from './terminal/printable.ts';
import { Progress } from './terminal/progress.ts';
import { reportSkipped } from './terminal/skipped.ts';

interface PredictOptions extends ModelOptions {
  readonly json?: true;
  readonly embeddings?: true;
  readonly explain?: true;
  readonly skipBad?: true;
}

export function addPredictCommand(program: Command): void {
  addModelOptions(
    program
      .command('predict')
      .description(
        'predict valence and arousal (0..1) of pictures and of each 2 s clip of sound files; the content of a file decides which it is',
      )
      .argument('<files...>', 'pictures, and anything with sound that ffmpeg decodes'),
  )
    .option('--json', 'print a line of JSON for each picture and each clip')
    .option(
      '--embeddings',
      'with --json: also the numbers of each embedding, 512 unless the model was trained with another size',
    )
    .option(
      '--explain',
      'show how far each encoder of the model moves the prediction, and how sure it is: for sound the mean of the clips, with --json for each clip',
    )
    .option('--skip-bad', 'go on where a file can’t be read, and list such files at the end')
    .action(async (files: string[], options: PredictOptions) => {
      if (options.embeddings === true && options.json !== true) {
        throw new SynestheteError('USAGE', '--embeddings has no meaning without --json: give both');
      }
      let model = await openChosenModel(options);
      try {
        if (options.explain === true) model = explainedModel(model);
        await predict(files, model, options, print);
      } finally {
        await model.close();
      }
    });
}

/**
 * Prints a model's predictions for files, in their order; for sound files with a moods.csv beside them, what a person
 * says instead.
 *
 * @param model for `explain` one that explains its predictions
 * @param options with the threads that compute features, where others share them
 * @param write takes whole lines, and resolves when it is ready for more.
 * @throws SynestheteError that of the first file that can't be read, unless `skipBad` and another can; that of a
 * moods.csv that can't be understood, before anything is written.
 */
export async function predict(
  files: readonly string[],
  model: Model,
  options: Pick<PredictOptions, 'json' | 'embeddings' | 'explain' | 'skipBad'> & {
    readonly featureThreads?: FeatureProcesses;
  },
  write: (text: string) => Promise<void>,
): Promise<void> {
  const { kindOf, readFiles } = await import('../../streams/file-inference/index.ts');
  // A bad table of moods fails before the first file is read, not in the middle of a run.
  const moods = new MoodsBeside(warn);
  for (const file of files) {
    // A file that can't be read fails in its turn.
    if ((await kindOf(file).catch(() => undefined)) === 'music') await moods.of(file);
  }
  // With --json, standard output holds predictions only.
  if (options.json === true) process.stderr.write(`${introduction(model)}\n`);
  else await write(`${introduction(model)}\n`);
  // Lines on the same terminal would tear the bar.
  const progress = new Progress('files', { total: files.length, onTerminal: !process.stdout.isTTY });
  const failed: SynestheteError[] = [];
  // Printed at the end, so that they neither tear the bar nor stand between the lines.
  const damages: string[] = [];
  const damaged = (line: string) => void damages.push(line);
  const threads = options.featureThreads === undefined ? {} : { threads: options.featureThreads };
  const text = textOf(options);
  const say = async (lines: string): Promise<void> => {
    if (lines !== '') await write(lines);
  };
  try {
    for await (const event of readFiles(requestsOf(files), model, { ...threads, damaged })) {
      const { file } = event.request;
      if (event.kind === 'prediction') {
        await say(text.prediction(file, event.of, await withHand(event.of, file, moods)));
        continue;
      }
      await say(text.endOfFile(file, event.kind === 'read'));
      progress.step();
      if (event.kind !== 'failed') continue;
      if (options.skipBad !== true) throw event.error;
      failed.push(event.error);
    }
    await say(text.end());
  } finally {
    progress.stop();
    for (const damage of damages) warn(damage);
  }
  reportSkipped(failed, files.length);
}

/** How predictions are written: whole lines, or nothing. */
type PredictionText = Pick<ExplanationTables, 'prediction' | 'endOfFile' | 'end'>;

function textOf({
  json,
  embeddings,
  explain,
}: Pick<PredictOptions, 'json' | 'embeddings' | 'explain'>): PredictionText {
  if (explain === true && json !== true) return new ExplanationTables();
  return {
    prediction(file, of, shown) {
      if (json !== true) return line(file, shown);
      const { embedding } = shown.prediction;
      return jsonLine(file, shown, {
        ...explanationFields(of.prediction),
        ...(embeddings === true ? { embedding: Array.from(embedding, significant) } : {}),
      });
    },
    endOfFile: () => '',
    end: () => '',
  };
}

function* requestsOf(files: readonly string[]): Generator<FileRequest> {
  for (const file of files) yield { file };
}

/** The mood by hand of a clip is that of its middle. */
async function withHand(of: FilePrediction, file: string, moods: MoodsBeside): Promise<FilePrediction> {
  if (of.kind === 'image') return of;
  const hand = (await moods.of(file))?.at(of.clip.startSeconds + CLIP_SAMPLES / SAMPLE_RATE_HZ / 2);
  return { ...of, prediction: byHand(of.prediction, hand) };
}

/** A line as docs/architecture.md describes it under Contracts. @param more fields beside those */
function jsonLine(file: string, of: FilePrediction, more: object): string {
  const { valence, arousal, valenceSd, arousalSd, by } = of.prediction;
  const fields = {
    file,
    kind: of.kind,
    start: of.kind === 'image' ? null : of.clip.startSeconds,
    valence: rounded(valence),
    arousal: rounded(arousal),
    valenceSd: rounded(valenceSd),
    arousalSd: rounded(arousalSd),
    by,
    ...more,
  };
  return `${JSON.stringify(fields)}\n`;
}

/** To a millionth, which is finer than the precision of any engine. */
function rounded(value: number): number {
  return Number(value.toFixed(6));
}

/** As many digits as a float32 has. */
function significant(value: number): number {
  return Number(value.toPrecision(7));
}

function line(file: string, of: FilePrediction): string {
  const { valence, arousal, by } = of.prediction;
  const hand = by === undefined ? '' : `  by hand: ${axesByHand(by)}`;
  const where = of.kind === 'image' ? 'picture' : `${of.clip.startSeconds} s`;
  return `valence ${bar(valence)} arousal ${bar(arousal)} ${where.padStart(8)}  ${printable(file)}${hand}\n`;
}

function axesByHand(by: NonNullable<Prediction['by']>): string {
  return (['valence', 'arousal'] as const).filter((axis) => by[axis] === 'hand').join(', ');
}

const BAR_CELLS = 10;

/** A number of [0, 1] as a bar of ten cells and with two digits. */
export function bar(value: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, value)) * BAR_CELLS * 8);
  const full = '█'.repeat(Math.floor(eighths / 8));
  const part = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8]!;
  return `${(full + part).padEnd(BAR_CELLS, '·')} ${value.toFixed(2)}`;
}
