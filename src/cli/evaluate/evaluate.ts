import { Option, type Command } from 'commander';
import { SynestheteError } from '../../../models/errors.ts';
import {
  DiskCache,
  evaluateModel,
  parseScale,
  separation,
  sidesOf,
  type Evaluation,
  type Separation,
} from '../../../models/learning/index.ts';
import type { Model } from '../../../models/serving/index.ts';
import type { FeatureThreads } from '../../../streams/readings/index.ts';
import { warn } from '../failure.ts';
import { addModelOptions, introduction, openChosenModel, type ModelOptions } from '../model-options.ts';
import { print } from '../output.ts';
import { Progress } from '../progress.ts';
import { tellSkipped } from '../skipped.ts';
import {
  categorisedFiles,
  ratedFiles,
  readRows,
  requestsOf,
  type LabelledFiles,
  type RowReading,
} from './labelled-files.ts';
import { evaluationTable } from './table.ts';

interface EvaluateOptions extends ModelOptions {
  readonly images?: string;
  readonly music?: string;
  readonly imageCategories?: string;
  readonly musicCategories?: string;
  readonly split: 'train' | 'val' | 'test' | 'all';
  readonly scale?: string;
  readonly skipBad?: true;
  /** False with `--no-cache`. */
  readonly cache: boolean;
  readonly json?: true;
}

/** How well a model tells the categories of one manifest apart. */
interface CategoryFigures extends Separation {
  /** Pictures, or clips. */
  readonly n: number;
}

export interface EvaluationReport extends Evaluation {
  /** Of manifests with categories, where they were given. */
  readonly categories?: { readonly image?: CategoryFigures; readonly music?: CategoryFigures };
  /** Files that were left out with `--skip-bad`. */
  readonly skipped: number;
}

/**
 * The kinds whose split the model was learnt from, as far as its description tells: by the name of the split, since the
 * files of its sets are not known. Of `all` any split is a part.
 */
export function learntKinds(
  { data }: Pick<Model['description'], 'data'>,
  files: FilesToEvaluate,
  split: EvaluateOptions['split'],
): ('image' | 'music')[] {
  const given = [files.images, files.music, files.imageCategories, files.musicCategories];
  return (['image', 'music'] as const).filter(
    (kind) =>
      given.some((part) => part?.kind === kind) &&
      data.some(
        ({ kind: ofSet, splits = [] }) =>
          ofSet === kind && splits.some((learnt) => split === 'all' || learnt === split),
      ),
  );
}

const KIND_NAMES = { image: 'pictures', music: 'music' } as const;

export function addEvaluateCommand(program: Command): void {
  addModelOptions(
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
        'pictures with a column emotion (or quadrant) in place of ratings: how well they are told apart',
      )
      .option('--music-categories <manifest.csv>', 'music with a column quadrant (or emotion), likewise')
      .addOption(
        new Option('--split <name>', 'rows of which split; "all": every row, with a split or without')
          .choices(['train', 'val', 'test', 'all'])
          .default('test'),
      )
      .option('--scale <low..high>', 'the scale of the ratings (0..1)'),
  )
    .option('--skip-bad', 'go on where a file can not be read, and list those at the end')
    .option('--no-cache', 'read every file anew; else what this model read before is found again on disk')
    .option('--json', 'print the figures as JSON')
    .action(async (options: EvaluateOptions) => {
      const files = await labelledFiles(options);
      const model = await openChosenModel(options);
      try {
        const learnt = learntKinds(model.description, files, options.split);
        if (learnt.length > 0) {
          const kinds = learnt.map((kind) => KIND_NAMES[kind]).join(' and ');
          warn(
            `this model has learnt from the split ${options.split} of its own ${kinds}: on those sets the figures tell what it remembers, not how good it is`,
          );
        }
        if (options.json !== true) await print(`${introduction(model)}\n`);
        const report = await evaluate(files, model, options);
        await print(
          options.json === true
            ? `${JSON.stringify({
                ...report,
                ...(learnt.length > 0 && { inSample: true }),
                engine: model.engine,
                model: model.fingerprint,
              })}\n`
            : evaluationTable(report),
        );
      } finally {
        await model.close();
      }
    });
}

