import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { lastValueFrom, type Observable } from 'rxjs';
import type { z } from 'zod';
import { SynestheteError } from '../../models/errors.ts';
import { modelRecipe } from '../../streams/analysis/index.ts';
import { DEFAULT_HOP_SAMPLES } from '../../streams/clips/index.ts';
import {
  controlSchema,
  DEFAULT_PROGRAM_SETTINGS,
  LIVE_SCREENS,
  programSettingsSchema,
  type Control,
  type ProgramSettings,
} from '../../streams/program/index.ts';
import { SoundFeed } from '../../streams/sources/index.ts';
import { galleryPlace, staticFolder } from '../built-in/index.ts';
import { LiveShow, claimState, servedShow } from '../live/index.ts';
import { ShowServer, type ShowState } from '../server/index.ts';
import { folderGallery } from '../show/index.ts';
import { openOn, type EngineName } from './model.ts';
import { showSources, type Sound } from './sound.ts';

const { version } = createRequire(import.meta.url)('#package') as { version: string };

/** Options of {@link startShow}. */
export interface ShowOptions {
  /** What it listens to; `demo` unless set. */
  readonly sound?: Sound;
  /** The folder of pictures, which was indexed; the pictures that are built in unless set. */
  readonly gallery?: string;
  /** Where their index lies; `.synesthete` in the folder unless set. */
  readonly indexFolder?: string;
  /** The folder of the model; that which is built in unless set. */
  readonly model?: string;
  /** `auto` unless set. */
  readonly engine?: EngineName;
  /** Threads of the cpu engine; one for each core unless set. */
  readonly threads?: number;
  /** Where the server listens; `127.0.0.1` unless set. Beyond this machine, controls need the token. */
  readonly host?: string;
  /** 8090 unless set; 0 takes any port that is free. */
  readonly port?: number;
  /** The control token, 12 characters or more. Beyond this machine one is made unless set; on this machine none is needed. */
  readonly token?: string;
  /** Other web sites whose pages may connect, as `https://example.org`. */
  readonly origins?: readonly string[];
  /** The address that browsers see when a proxy stands before the show, as `https://show.example.org/visuals/`. Controls need the token then. */
  readonly publicUrl?: string;
  /** Proxies whose forwarded headers count, as `127.0.0.1` or `10.0.0.0/8`. Controls need the token then. */
  readonly trustedProxies?: readonly string[];
  /** What differs from the default settings. */
  readonly settings?: Partial<ProgramSettings>;
  /** A file that keeps settings, bans and what is on show for the next start; nothing is kept unless set. Where another show has it, this one
   * gets a file of its own beside it. */
  readonly stateFile?: string;
  /** Called with one line about what went wrong and does not stop the show. */
  readonly onNotice?: (line: string) => void;
}

/** A show that runs: it listens, and serves its displays and its console. */
export interface Show {
  /** Address of the console, without the token. Displays are at `display`, relative to it. */
  readonly address: string;
  /** The same with the token, for those who may control. */
  readonly link: string;
  /** The control token; undefined where none is needed. */
  readonly token: string | undefined;
  /** Displays and consoles that are connected now. */
  readonly clients: number;
  /** The newest state; undefined before the first. */
  readonly state: ShowState | undefined;
  /**
   * Calls a listener with the newest state, and with each that follows: when what is on show changes or the mood is measured, and ten times
   * a second for the level.
   * @returns ends that
   */
  onState(listener: (state: ShowState) => void): () => void;
  /**
   * Does what an operator can ask.
   * @throws {@link SynestheteError} where the show can't do it, such as for an unknown picture; then nothing has changed
   */
  control(control: Control): Promise<void>;
  /** Resolves once the show is closed. Rejects where its first sound fails before it has given any. */
  readonly ended: Promise<void>;
  /** Ends the show, its server and its processes. A second call changes nothing. */
  close(): Promise<void>;
}

const DEFAULT_PORT = 8090;

/** What an operator calls the model that comes with the program. */
const BUILT_IN = 'built-in';

/**
 * Starts the show that `synesthete live` runs: it listens, matches pictures, and serves displays, console and protocol. Resolves
 * when the server listens.
 *
 * @throws {@link SynestheteError} `USAGE` for settings out of their range or a short token, `CANNOT_LISTEN`, `NO_INDEX`, `OTHER_MODEL`,
 *   `FILE_NOT_FOUND`, `DEVICE_NOT_FOUND`, and those of `openModel`
 */
