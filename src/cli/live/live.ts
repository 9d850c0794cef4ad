import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Command } from 'commander';
import { filter, interval, lastValueFrom, merge, ReplaySubject, takeUntil } from 'rxjs';
import { SynestheteError } from '../../../models/errors.ts';
import type { ModelRecipe } from '../../../streams/analysis/index.ts';
import { DEFAULT_PROGRAM_SETTINGS, LIVE_SCREENS } from '../../../streams/program/index.ts';
import { staticFolder } from '../../built-in/index.ts';
import type { LiveShow } from '../../live/index.ts';
import type { Osc as OscLink, ShowServer } from '../../server/index.ts';
import { hopSamplesOf } from '../options/hop.ts';
import {
  MODEL_GROUP,
  addModelOptions,
  chosenRecipe,
  type ModelOptions,
  type RecipeOf,
} from '../options/model.ts';
import { addNetworkOptions, type NetworkOptions } from '../options/network.ts';
import {
  addProgramOptions,
  chosenSettings,
  unsafeThresholdOf,
  type ProgramOptions,
} from '../options/program.ts';
import { addSourceOptions } from '../options/source.ts';
import { OPENING, galleryPlace } from '../shared/gallery-place.ts';
import { handMoodsOf, reportHandMoods } from '../shared/hand-moods.ts';
import { engineLine } from '../shared/report-engine.ts';
import { isVerbose, warn } from '../terminal/failure.ts';
import { inGroup } from '../terminal/help.ts';
import { onInterruption } from '../terminal/interruption.ts';
import { useColour } from '../terminal/output.ts';
import { terminalScreen } from '../terminal/screen.ts';
import { terminalWidth } from '../terminal/wrap.ts';
import { liveLines, liveLogLine, type LiveView } from './dashboard.ts';
import { liveSources, type LiveSourceOptions } from './sources.ts';

const { version } = createRequire(import.meta.url)('#package') as { version: string };

interface LiveOptions extends LiveSourceOptions, ProgramOptions, ModelOptions, NetworkOptions {
  readonly otherModel?: readonly string[];
  readonly state?: string;
  readonly json?: true;
}

/** What an operator calls the model that comes with the program. */
const BUILT_IN = 'built-in';

const REDRAW_MS = 100;
const LOG_MS = 1000;

/** @param recipeOf how analysis processes open the model that the options name */
export function addLiveCommand(program: Command, recipeOf: RecipeOf = chosenRecipe): void {
  const command = program
    .command('live')
    .description('hear music as it plays and show the pictures that feel like it on every display')
    .argument('[file]', 'a sound or video file');
  inGroup(command, 'Sound:', () => {
    addSourceOptions(command)
      .option('--browser', 'listen to what a browser (/listen) or another program (/sound) sends')
      .option('--loop', 'begin a file again when it ends')
      .option('--stay', 'keep the show when standard input ends; without it the show ends too');
  });
  addProgramOptions(command);
  inGroup(command, 'Displays and control:', addNetworkOptions);
  addModelOptions(command);
  inGroup(command, MODEL_GROUP, () => {
    command.option(
      '--other-model <folder...>',
      `models that can be switched to while the show runs; "${BUILT_IN}" is the one that is built in`,
    );
  });
  command
    .option(
      '--state <file>',
      'where settings, bans and what is on show are kept; a source or model that was switched to comes back as long as the command line names the same ones as before (default: in the index folder, or with the built-in pictures in the data folder of the user)',
    )
    .option('--json', 'print each state as a JSON line')
    .action((file: string | undefined, options: LiveOptions) => live(file, options, recipeOf));
}

