import { constants } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { auditTime, ignoreElements, map, type Observable } from 'rxjs';
import { messageOf } from '../../models/errors.ts';
import { writeWhole } from '../../models/write-whole.ts';
import { newestWins } from '../../streams/operators/index.ts';
import { remembered, type ProgramState } from '../../streams/program/index.ts';
import {
  findShow,
  joinShows,
  textOf,
  type Chosen,
  type FoundShow,
  type SavedNight,
  type SavedShow,
} from './saved-show.ts';

/** Changes within this time are written together. */
const GATHER_MS = 100;

/** The state before the last change. */
function previousOf(path: string): string {
  return `${path}.previous`;
}

/**
 * The state of the last run. Where the file is damaged, each part that it lost comes from the one before it, the damaged file is kept
 * beside, and the whole state is written again. One line of warning says what came from where and what is lost; the show must go on.
 */
export async function readSavedShow(
  path: string,
  warn: (message: string) => void,
): Promise<SavedShow | undefined> {
  const previous = previousOf(path);
  const [newer, older] = [await readFound(path, warn), await readFound(previous, warn)];
  if (older?.isSound === false) warn(`${previous} is damaged${await keepDamaged(previous)}`);
  if (newer === undefined && older === undefined) return undefined;
  if (newer?.isSound === true) {
    const { saved, lost } = joinShows(newer, undefined);
    if (lost.length > 0)
      warn(`${path} holds what this version can't use, and leaves out: ${lost.join(', ')}`);
    return saved;
  }
  const { saved, fromOlder, lost } = joinShows(newer, older);
  const kept = newer === undefined ? '' : await keepDamaged(path);
  const fault = newer === undefined ? 'is missing' : `is damaged${kept}`;
  if (saved === undefined) {
    warn(
      `${path} ${fault}: settings, bans and all else of the last run are lost, and the show starts afresh`,
    );
    return undefined;
  }
  const source =
    newer === undefined
      ? [`the last run is taken from ${basename(previous)} (to start afresh, delete both)`]
      : fromOlder.length > 0
        ? [`${fromOlder.join(', ')} come from ${basename(previous)}`]
        : [];
  const loss = lost.length > 0 ? `lost: ${lost.join(', ')}` : 'nothing is lost';
  warn(`${path} ${fault}: ${[...source, loss].join('; ')}`);
  // At once, so that an end before the next change loses none of it.
  await writeWhole(path, textOf(saved), { flush: true }).catch((error: unknown) => {
    warn(messageOf(error));
  });
  return saved;
}

async function readFound(path: string, warn: (message: string) => void): Promise<FoundShow | undefined> {
  try {
    return findShow(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      warn(`${path} can't be read (${messageOf(error)}): the show goes on without it`);
    }
    return undefined;
  }
}

/** Damaged files beside a state file, at most. */
const MOST_DAMAGED = 9;

/** Keeps a copy of a damaged file beside it. @returns where, as an addition to a sentence */
async function keepDamaged(path: string): Promise<string> {
  for (let count = 1; count <= MOST_DAMAGED; count++) {
    const copy = `${path}.damaged${count === 1 ? '' : `-${count}`}`;
    try {
      await copyFile(path, copy, constants.COPYFILE_EXCL);
      return ` (kept as ${basename(copy)})`;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        return ` (it can't be kept beside: ${messageOf(error)})`;
      }
    }
  }
  return ` (not kept: there are ${MOST_DAMAGED} damaged files beside it already, delete those)`;
}

/** What is kept besides the state of the program. */
export interface Kept {
  readonly chosen: Chosen;
  readonly night: SavedNight | undefined;
}

/** The part of a state that is kept. */
function savedShowOf(state: ProgramState, kept: Kept): SavedShow {
  return { settings: state.settings, show: remembered(state), ...kept };
}

/**
 * Writes the kept state soon after it changes, whole or not at all, and keeps the one before. Warns once of writes that fail; the
 * show goes on.
 */
export function keepSaved(
  path: string,
  states: Observable<ProgramState>,
  kept: () => Kept,
  warn: (message: string) => void,
): Observable<never> {
  let written: string | undefined;
  let hasFailed = false;
  const save = async (text: string): Promise<void> => {
    if (text === written) return;
    try {
      // A file that was damaged meanwhile must not take the place of the one before it.
      const before = written ?? (await soundTextOf(path));
      written = before;
      if (text === before) return;
      if (before !== undefined) await writeWhole(previousOf(path), before, { flush: true });
      await writeWhole(path, text, { flush: true });
      written = text;
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) warn(messageOf(error));
      hasFailed = true;
    }
  };
  return states.pipe(
    auditTime(GATHER_MS),
    map((state) => textOf(savedShowOf(state, kept()))),
    newestWins(save),
    ignoreElements(),
  );
}

async function soundTextOf(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text !== undefined && findShow(text).isSound ? text : undefined;
}