export async function startShow(options: ShowOptions = {}): Promise<Show> {
  const notice = (line: string): void => options.onNotice?.(line);
  const { port = DEFAULT_PORT, host, token, model, engine = 'auto', threads } = options;
  const settings = checkedSettings(options.settings);
  const serverOptions = {
    port,
    ...(host !== undefined && { host }),
    ...(token !== undefined && { token }),
    ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
    ...(options.trustedProxies !== undefined && { trustedProxies: options.trustedProxies }),
  };
  const feed = new SoundFeed('browser');
  const sources = await showSources(options.sound ?? 'demo', feed, notice);
  await ShowServer.check(serverOptions);
  const state =
    options.stateFile === undefined
      ? undefined
      : await claimState(options.stateFile, { name: 'a show of a program', port }, notice);
  const live = await LiveShow.start({
    models: [model ?? BUILT_IN],
    modelNamed(name) {
      if (name !== (model ?? BUILT_IN)) {
        throw new SynestheteError('USAGE', `the show was not started with the model ${name}`);
      }
      return modelRecipe({
        engine,
        ...(model !== undefined && { folder: resolve(model) }),
        ...(threads !== undefined && { threads }),
      });
    },
    gallery: folderGallery({ ...(await placeOf(options, notice)), notice }),
    source: sources.first,
    sourceNamed: sources.named,
    checkSource: sources.check,
    settings: { screens: LIVE_SCREENS, ...settings },
    defaults: DEFAULT_PROGRAM_SETTINGS,
    hopSamples: DEFAULT_HOP_SAMPLES,
    ...(state?.path !== undefined && { stateFile: state.path }),
    warn: notice,
  }).catch(async (error: unknown) => {
    await state?.release();
    throw error;
  });
  try {
    const server = await ShowServer.open({
      ...serverOptions,
      show: servedShow(live, sources.names, options.gallery === undefined),
      sound: feed,
      version,
      log: notice,
      ...(options.origins !== undefined && { allowedOrigins: options.origins }),
      ...staticFolder(),
    });
    await state?.announce(server.port);
    return new RunningShow(live, server, async () => state?.release());
  } catch (error) {
    await live.close();
    await state?.release();
    throw error;
  }
}

function placeOf(
  { gallery, indexFolder: index, model, engine, threads }: ShowOptions,
  notice: (line: string) => void,
) {
  return galleryPlace(
    { gallery, index, model },
    async (use) => {
      const opened = await openOn(model, {
        ...(engine !== undefined && { engine }),
        ...(threads !== undefined && { threads }),
      });
      try {
        return await use(opened);
      } finally {
        await opened.close();
      }
    },
    notice,
  );
}

/** @throws SynestheteError USAGE */
function checkedSettings(settings: Partial<ProgramSettings> = {}): Partial<ProgramSettings> {
  const wrong = programSettingsSchema.partial().safeParse(settings).error;
  if (wrong !== undefined) throw misuse('settings', wrong);
  const { minimumDwellSeconds: least, maximumDwellSeconds: most } = {
    ...DEFAULT_PROGRAM_SETTINGS,
    ...settings,
  };
  if (least <= most) return settings;
  throw new SynestheteError(
    'USAGE',
    `a picture can't stay at least ${least} s and at most ${most} s: set both, the shorter one as minimumDwellSeconds`,
  );
}

/** What is wrong with what a program gave, in one line. */
function misuse(what: string, { issues }: z.ZodError): SynestheteError {
  const { path, message } = issues[0]!;
  return new SynestheteError('USAGE', `${[what, ...path].join('.')}: ${message}`);
}

class RunningShow implements Show {
  readonly address: string;
  readonly link: string;
  readonly token: string | undefined;
  readonly ended: Promise<void>;
  readonly #live: LiveShow;
  readonly #server: ShowServer;
  readonly #releaseState: () => Promise<void>;
  readonly #states: Observable<ShowState>;
  readonly #newest: { state?: ShowState } = {};
  #closing: Promise<void> | undefined;

  constructor(live: LiveShow, server: ShowServer, releaseState: () => Promise<void>) {
    this.#live = live;
    this.#server = server;
    this.#releaseState = releaseState;
    const { address, link, token } = server;
    this.address = address;
    this.link = link;
    this.token = token;
    this.#states = live.states;
    this.#states.subscribe({
      next: (state) => {
        this.#newest.state = state;
      },
      // `ended` rejects with it.
      error: () => undefined,
    });
    this.ended = lastValueFrom(live.states, { defaultValue: undefined }).then(() => undefined);
    // A program that doesn't wait for the end must not end with the show.
    this.ended.catch(() => undefined);
  }

  get clients(): number {
    return this.#server.clients;
  }

  get state(): ShowState | undefined {
    return this.#newest.state;
  }

  onState(listener: (state: ShowState) => void): () => void {
    const subscription = this.#states.subscribe({ next: listener, error: () => undefined });
    return () => {
      subscription.unsubscribe();
    };
  }

  async control(control: Control): Promise<void> {
    const wrong = controlSchema.safeParse(control).error;
    if (wrong !== undefined) throw misuse('control', wrong);
    await this.#live.control(control);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  async #end(): Promise<void> {
    await this.#server.close();
    await this.#live.close();
    await this.#releaseState();
  }
}
