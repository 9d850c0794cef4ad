import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { SynestheteError } from '../../../models/errors.ts';
import { CLIP_SECONDS } from '../../../models/features/index.ts';
import {
  addModelOptions,
  chosenRecipe,
  introduction,
  openChosenModel,
  type ModelOptions,
  type RecipeOf,
} from '../options/model.ts';
import { positiveInteger } from '../options/numbers.ts';
import { addChoiceOptions, choiceSettings, type ChoiceOptions } from '../options/program.ts';
import { warn } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { terminalWidth, wrapped } from '../terminal/wrap.ts';
import { labelledFiles, type Split } from './labelled-files.ts';
import { listedPairs, measure } from './measure.ts';
import { inSampleLines, provenanceLines, provenanceOf } from './provenance.ts';
import { reportInto } from './report.ts';
import { evaluationBlocks, evaluationTable } from './table.ts';

interface EvaluateOptions extends ModelOptions, ChoiceOptions {
  readonly images?: string;
  readonly music?: string;
  readonly imageCategories?: string;
  readonly musicCategories?: string;
  readonly split: Split;
  readonly scale?: string;
  readonly pairs?: string;
  readonly report?: string;
  readonly show?: true;
  readonly songs?: number;
  readonly songSeconds?: number;
  readonly folds?: true;
  readonly skipBad?: true;
  /** False with `--no-cache`. */
  readonly cache: boolean;
  readonly json?: true;
}

/** @param recipeOf how analysis processes open the model that the options name */
export function addEvaluateCommand(program: Command, recipeOf: RecipeOf = chosenRecipe): void {
  const command = addModelOptions(
    program
      .command('evaluate')
      .description(
        'measure a model on rated pictures and music: valence, arousal, similarity and ranking, with the constant beside them',
      )
      .option('--images <manifest.csv>', 'rated pictures: file,valence,arousal and split')
      .option(
        '--music <manifest.csv>',
        'rated music: file,valence,arousal, split, and start,end of stretches',
      )
      .option(
        '--image-categories <manifest.csv>',
        'pictures with a column emotion (or quadrant) in place of ratings: how well the model separates them',
      )
      .option('--music-categories <manifest.csv>', 'music with a column quadrant (or emotion), likewise')
      .addOption(
        new Option('--split <name>', 'rows of which split; "all": every row, with a split or without')
          .choices(['train', 'val', 'test', 'all'])
          .default('test'),
      )
      .option('--scale <low..high>', 'the scale of the ratings (default: 0..1)')
      .option(
        '--pairs <file>',
        'also the similarities of just the pairs of a file, as of train --pairs: SONG-CLIP PICTURE SIMILARITY',
      )
      .option(
        '--report <folder>',
        'also a page for a browser, index.html in this folder: predictions against ratings, embeddings, calibration, matches, losses',
      ),
  )
    .option(
      '--show',
      'also the gap of a night: the music of the split in random order, through the program of replay',
    )
    .option('--songs <n>', 'with --show: at most this many files', positiveInteger)
    .option('--song-seconds <n>', 'with --show: at most the first seconds of each file', parseSeconds);
  addChoiceOptions(command)
    .option('--folds', 'say how the folds were made that the model’s own figures come from')
    .option('--skip-bad', 'go on where a file can’t be read, and list such files at the end')
    .option(
      '--no-cache',
      'analyse every file again; without it, earlier predictions of this model are reused from disk',
    )
    .option('--json', 'print the figures as JSON')
    .action(async (options: EvaluateOptions) => {
      refuseWithoutShow(options);
      refuseWithoutPictures(options);
      const files = await labelledFiles(options);
      const pairs = options.pairs === undefined ? undefined : await listedPairs(options.pairs, options.split);
      const writeReport = options.report === undefined ? undefined : await reportInto(options.report);
      const model = await openChosenModel(options);
      try {
        const inSample = inSampleLines(model.description, files, options.split);
        for (const line of inSample) warn(line);
        if (options.json !== true) await print(`${introduction(model)}\n`);
        const measured = await measure(files, model, {
          ...options,
          pairs,
          show: options.show && {
            ...options,
            settings: choiceSettings(options),
            // Clips share the cores: each is analysed on one.
            recipe: await recipeOf(options.model, { threads: 1, ...options }),
          },
        });
        const { report } = measured;
        const provenance = provenanceOf(model.description, options);
        await print(
          options.json === true
            ? `${JSON.stringify({
                ...report,
                ...provenance,
                ...(inSample.length > 0 && { inSample: true }),
                engine: model.engine,
                model: model.fingerprint,
              })}\n`
            : `${evaluationTable(report, terminalWidth())}\n${wrapped(provenanceLines(provenance), terminalWidth())}`,
        );
        if (writeReport === undefined) return;
        const printed = [...evaluationBlocks(report), provenanceLines(provenance).trimEnd()];
        await writeReport({ ...measured, model, files, split: options.split, inSample, printed });
        const written = `written to ${join(options.report!, 'index.html')}`;
        if (options.json === true) warn(written);
        else await print(`${written}\n`);
      } finally {
        await model.close();
      }
    });
}

/** @throws SynestheteError USAGE */
function refuseWithoutPictures({ pairs, report, images, music }: EvaluateOptions): void {
  if (pairs !== undefined && (images === undefined || music === undefined)) {
    throw new SynestheteError('USAGE', '--pairs needs pictures and clips: give --images and --music');
  }
  if (report !== undefined && images === undefined && music === undefined) {
    throw new SynestheteError(
      'USAGE',
      '--report shows predictions against ratings: give --images or --music',
    );
  }
}

/** @throws SynestheteError USAGE */
function refuseWithoutShow(options: EvaluateOptions): void {
  const { show, songs, songSeconds, images, music, sensitivity, dwell, smoothing, fit, keepOut } = options;
  const choice = { sensitivity, dwell, smoothing, fit, 'keep-out': keepOut };
  const ofShow = { songs, 'song-seconds': songSeconds, ...choice };
  const [given] = Object.entries(ofShow).find(([, value]) => value !== undefined) ?? [];
  if (show === undefined && given !== undefined) {
    throw new SynestheteError('USAGE', `--${given} has no meaning without --show: give both`);
  }
  if (show === true && (images === undefined || music === undefined)) {
    throw new SynestheteError('USAGE', '--show plays music and shows pictures: give --images and --music');
  }
}

function parseSeconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= CLIP_SECONDS) return value;
  throw new InvalidArgumentError(`It must be a time in seconds, at least the ${CLIP_SECONDS} s of a clip.`);
}
