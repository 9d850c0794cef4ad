import type { Command } from 'commander';
import { SynestheteError } from '../../../models/errors.ts';
import { openFile } from '../../../models/read-file.ts';
import { DEFAULT_PROGRAM_SETTINGS, bankFault, initialState } from '../../../streams/program/index.ts';
import type { Timeline } from '../../replay/index.ts';
import type { ShowGallery } from '../../show/index.ts';
import { chosenRecipe, type RecipeOf } from '../options/model.ts';
import { chosenSettings, unsafeThresholdOf } from '../options/program.ts';
import { reportEngine } from '../shared/report-engine.ts';
import { OPENING, galleryPlace } from '../shared/gallery-place.ts';
import { handMoodsOf, reportHandMoods } from '../shared/hand-moods.ts';
import { analysisProcesses } from '../shared/processes.ts';
import { warn } from '../terminal/failure.ts';
import { onInterruption } from '../terminal/interruption.ts';
import { checkOutputs, writeOutputs } from './outputs.ts';
import { addReplayOptions, type ReplayOptions } from './options.ts';
import { play } from './play.ts';

/** @param recipeOf how analysis processes open the model that the options name */
export function addReplayCommand(program: Command, recipeOf: RecipeOf = chosenRecipe): void {
  const command = program
    .command('replay')
    .description('play the show of sound files: as its timeline, a report, a video, or on the displays')
    .argument('<file...>', 'sound or video files, one after the other');
  addReplayOptions(command).action((files: string[], options: ReplayOptions) =>
    replayFiles(files, options, recipeOf),
  );
}

async function replayFiles(
  files: readonly string[],
  options: ReplayOptions,
  recipeOf: RecipeOf,
): Promise<void> {
  // What can't work fails before the work, not after it.
  for (const file of files) await (await openFile(file)).close();
  await checkOutputs(files, options);
  const moods = await handMoodsOf(files);
  if (options.serve) await (await import('../../server/index.ts')).ShowServer.check(options);
  const interruption = new AbortController();
  onInterruption(() => {
    interruption.abort();
  });
  const [{ AnalysisPool }, { folderGallery, nothingToShow }, { Timeline }, recipe] = await Promise.all([
    import('../../../streams/analysis/index.ts'),
    import('../../show/index.ts'),
    import('../../replay/index.ts'),
    // Clips share the cores: each is analysed on one.
    recipeOf(options.model, { threads: 1, ...options }),
  ]);
  const place = await galleryPlace(options);
  if (options.serve) warn(OPENING);
  const pool = await AnalysisPool.start(analysisProcesses(), { model: recipe });
  reportEngine(pool.model!);
  let gallery: ShowGallery;
  let timeline: Timeline;
  try {
    gallery = await folderGallery({ ...place, ...unsafeThresholdOf(options), notice: warn }).open(
      pool.model!,
    );
    pool.setPictures(gallery.pictures);
    const settings = { ...DEFAULT_PROGRAM_SETTINGS, screens: 1, ...chosenSettings(options) };
    const initial = initialState(settings, gallery.catalogue);
    if (initial.bankInForce !== settings.bank) {
      throw new SynestheteError('USAGE', `the bank ${bankFault(gallery.catalogue, settings.bank!)}`);
    }
    const nothing = nothingToShow(initial);
    if (nothing !== undefined) warn(nothing);
    reportHandMoods(files, moods);
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
    await play(files, options, { pool, gallery, timeline, initial, moods, signal: interruption.signal });
  } finally {
    await pool.close();
  }
  if (interruption.signal.aborted) {
    process.stderr.write('synesthete: interrupted, nothing was written\n');
    return;
  }
  await writeOutputs(files, options, timeline, gallery, interruption.signal);
}
