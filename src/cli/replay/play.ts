import { createRequire } from 'node:module';
import { ReplaySubject, Subject, map, takeUntil, tap, type Observable } from 'rxjs';
import type { SynestheteError } from '../../../models/errors.ts';
import type { FileMoods } from '../../../models/moods/index.ts';
import type { AnalysisPool } from '../../../streams/analysis/index.ts';
import { LEVEL_HOP_SAMPLES } from '../../../streams/levels/index.ts';
import type { ProgramState } from '../../../streams/program/index.ts';
import { fileSource, withMoods, type Source } from '../../../streams/sources/index.ts';
import { staticFolder } from '../../built-in/index.ts';
import type { Part, ReplayMoment, Timeline } from '../../replay/index.ts';
import type { LiveState, ShowGallery } from '../../show/index.ts';
import { hopSamplesOf } from '../options/hop.ts';
import { warn } from '../terminal/failure.ts';
import type { ReplayOptions } from './options.ts';
import { soundProgress } from './sound-progress.ts';

const { version } = createRequire(import.meta.url)('#package') as { version: string };

/** What is played, through what, from which state on. */
export interface Playback {
  readonly pool: AnalysisPool;
  readonly gallery: ShowGallery;
  readonly timeline: Timeline;
  readonly initial: ProgramState;
  readonly moods: ReadonlyMap<string, FileMoods>;
  /** What is known to be wrong with files before they are played. */
  readonly faults: ReadonlyMap<string, SynestheteError>;
  readonly signal: AbortSignal;
}

/** Plays the files, on the displays too with --serve, until they end or `signal` aborts; the timeline records it. */
export async function play(files: readonly string[], options: ReplayOptions, the: Playback): Promise<void> {
  const { Parts, replay } = await import('../../replay/index.ts');
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
  const parts = new Parts(sources, {
    strict: options.strict === true,
    faults: the.faults,
    onDamage: warn,
    onFault: (part) => {
      // Those that were known before have been reported before.
      if (!the.faults.has(part.file)) warn(leftOut(part));
    },
  });
  the.timeline.parts = parts.list;
  const moments = replay({
    sources: parts.sources,
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
  let isOver = true;
  const abort = () => {
    isOver = false;
    ended.next();
  };
  the.signal.addEventListener('abort', abort);
  try {
    await new Promise<void>((resolve, reject) => {
      (server?.moments ?? moments).pipe(takeUntil(ended)).subscribe({ complete: resolve, error: reject });
    });
    the.timeline.isOver = isOver;
  } finally {
    the.signal.removeEventListener('abort', abort);
    progress.stop();
    await server?.close();
  }
}

function leftOut({ endSeconds, startSeconds, fault }: Part): string {
  const heard = endSeconds - startSeconds;
  return `${fault!.message}; ${heard === 0 ? 'left out' : `left out from ${heard.toFixed(1)} s on`}`;
}

/** Serves the states of the replay. @returns the moments; subscribe to them once. */
async function serve(
  moments: Observable<ReplayMoment>,
  files: readonly string[],
  options: ReplayOptions,
  { gallery, pool, initial }: Playback,
): Promise<{ readonly moments: Observable<unknown>; close(): Promise<void> }> {
  const [{ ShowServer }, { liveStates }, { servedReplay }] = await Promise.all([
    import('../../server/index.ts'),
    import('../../show/index.ts'),
    import('../../replay/index.ts'),
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