async function live(file: string | undefined, options: LiveOptions, recipeOf: RecipeOf): Promise<void> {
  const [
    { LiveShow, claimState, servedShow },
    { folderGallery, indexFolderOf },
    { Osc, ShowServer, linkAsQrCode },
    { keptToken },
    { SoundFeed },
  ] = await Promise.all([
    import('../../live/index.ts'),
    import('../../show/index.ts'),
    import('../../server/index.ts'),
    import('./control-token.ts'),
    import('../../../streams/sources/index.ts'),
  ]);
  // The show listens to the feed before there is a server, which needs the show.
  const feed = new SoundFeed('browser');
  const played = [file ?? options.file ?? []].flat();
  const moods = await handMoodsOf(played);
  // Kept, since both can come before the show is there to be ended.
  const over = new ReplaySubject<void>(1);
  const interrupted = new ReplaySubject<void>(1);
  const sources = liveSources(file, options, feed, moods.get(played[0] ?? ''), () => {
    warn(
      options.stay === true
        ? 'standard input ended: the show waits until another source is chosen'
        : 'standard input ended, and the show with it (--stay keeps it)',
    );
    // What is being done with the last of the sound comes first.
    if (options.stay === true) return;
    setImmediate(() => {
      over.next();
    });
  });
  // What can't work fails before the work, not after it.
  const access = {
    host: options.host,
    ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
    ...(options.trustProxy !== undefined && { trustedProxies: options.trustProxy }),
  };
  await ShowServer.check({ ...options, ...access });
  const place = await galleryPlace(options);
  const recipes = await recipesOf(options, recipeOf);
  warn(OPENING);
  const stateFile = options.state ?? join(place.stateFolder ?? indexFolderOf(place), 'show.json');
  const state = await claimState(stateFile, { name: 'synesthete live', port: options.port }, warn);
  let server: ShowServer | undefined;
  let osc: OscLink | undefined;
  const show = await LiveShow.start({
    models: [...recipes.keys()],
    modelNamed(name) {
      const recipe = recipes.get(name);
      if (recipe !== undefined) return recipe;
      const names = [...recipes.keys()].join(', ');
      throw new SynestheteError(
        'USAGE',
        `the show was not started with the model ${name}: choose ${names}, or name it with --other-model`,
      );
    },
    gallery: folderGallery({ ...place, ...unsafeThresholdOf(options), notice: warn }),
    source: sources.first,
    ...(options.channels !== undefined && { channels: options.channels }),
    sourceNamed: sources.named,
    checkSource: sources.check,
    settings: { screens: LIVE_SCREENS, ...chosenSettings(options) },
    defaults: DEFAULT_PROGRAM_SETTINGS,
    hopSamples: hopSamplesOf(options),
    ...(state.path !== undefined && { stateFile: state.path }),
    warn,
  }).catch(async (error: unknown) => {
    await state.release();
    throw error;
  });
  // The show itself warns about engines that were tried in vain.
  if (isVerbose()) warn(engineLine(show.status().model));
  reportHandMoods(played, moods);
  onInterruption(() => {
    interrupted.next();
  });
  try {
    const kept =
      options.token === undefined && state.path !== undefined && ShowServer.needsToken(access)
        ? await keptToken(state.path, warn)
        : undefined;
    const token = options.token ?? kept?.token;
    server = await ShowServer.open({
      show: servedShow(show, sources.names, options.gallery === undefined),
      sound: feed,
      ...access,
      port: options.port,
      version,
      log: warn,
      ...(token !== undefined && { token }),
      ...(options.origin !== undefined && { allowedOrigins: options.origin }),
      ...staticFolder(),
    });
    await state.announce(server.port);
    osc = await Osc.open({
      states: show.states,
      control: (control) => show.control(control),
      fileOf: (id) => show.gallery.filesOf(id)?.rendition,
      registry: server.registry,
      log: warn,
      ...(options.oscTo !== undefined && { to: options.oscTo }),
      ...(options.oscAt !== undefined && { at: options.oscAt }),
    });
    if (!options.json && process.stdout.isTTY && ShowServer.needsToken(access)) {
      process.stdout.write(`${linkAsQrCode(server.link)}\n`);
    }
    const close = display(show, server, invitation(server, kept), options);
    try {
      await lastValueFrom(show.states.pipe(takeUntil(merge(interrupted, over))), { defaultValue: undefined });
    } finally {
      close();
    }
  } finally {
    await osc?.close();
    await server?.close();
    await show.close();
    await state.release();
  }
}

/** The models by their names; the show begins with the first. */
async function recipesOf(options: LiveOptions, recipeOf: RecipeOf): Promise<Map<string, ModelRecipe>> {
  const names = [options.model ?? BUILT_IN, ...(options.otherModel ?? [])];
  return new Map(
    await Promise.all(
      names.map(async (name) => {
        const folder = name === BUILT_IN ? undefined : name;
        return [name, await recipeOf(folder, options)] as const;
      }),
    ),
  );
}

/** How a person gets to the console. Only a terminal shows the token; a log says where it is kept, if it is kept. */
function invitation(
  { token, link, address }: ShowServer,
  kept: { readonly file: string | undefined } | undefined,
): string {
  const isSecret = token !== undefined && !process.stdout.isTTY;
  if (!isSecret || (kept !== undefined && kept.file === undefined)) return link;
  return `${address} (the control token is ${kept === undefined ? 'the one that was given' : `in ${kept.file}`})`;
}

/** Shows how the show is doing until it is closed, in the way that fits standard output. */
function display(show: LiveShow, server: ShowServer, invitation: string, { json }: LiveOptions): () => void {
  let state: LiveView['state'];
  let hasFailed = false;
  const subscription = show.states.subscribe({
    next: (newest) => {
      state = newest;
      if (json && newest.cause !== 'level' && process.stdout.writableLength === 0) {
        process.stdout.write(`${JSON.stringify(newest)}\n`);
      }
    },
    // The command itself says why it failed.
    error: () => {
      hasFailed = true;
    },
  });
  const screen = process.stdout.isTTY && !json ? terminalScreen(process.stdout) : undefined;
  const view = (): LiveView => ({
    address: server.address,
    clients: server.clients,
    state,
    status: show.status(),
    nameOf: (id) => show.gallery.filesOf(id)?.name ?? id,
  });
  if (json) process.stderr.write(`synesthete: ${invitation}\n`);
  else process.stdout.write(`${invitation}\n`);
  const draw = () => {
    if (screen !== undefined) screen.show(liveLines(view(), useColour(), terminalWidth()));
    else if (!json) process.stdout.write(`${liveLogLine(view())}\n`);
  };
  const timer = interval(screen === undefined ? LOG_MS : REDRAW_MS)
    .pipe(filter(() => process.stdout.writableLength === 0))
    .subscribe(draw);
  return () => {
    subscription.unsubscribe();
    timer.unsubscribe();
    if (!hasFailed) draw();
    screen?.close();
  };
}
