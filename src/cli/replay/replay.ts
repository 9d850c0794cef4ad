import type { Command } from 'commander';
import { SynestheteError } from '../../../models/errors.ts';
import { DEFAULT_PROGRAM_SETTINGS, bankFault, initialState } from '../../../streams/program/index.ts';
import type { Part, Timeline } from '../../replay/index.ts';
import type { ShowGallery } from '../../show/index.ts';
import { chosenRecipe, type RecipeOf } from '../options/model.ts';
import { chosenSettings, unsafeThresholdOf } from '../options/program.ts';
import { reportEngine } from '../shared/report-engine.ts';
import { OPENING, galleryPlace } from '../shared/gallery-place.ts';
import { handMoodsOf, reportHandMoods } from '../shared/hand-moods.ts';
import { analysisProcesses } from '../shared/processes.ts';
import { warn } from '../terminal/failure.ts';
import { onInterruption } from '../terminal/interruption.ts';
import { probedInputs } from './inputs.ts';
import { checkOutputs, outputsOf, writeOutputs } from './outputs.ts';
import { addReplayOptions, type ReplayOptions } from './options.ts';
import { play } from './play.ts';

/** After Ctrl-C, the page of a long replay has many thumbnails to draw. */
const LONGEST_FINISH_MS = 30_000;

/** @param recipeOf how analysis processes open the model that the options name */
export function addReplayCommand(program: Command, recipeOf: RecipeOf = chosenRecipe): void {
  const command = program
    .command('replay')
    .description('play the show of sound files: as its timeline, a report, a video, or on the displays')
    .argument('<file...>', 'sound or video files, or folders of them, one after the other');
  addReplayOptions(command).action((named: string[], options: ReplayOptions) =>
    replayFiles(named, options, recipeOf),
  );
}

async function replayFiles(
  named: readonly string[],
  options: ReplayOptions,
  recipeOf: RecipeOf,
): Promise<void> {
  // What can't work fails before the work, not after it.
  const outputs = outputsOf(options);
  await checkOutputs(named, options);
  const { files, faults } = await probedInputs(named, outputs, options.strict === true);
  const moods = await handMoodsOf(files);
  if (options.serve) await (await import('../../server/index.ts')).ShowServer.check(options);
  const interruption = new AbortController();
  onInterruption(() => {
    interruption.abort();
  }, LONGEST_FINISH_MS);
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
  const provider = folderGallery({ ...place, ...unsafeThresholdOf(options), notice: warn });
  let gallery: ShowGallery;
  let timeline: Timeline | undefined;
  let failure: Error | undefined;
  try {
    gallery = await provider.open(pool.model!);
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
    const { signal } = interruption;
    await play(files, options, { pool, gallery, timeline, initial, moods, faults, signal }).catch(
      (error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error));
      },
    );
  } finally {
    provider.close?.();
    await pool.close();
  }
  const hasResults = timeline.endSeconds > 0 && (outputs.length > 0 || options.serve !== true);
  if (interruption.signal.aborted) {
    const kept = hasResults ? 'what was heard so far is kept' : 'nothing was written';
    process.stderr.write(`synesthete: interrupted, ${kept}\n`);
  }
  if (hasResults) await writeOutputs(options, timeline, gallery, interruption.signal);
  if (failure !== undefined) throw failure;
  reportLeftOut(timeline.parts);
}

/** @throws SynestheteError where nothing was heard to its end */
function reportLeftOut(parts: readonly Part[]): void {
  const faults = parts.flatMap(({ fault }) => fault ?? []);
  if (faults.length === 0) return;
  if (faults.length === parts.length) throw faults[0]!;
  warn(`${faults.length} of ${parts.length} files are left out or end early; the timeline marks them`);
}
