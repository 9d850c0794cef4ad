import { readFile } from 'node:fs/promises';
import { auditTime, ignoreElements, map, type Observable } from 'rxjs';
import { z } from 'zod';
import type { Night } from '../../streams/matching/index.ts';
import { newestWins } from '../../streams/operators/index.ts';
import {
  programSettingsSchema,
  remembered,
  type ProgramSettings,
  type ProgramState,
} from '../../streams/program/index.ts';
import { writeWhole } from '../../models/write-whole.ts';

const id = z.string().min(1).max(64);
const point = z.object({ valence: z.number(), arousal: z.number() }).readonly();

/** The settings that are present and valid. */
const savedSettingsSchema = z
  .object(
    Object.fromEntries(
      Object.entries(programSettingsSchema.shape).map(([name, field]) => [
        name,
        (field as z.ZodType).optional().catch(undefined),
      ]),
    ),
  )
  .catch({})
  .transform(
    (settings) =>
      Object.fromEntries(
        Object.entries(settings).filter(([, value]) => value !== undefined),
      ) as Partial<ProgramSettings>,
  );

/** What a show keeps between two runs. A field that is wrong costs only itself where it can. */
const savedShowSchema = z.object({
  format: z.literal('synesthete-show'),
  formatVersion: z.literal(1),
  /** What the operator set; a version leaves out settings that it doesn't know. */
  settings: savedSettingsSchema,
  show: z
    .object({
      images: z.array(id.nullable()).catch([]),
      bans: z.array(id).catch([]),
      hold: z.boolean().catch(false),
      pin: id.nullable().catch(null),
      blackout: z.boolean().catch(false),
    })
    .readonly(),
  /** What the operator switched to, and what could be switched to: the names of the command line. */
  chosen: z
    .object({
      source: z.string(),
      model: z.string(),
      begunWith: z.object({ source: z.string(), models: z.array(z.string()).readonly() }).readonly(),
    })
    .readonly()
    .optional()
    .catch(undefined),
  /** The moods of the music, for a show that resumes in the same night. */
  night: z
    .object({
      model: z.string(),
      spread: z.object({ mean: point, sd: point }).readonly(),
      seconds: z.number().positive(),
      /** Milliseconds since 1970. */
      savedAtMs: z.number(),
    })
    .readonly()
    .optional()
    .catch(undefined),
});

type SavedShow = z.infer<typeof savedShowSchema>;

/** Changes within this time are written together. */
const GATHER_MS = 100;

/**
 * The state of the last run. A file that is torn or of another version gives one line of warning, and the show starts
 * afresh: it must go on.
 */
export async function readSavedShow(
  path: string,
  warn: (message: string) => void,
): Promise<SavedShow | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      warn(`${path} can't be read: the show starts afresh`);
    }
    return undefined;
  }
  try {
    return savedShowSchema.parse(JSON.parse(text));
  } catch {
    warn(`${path} is damaged: bans and settings of the last run are lost, and the file is written again`);
    return undefined;
  }
}

/** Source and model, by the names that the operator uses. */
export type Chosen = NonNullable<SavedShow['chosen']>;

/** A show that begins this long after the last one ended is another night. */
const SAME_NIGHT_MS = 6 * 3_600_000;

export type SavedNight = NonNullable<SavedShow['night']>;

/** @returns undefined where no night is kept, or the last show was in another night */
export function lastNight(saved: SavedShow | undefined, nowMs: number): SavedNight | undefined {
  const night = saved?.night;
  return night !== undefined && nowMs - night.savedAtMs < SAME_NIGHT_MS ? night : undefined;
}

/** The night to resume. */
export function resumedNight({ model, spread, seconds }: SavedNight): Night {
  return { model, spread, seconds, endSeconds: NaN };
}

/** Sound between two writings of the night, which changes with each clip: a disk must not be written that often. */
const NIGHT_EVERY_SECONDS = 30;

/** The night as it is kept: a new one only now and then. */
export class KeptNight {
  #kept: SavedNight | undefined;

  /** @param last of the run before */
  constructor(last: SavedNight | undefined) {
    this.#kept = last;
  }

  get value(): SavedNight | undefined {
    return this.#kept;
  }

  take({ model, spread, seconds }: Night, nowMs: number): void {
    if (model === undefined) return;
    const isNew = this.#kept?.model !== model || seconds - this.#kept.seconds >= NIGHT_EVERY_SECONDS;
    if (isNew) this.#kept = { model, spread, seconds, savedAtMs: nowMs };
  }
}

/** What is kept besides the state of the program. */
export interface Kept {
  readonly chosen: Chosen;
  readonly night: SavedNight | undefined;
}

/** The part of a state that is kept. */
function savedShowOf(state: ProgramState, { chosen, night }: Kept): SavedShow {
  const { images, bans, hold, pin, blackout } = remembered(state);
  return {
    format: 'synesthete-show',
    formatVersion: 1,
    settings: state.settings,
    show: { images: [...images], bans: [...bans], hold, pin, blackout },
    chosen,
    night,
  };
}

/**
 * Writes the kept state soon after it changes, whole or not at all. Warns once of writes that fail; the show goes on.
 */
export function keepSaved(
  path: string,
  states: Observable<ProgramState>,
  kept: () => Kept,
  warn: (message: string) => void,
): Observable<never> {
  let written = '';
  let hasFailed = false;
  const save = async (text: string): Promise<void> => {
    if (text === written) return;
    try {
      await writeWhole(path, text);
      written = text;
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) warn((error as Error).message);
      hasFailed = true;
    }
  };
  return states.pipe(
    auditTime(GATHER_MS),
    map((state) => `${JSON.stringify(savedShowOf(state, kept()))}\n`),
    newestWins(save),
    ignoreElements(),
  );
}
