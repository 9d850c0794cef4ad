import { InvalidArgumentError, Option, type Command } from 'commander';
import { SynestheteError } from '../../../models/errors.ts';
import { CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../../models/features/index.ts';
import {
  DiskCache,
  evaluateModel,
  GALLERY_PICTURES,
  separation,
  sidesOf,
  type Evaluation,
  type Separation,
  type TargetOf,
} from '../../../models/learning/index.ts';
import type { Model, PictureReading } from '../../../models/serving/index.ts';
import type { ModelRecipe } from '../../../streams/analysis/index.ts';
import type { FeatureThreads } from '../../../streams/readings/index.ts';
import { warn } from '../failure.ts';
import { chosenRecipe } from '../live/live.ts';
import { addModelOptions, introduction, openChosenModel, type ModelOptions } from '../model-options.ts';
import { addChoiceOptions, choiceSettings, type ChoiceOptions } from '../program-options.ts';
import { print } from '../output.ts';
import { Progress } from '../progress.ts';
import { tellSkipped } from '../skipped.ts';
import {
  labelledFiles,
  readRows,
  requestsOf,
  type FilesToEvaluate,
  type LabelledFiles,
  type RowReading,
  type Split,
} from './labelled-files.ts';
import { learntKinds, provenanceLines, provenanceOf } from './provenance.ts';
import type { NightFigures, ShowRequest } from './show.ts';
import { evaluationTable } from './table.ts';

interface EvaluateOptions extends ModelOptions, ChoiceOptions {
  readonly images?: string;
  readonly music?: string;
  readonly imageCategories?: string;
  readonly musicCategories?: string;
  readonly split: Split;
  readonly scale?: string;
  readonly show?: true;
  readonly songs?: number;
  readonly songSeconds?: number;
  readonly folds?: true;
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
  /** Of a night of the split's music, where it was asked for. */
  readonly show?: NightFigures;
  /** Files that were left out with `--skip-bad`. */
  readonly skipped: number;
}

const CLIP_SECONDS = CLIP_SAMPLES / SAMPLE_RATE_HZ;

const KIND_NAMES = { image: 'pictures', music: 'music' } as const;

/** @param recipeOf how processes open the model that the options name. */
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
    .option(
      '--show',
      'also the gap of a night: the music of the split in random order, through the program of replay',
    )
    .option('--songs <n>', 'with --show: no more than so many files', parseSongs)
    .option('--song-seconds <n>', 'with --show: no more than the first seconds of each file', parseSeconds);
  addChoiceOptions(command)
    .option('--folds', 'tell how the folds were made that the figures of the model itself are out of')
    .option('--skip-bad', 'go on where a file can not be read, and list those at the end')
    .option('--no-cache', 'read every file anew; else what this model read before is found again on disk')
    .option('--json', 'print the figures as JSON')
    .action(async (options: EvaluateOptions) => {
      refuseWithoutShow(options);
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
        const report = await evaluate(files, model, {
          ...options,
          show: options.show && {
            ...options,
            settings: choiceSettings(options),
            // The cores are shared by clips: each of them on one.
            recipe: await recipeOf(options.model, { threads: 1, ...options }),
          },
        });
        const provenance = provenanceOf(model.description, options);
        await print(
          options.json === true
            ? `${JSON.stringify({
                ...report,
                ...provenance,
                ...(learnt.length > 0 && { inSample: true }),
                engine: model.engine,
                model: model.fingerprint,
              })}\n`
            : `${evaluationTable(report)}\n${provenanceLines(provenance)}`,
        );
      } finally {
        await model.close();
      }
    });
}

type RecipeOf = (folder: string | undefined, options: ModelOptions) => Promise<ModelRecipe>;

/** @throws SynestheteError USAGE */
function refuseWithoutShow(options: EvaluateOptions): void {
  const { show, songs, songSeconds, images, music, sensitivity, dwell, smoothing, fit, keepOut } = options;
  const choice = { sensitivity, dwell, smoothing, fit, 'keep-out': keepOut };
  const ofShow = { songs, 'song-seconds': songSeconds, ...choice };
  const [given] = Object.entries(ofShow).find(([, value]) => value !== undefined) ?? [];
  if (show === undefined && given !== undefined) {
    throw new SynestheteError('USAGE', `--${given} is of a night: give --show as well`);
  }
  if (show === true && (images === undefined || music === undefined)) {
    throw new SynestheteError('USAGE', '--show plays music and shows pictures: give --images and --music');
  }
}

function parseSongs(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It must be a whole number, at least 1.');
}

function parseSeconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= CLIP_SECONDS) return value;
  throw new InvalidArgumentError(`It must be a time in seconds, at least the ${CLIP_SECONDS} s of a clip.`);
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
  options: Pick<EvaluateOptions, 'skipBad' | 'cache'> & {
    readonly featureThreads?: FeatureThreads;
    /** A night is played as well, of pictures and music that were both given. */
    readonly show?: Pick<ShowRequest, 'recipe' | 'songs' | 'songSeconds' | 'settings'> | undefined;
  },
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
  const evaluation = await evaluateModel(model, rated(read.images), rated(read.music), await defaultTarget());
  if (evaluation.n.pairs > 0 && evaluation.galleries === null) {
    warn(
      `the split has ${evaluation.n.images} pictures: galleries of ${GALLERY_PICTURES} are drawn from that many or more, and are left out`,
    );
  }
  const image = separated(files.imageCategories, read.imageCategories);
  const music = separated(files.musicCategories, read.musicCategories);
  const categories = { ...(image && { image }), ...(music && { music }) };
  return {
    ...evaluation,
    ...(Object.keys(categories).length === 0 ? {} : { categories }),
    ...(options.show && { show: await nightOf(files, read, model, options.show) }),
    skipped: errors.length,
  };
}

/** Where the product looks for pictures at its default fit, while the operator pushes nothing. */
async function defaultTarget(): Promise<TargetOf> {
  const [{ targetOf }, { DEFAULT_PROGRAM_SETTINGS }] = await Promise.all([
    import('../../../streams/matching/index.ts'),
    import('../../../streams/program/index.ts'),
  ]);
  const { fit } = DEFAULT_PROGRAM_SETTINGS;
  return (reading, night, gallery) =>
    targetOf(reading, night, { gallery, fit, offset: { valence: 0, arousal: 0 } });
}

function rated(readings: readonly RowReading[] = []) {
  return readings.map(({ row, reading }) => ({ name: row.file, reading, label: row.rating! }));
}

/** Plays what could be read. */
async function nightOf(
  files: FilesToEvaluate,
  { images = [], music = [] }: { readonly images?: RowReading[]; readonly music?: RowReading[] },
  { ranking }: Model,
  show: Pick<ShowRequest, 'recipe' | 'songs' | 'songSeconds' | 'settings'>,
): Promise<NightFigures> {
  const { showGap } = await import('./show.ts');
  const heard = new Set(music.map(({ row }) => row.file));
  const songs = requestsOf(files.music!).filter(({ file }) => heard.has(file));
  const count = Math.min(songs.length, show.songs ?? Infinity);
  const progress = new Progress('songs', { total: count });
  try {
    const pictures = images.map(({ row, reading }) => ({ row, reading: reading as PictureReading }));
    return await showGap({ ...show, pictures, music: songs, ranking }, () => {
      progress.step();
    });
  } finally {
    progress.stop();
  }
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
