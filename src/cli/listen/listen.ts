import type { Command } from 'commander';
import { connect, filter, interval, lastValueFrom, merge, mergeMap, Subject, takeUntil, tap } from 'rxjs';
import { Analyser } from '../../../streams/analysis/index.ts';
import { clips } from '../../../streams/clips/index.ts';
import { LEVEL_HOP_SAMPLES, levels } from '../../../streams/levels/index.ts';
import { newestWins } from '../../../streams/operators/index.ts';
import type { Source } from '../../../streams/sources/index.ts';
import { addHopOption, hopSamplesOf, type HopOptions } from '../options/hop.ts';
import { addSourceOptions, sourceOf, type SourceOptions } from '../options/source.ts';
import { onInterruption } from '../terminal/interruption.ts';
import { useColour } from '../terminal/output.ts';
import { terminalScreen } from '../terminal/screen.ts';
import { dashboardLines, logLine } from './dashboard.ts';
import { ListenStatistics, type Snapshot } from './statistics.ts';

interface ListenOptions extends SourceOptions, HopOptions {
  readonly json?: true;
}

/** Redraws a second: as often as an eye follows a meter. */
const REDRAW_MS = 50;
/** A log or a pipe gets a line a second. */
const LOG_MS = 1000;
/** Under `--pace max`: often enough for the meters, rare enough to cost nothing. */
const LONGEST_BLOCK_SAMPLES = 8192;

export function addListenCommand(program: Command): void {
  const command = program
    .command('listen')
    .description(
      'show what is heard, to check the sound before a show: level, onsets, and how the analysis keeps up',
    )
    .argument('[file]', 'a sound or video file');
  addHopOption(command).option('--json', 'print a JSON line a second');
  addSourceOptions(command).action(listen);
}

async function listen(file: string | undefined, options: ListenOptions): Promise<void> {
  const hopSamples = hopSamplesOf(options);
  // As fast as possible, the sound waits for the analysis; live, the newest clip wins.
  const soundWaits = options.pace === 'consumed';
  const source = sourceOf(
    options,
    {
      pace: 1,
      badSamples: 'silence',
      // Keeps few clips under way at once, even for a small hop.
      ...(soundWaits && {
        ready: () => analyser.idle(),
        blockSamples: Math.min(LONGEST_BLOCK_SAMPLES, hopSamples),
      }),
    },
    file,
  );
  const analyser = await Analyser.start();
  try {
    const statistics = new ListenStatistics(performance.now());
    const closeDisplay = display(source, statistics, options);
    const interrupted = new Subject<void>();
    onInterruption(() => {
      interrupted.next();
    });
    try {
      await lastValueFrom(
        heard(source, analyser, { hopSamples, soundWaits }, statistics).pipe(takeUntil(interrupted)),
        {
          defaultValue: undefined,
        },
      );
    } finally {
      closeDisplay();
    }
  } finally {
    await analyser.close();
  }
}

/** The way of the sound: source → clips → features, with the meters beside it. */
function heard(
  source: Source,
  analyser: Analyser,
  { hopSamples, soundWaits }: { readonly hopSamples: number; readonly soundWaits: boolean },
  statistics: ListenStatistics,
) {
  return source.events.pipe(
    connect((events) =>
      merge(
        events.pipe(
          tap((event) => {
            statistics.onSource(event);
          }),
        ),
        events.pipe(
          levels(),
          tap((level) => {
            statistics.onLevel(level, LEVEL_HOP_SAMPLES);
          }),
        ),
        events.pipe(
          clips({ hopSamples }),
          soundWaits
            ? mergeMap(async (clip) => ({ result: await analyser.analyse(clip), dropped: 0 }))
            : newestWins((clip) => analyser.analyse(clip)),
          tap((analysis) => {
            statistics.onAnalysis(analysis, performance.now());
          }),
        ),
      ),
    ),
  );
}

/** Shows the statistics in the way that fits standard output, until it is closed; closing shows them once more. */
function display(source: Source, statistics: ListenStatistics, { json }: ListenOptions): () => void {
  const inPlace = process.stdout.isTTY && !json;
  const screen = inPlace ? terminalScreen(process.stdout) : undefined;
  const show = () => {
    const snapshot = statistics.snapshot(performance.now());
    // A log says nothing about a source that never opened: its error is enough.
    if (screen === undefined && snapshot.state === 'opening') return;
    const title = titleOf(source, snapshot);
    if (screen !== undefined) screen.show(dashboardLines(title, snapshot, useColour()));
    else if (json) process.stdout.write(`${JSON.stringify(describe(source, snapshot))}\n`);
    else process.stdout.write(`${logLine(snapshot)}\n`);
  };
  show();
  const timer = interval(inPlace ? REDRAW_MS : LOG_MS)
    .pipe(filter(() => process.stdout.writableLength === 0))
    .subscribe(show);
  return () => {
    timer.unsubscribe();
    show();
    screen?.close();
  };
}

/** A device is called by its description, once that is known. */
function titleOf({ name, kind }: Source, { device }: Snapshot): string {
  const called = device?.description ?? name;
  return kind === called ? called : `${kind} ${called}`;
}

function describe({ name, kind }: Source, snapshot: Snapshot) {
  return { source: name, kind, ...snapshot, rssMegabytes: process.memoryUsage.rss() / 1e6 };
}