/** The manifests that were given, each a part of the evaluation. */
export interface FilesToEvaluate {
  readonly images?: LabelledFiles;
  readonly music?: LabelledFiles;
  readonly imageCategories?: LabelledFiles;
  readonly musicCategories?: LabelledFiles;
}

/**
 * Reads all manifests, before anything that takes long.
 * @throws SynestheteError USAGE when none was given; those of the manifests.
 */
export async function labelledFiles(
  options: Pick<
    EvaluateOptions,
    'images' | 'music' | 'imageCategories' | 'musicCategories' | 'split' | 'scale'
  >,
): Promise<FilesToEvaluate> {
  const { images, music, imageCategories, musicCategories, split } = options;
  if ([images, music, imageCategories, musicCategories].every((path) => path === undefined)) {
    throw new SynestheteError(
      'USAGE',
      'nothing to evaluate on: give --images and --music, one of them, or --image-categories or --music-categories',
    );
  }
  const ratings = { split, scale: options.scale === undefined ? undefined : parseScale(options.scale) };
  return {
    ...(images === undefined ? {} : { images: await ratedFiles(images, 'image', ratings) }),
    ...(music === undefined ? {} : { music: await ratedFiles(music, 'music', ratings) }),
    ...(imageCategories === undefined
      ? {}
      : { imageCategories: await categorisedFiles(imageCategories, 'image', split) }),
    ...(musicCategories === undefined
      ? {}
      : { musicCategories: await categorisedFiles(musicCategories, 'music', split) }),
  };
}

/**
 * Has the model read the files and computes its figures.
 *
 * @param options with the threads that compute features, where others use them as well.
 * @throws SynestheteError that of the first file that can't be read, unless `skipBad` and others can.
 */
export async function evaluate(
  files: FilesToEvaluate,
  model: Model,
  options: Pick<EvaluateOptions, 'skipBad' | 'cache'> & { readonly featureThreads?: FeatureThreads },
): Promise<EvaluationReport> {
  const { FeatureThreads: Threads, ReadingStore } = await import('../../../streams/readings/index.ts');
  const store = options.cache ? new ReadingStore(new DiskCache({ notice: warn }), model) : undefined;
  const parts = (['images', 'music', 'imageCategories', 'musicCategories'] as const).flatMap((name) => {
    const part = files[name];
    return part === undefined ? [] : [{ name, requests: requestsOf(part) }];
  });
  const total = parts.reduce((sum, { requests }) => sum + requests.length, 0);
  const progress = new Progress('files', { total });
  const threads = options.featureThreads ?? new Threads();
  const errors: SynestheteError[] = [];
  // Told at the end, so that they don't tear the bar.
  const damages: string[] = [];
  const read: Partial<Record<(typeof parts)[number]['name'], RowReading[]>> = {};
  try {
    for (const { name, requests } of parts) {
      read[name] = await readRows(requests, model, {
        store,
        threads,
        failed: (error) => {
          if (options.skipBad !== true) throw error;
          errors.push(error);
        },
        damaged: (line) => void damages.push(line),
        step: () => {
          progress.step();
        },
      });
    }
  } finally {
    if (options.featureThreads === undefined) await threads.close();
    progress.stop();
    for (const damage of damages) warn(damage);
  }
  tellSkipped(errors, total);
  const evaluation = await evaluateModel(model, rated(read.images), rated(read.music));
  const image = separated(files.imageCategories, read.imageCategories);
  const music = separated(files.musicCategories, read.musicCategories);
  const categories = { ...(image && { image }), ...(music && { music }) };
  return {
    ...evaluation,
    ...(Object.keys(categories).length === 0 ? {} : { categories }),
    skipped: errors.length,
  };
}

function rated(readings: readonly RowReading[] = []) {
  return readings.map(({ row, reading }) => ({ reading, label: row.rating! }));
}

function separated(
  files: LabelledFiles | undefined,
  readings: readonly RowReading[] = [],
): CategoryFigures | undefined {
  if (files === undefined) return undefined;
  return {
    n: readings.length,
    ...separation(
      readings.map(({ row, reading }) => ({ mood: reading, sides: sidesOf(files.manifest, row) })),
    ),
  };
}
