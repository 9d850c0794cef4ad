import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { ReplaySubject, Subject, takeUntil, tap, type Observable } from 'rxjs';
import { SynestheteError } from '../../models/errors.ts';
import type { FileMoods } from '../../models/moods/index.ts';
import { openFile } from '../../models/read-file.ts';
import { writeFailure, writeWhole } from '../../models/write-whole.ts';
import type { AnalysisPool, ModelRecipe } from '../../streams/analysis/index.ts';
import { LEVEL_HOP_SAMPLES } from '../../streams/levels/index.ts';
import { DEFAULT_PROGRAM_SETTINGS, initialState, type ProgramState } from '../../streams/program/index.ts';
import { fileSource, withMoods, type Pace, type Source } from '../../streams/sources/index.ts';
import { staticFolder } from '../built-in/index.ts';
import type { ReplayMoment, Timeline } from '../replay/index.ts';
import type { LiveState, ShowGallery } from '../show/index.ts';
import { OPENING, chosenRecipe, parsePort } from './live/live.ts';
import { addModelOptions, type ModelOptions } from './options/model.ts';
import {
  addProgramOptions,
  chosenSettings,
  hopSamplesOf,
  unsafeThresholdOf,
  type ProgramOptions,
} from './options/program.ts';
import { parsePace } from './options/source.ts';
import { galleryPlace } from './shared/gallery-place.ts';
import { handMoodsOf, tellHandMoods } from './shared/hand-moods.ts';
import { counted } from './terminal/counted.ts';
import { warn } from './terminal/failure.ts';
import { onInterruption } from './terminal/interruption.ts';
import { print } from './terminal/output.ts';
import { Progress } from './terminal/progress.ts';

const { version } = createRequire(import.meta.url)('#package') as { version: string };

interface ReplayOptions extends ProgramOptions, ModelOptions {
  readonly out?: string;
  readonly report?: string;
  readonly video?: string;
  readonly videoSize?: VideoSize;
  readonly serve?: true;
  readonly host: string;
  readonly port: number;
  readonly pace?: Pace;
}

interface VideoSize {
  readonly width: number;
  readonly height: number;
}

type RecipeOf = (folder: string | undefined, options: ModelOptions) => Promise<ModelRecipe>;

const DEFAULT_VIDEO_SIZE: VideoSize = { width: 1280, height: 720 };

/** More than this many analysis processes bring little: ffmpeg and the matching need a core as well. */
const MOST_THREADS = 8;

/** @param recipeOf how threads open the model that the options name */
export function addReplayCommand(program: Command, recipeOf: RecipeOf = chosenRecipe): void {
  const command = program
    .command('replay')
    .description('play the show of sound files: as its timeline, a report, a video, or on the displays')
    .argument('<file...>', 'sound or video files, one after the other')
    .option(
      '--out <file.jsonl>',
      'write the timeline (default: to standard output where nothing else is asked for)',
    )
    .option('--report <file.html>', 'write a page with the mood, the waveform and the pictures')
    .option('--video <file.mp4>', 'write the show with its sound as a video', parseVideo)
    .option('--video-size <width>x<height>', 'size of the video (default: 1280x720)', parseSize)
    .option('--serve', 'show it on the displays, at real time')
    .option('--host <address>', 'where to serve', '127.0.0.1')
    .option('--port <n>', 'where to serve; 0 takes any that is free', parsePort, 8090)
    .option('--pace <pace>', 'a multiple of real time (default: 1 with --serve, else max)', parsePace);
  addModelOptions(addProgramOptions(command)).action((files: string[], options: ReplayOptions) =>
    replayFiles(files, options, recipeOf),
  );
}

