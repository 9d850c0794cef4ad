import { readFile } from 'node:fs/promises';
import { auditTime, ignoreElements, map, type Observable } from 'rxjs';
import { z } from 'zod';
import { newestWins } from '../../streams/operators/index.ts';
import {
  programSettingsSchema,
  remembered,
  type ProgramSettings,
  type ProgramState,
} from '../../streams/program/index.ts';
import { writeWhole } from '../../models/write-whole.ts';

const id = z.string().min(1).max(64);

/** Of the settings, those that are there and right. */
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
  /** What the operator set; what a later version does not know any more is left out. */
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
});

type SavedShow = z.infer<typeof savedShowSchema>;

/** Changes of a moment are written together. */
const GATHER_MS = 100;

/**
 * The state of the last run. A file that is torn or of another version is told of in one line, and the show begins
 * anew: it must go on.
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
      warn(`${path} can't be read: the show begins anew`);
    }
    return undefined;
  }
  try {
    return savedShowSchema.parse(JSON.parse(text));
  } catch {
    warn(`${path} is damaged: bans and settings of the last run are lost, and it is written anew`);
    return undefined;
  }
}

/** What is heard, and by what, in the names of the operator. */
export type Chosen = NonNullable<SavedShow['chosen']>;

/** What of a state is kept. */
function savedShowOf(state: ProgramState, chosen: Chosen): SavedShow {
  const { images, bans, hold, pin, blackout } = remembered(state);
  return {
    format: 'synesthete-show',
    formatVersion: 1,
    settings: state.settings,
    show: { images: [...images], bans: [...bans], hold, pin, blackout },
    chosen,
  };
}

/**
 * Writes what is to be kept soon after it changes, whole or not at all. A write that fails is told of once, and the show
 * goes on without.
 */
export function keepSaved(
  path: string,
  states: Observable<ProgramState>,
  chosen: () => Chosen,
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
    map((state) => `${JSON.stringify(savedShowOf(state, chosen()))}\n`),
    newestWins(save),
    ignoreElements(),
  );
}