async function replayFiles(
  files: readonly string[],
  options: ReplayOptions,
  recipeOf: RecipeOf,
): Promise<void> {
  refuseInputs(files, options);
  // What can't work is told before the work, not after it.
  for (const file of files) await (await openFile(file)).close();
  for (const path of outputsOf(options)) await checkFolder(path);
  const moods = await handMoodsOf(files);
  if (options.serve) await (await import('../server/index.ts')).ShowServer.check(options);
  const interruption = new AbortController();
  onInterruption(() => {
    interruption.abort();
  });
  const [{ AnalysisPool }, { folderGallery, nothingToShow }, { Timeline }, recipe] = await Promise.all([
    import('../../streams/analysis/index.ts'),
    import('../show/index.ts'),
    import('../replay/index.ts'),
    // The cores are shared by clips: each of them on one.
    recipeOf(options.model, { threads: 1, ...options }),
  ]);
  const place = await galleryPlace(options);
  if (options.serve) warn(OPENING);
  const pool = await AnalysisPool.start(Math.min(MOST_THREADS, availableParallelism()), { model: recipe });
  let gallery: ShowGallery;
  let timeline: Timeline;
  try {
    gallery = await folderGallery({ ...place, ...unsafeThresholdOf(options), notice: warn }).open(
      pool.model!,
    );
    pool.setPictures(gallery.pictures);
    const settings = { ...DEFAULT_PROGRAM_SETTINGS, screens: 1, ...chosenSettings(options) };
    const initial = initialState(settings, gallery.catalogue);
    if (initial.bankInForce !== settings.bank) throw noBank(settings.bank!, initial);
    const nothing = nothingToShow(initial);
    if (nothing !== undefined) warn(nothing);
    tellHandMoods(files, moods);
    timeline = new Timeline(
      {
        files,
        hopSeconds: options.hop,
        fingerprint: pool.model!.fingerprint,
        pictures: gallery.catalogue.pictures.length,
        settings,
      },
      gallery,
    );
    await run(files, options, { pool, gallery, timeline, initial, moods, signal: interruption.signal });
  } finally {
    await pool.close();
  }
  if (interruption.signal.aborted) {
    process.stderr.write('synesthete: interrupted, nothing was written\n');
    return;
  }
  await write(files, options, timeline, gallery, interruption.signal);
}

interface Run {
  readonly pool: AnalysisPool;
  readonly gallery: ShowGallery;
  readonly timeline: Timeline;
  readonly initial: ProgramState;
  readonly moods: ReadonlyMap<string, FileMoods>;
  readonly signal: AbortSignal;
}

async function run(files: readonly string[], options: ReplayOptions, the: Run): Promise<void> {
  const { replay } = await import('../replay/index.ts');
  const pace = options.pace ?? (options.serve ? 1 : 'consumed');
  const sources = files.map((file): Source => {
    const source = fileSource(file, {
      pace,
      badSamples: 'reject',
      blockSamples: LEVEL_HOP_SAMPLES,
      ready: () => the.pool.ready(),
    });
    return withMoods(source, the.moods.get(file));
  });
  const progress = soundProgress('s of sound');
  const moments = replay({
    sources,
    analysis: the.pool,
    initial: the.initial,
    hopSamples: hopSamplesOf(options),
  }).pipe(
    tap((moment) => {
      the.timeline.push(moment);
      progress.update(the.timeline.endSeconds);
    }),
  );
  const server = options.serve ? await serve(moments, files, options, the) : undefined;
  const ended = new Subject<void>();
  const abort = () => {
    ended.next();
  };
  the.signal.addEventListener('abort', abort);
  try {
    await new Promise<void>((resolve, reject) => {
      (server?.moments ?? moments).pipe(takeUntil(ended)).subscribe({ complete: resolve, error: reject });
    });
  } finally {
    the.signal.removeEventListener('abort', abort);
    progress.stop();
    await server?.close();
  }
}

/** Has the states of the replay served. @returns the moments, to be subscribed to once. */
async function serve(
  moments: Observable<ReplayMoment>,
  files: readonly string[],
  options: ReplayOptions,
  { gallery, pool, initial }: Run,
): Promise<{ readonly moments: Observable<unknown>; close(): Promise<void> }> {
  const [{ ShowServer }, { liveStates }, { servedReplay }] = await Promise.all([
    import('../server/index.ts'),
    import('../show/index.ts'),
    import('../replay/index.ts'),
  ]);
  const states = new ReplaySubject<LiveState>(1);
  let now = { program: initial, clips: 0 };
  const server = await ShowServer.open({
    show: servedReplay(states, { gallery, files, model: pool.model!, now: () => now }),
    host: options.host,
    port: options.port,
    version,
    log: warn,
    ...staticFolder(),
  });
  process.stderr.write(`synesthete: ${server.link}\n`);
  const { map } = await import('rxjs');
  return {
    moments: moments.pipe(
      map(({ step }) => step),
      tap(({ event, state }) => {
        now = { program: state, clips: now.clips + (event?.kind === 'match' ? 1 : 0) };
      }),
      liveStates(() => performance.now()),
      tap((state) => {
        states.next(state);
      }),
    ),
    close: () => server.close(),
  };
}

async function write(
  files: readonly string[],
  options: ReplayOptions,
  timeline: Timeline,
  gallery: ShowGallery,
  signal: AbortSignal,
): Promise<void> {
  const { out, report, video } = options;
  const { reportPage, writeVideo } = await import('../replay/index.ts');
  // Where the timeline goes to standard output, nothing else does.
  if (out !== undefined) {
    await writeWhole(out, timeline.text);
    await print(`written to ${out}: the timeline of ${lengthOf(timeline)}\n`);
  } else if (report === undefined && video === undefined && !options.serve) await print(timeline.text);
  if (report !== undefined) {
    await writeWhole(report, await reportPage(timeline, gallery));
    await print(`written to ${report}: a page about ${lengthOf(timeline)}\n`);
  }
  if (video === undefined) return;
  const progress = soundProgress('s of video', timeline.endSeconds);
  try {
    await writeVideo({
      path: video,
      soundFiles: files,
      shown: timeline.shown,
      endSeconds: timeline.endSeconds,
      gallery,
      ...(options.videoSize ?? DEFAULT_VIDEO_SIZE),
      onProgress: (seconds) => {
        progress.update(seconds);
      },
      signal,
    });
    progress.stop();
    await print(`written to ${video}: the video of ${lengthOf(timeline)}\n`);
  } catch (error) {
    if (!signal.aborted) throw error;
    process.stderr.write('synesthete: interrupted, the video was not written\n');
  } finally {
    progress.stop();
  }
}

function lengthOf({ endSeconds, shown }: Timeline): string {
  return `${endSeconds.toFixed(1)} s of sound, ${counted(shown.length, 'change')} of picture`;
}

/** How much of the sound or the video is done, and how fast. */
function soundProgress(what: string, totalSeconds?: number): { update(seconds: number): void; stop(): void } {
  const startedAtMs = performance.now();
  const progress = new Progress(what, totalSeconds === undefined ? {} : { total: totalSeconds });
  return {
    update(seconds) {
      const speed = (1000 * seconds) / (performance.now() - startedAtMs);
      progress.update(seconds, { tail: `${speed.toFixed(1)} times real time` });
    },
    stop() {
      progress.stop();
    },
  };
}

/** What is heard is not overwritten. */
function refuseInputs(files: readonly string[], options: ReplayOptions): void {
  const outputs = outputsOf(options);
  const clash = outputs.find((path, i) => files.includes(path) || outputs.indexOf(path) !== i);
  if (clash !== undefined) {
    throw new SynestheteError('USAGE', `${clash} would be overwritten: name another file`);
  }
}

function outputsOf({ out, report, video }: ReplayOptions): string[] {
  return [out, report, video].filter((path) => path !== undefined);
}

/** @throws SynestheteError WRITE_FAILED where nothing can be written. */
async function checkFolder(path: string): Promise<void> {
  await access(dirname(path), constants.W_OK).catch((error: unknown) => {
    throw writeFailure(path, error);
  });
}

function noBank(bank: string, { catalogue }: ProgramState): SynestheteError {
  const banks = catalogue.banks.length === 0 ? 'it has none' : `it has ${catalogue.banks.join(', ')}`;
  return new SynestheteError(
    'USAGE',
    `the gallery has no bank ${bank} with pictures that may be shown: ${banks}`,
  );
}

function parseVideo(path: string): string {
  if (/\.mp4$/i.test(path)) return path;
  throw new InvalidArgumentError('Videos are MP4: name a file that ends with .mp4.');
}

function parseSize(text: string): VideoSize {
  const [, width, height] = (/^(\d{2,4})x(\d{2,4})$/.exec(text) ?? []).map(Number);
  if (
    width !== undefined &&
    height !== undefined &&
    width % 2 === 0 &&
    height % 2 === 0 &&
    width > 15 &&
    height > 15
  ) {
    return { width, height };
  }
  throw new InvalidArgumentError('It must be two even numbers of pixels, as 1280x720.');
}
