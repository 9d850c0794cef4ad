import { stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { SynestheteError } from '../../../models/errors.ts';
import { counted } from '../terminal/counted.ts';
import { warn } from '../terminal/failure.ts';
import { Progress } from '../terminal/progress.ts';

/** Files that are probed at the same time. */
const PROBED_TOGETHER = 4;

/**
 * Names that promise sound: such a file in a folder is named where none can be heard. ffmpeg decodes more; what has another name
 * is played where it has sound, and else passed over.
 */
const SOUND_NAMES = new Set(
  (
    '.wav .wave .aif .aiff .flac .mp3 .mp2 .m4a .m4b .aac .ogg .oga .opus .wma .ape .wv .mka .caf .amr .ac3 .dts ' +
    '.mp4 .m4v .mov .mkv .webm .avi .flv .ts .mts .m2ts .mpg .mpeg .wmv .3gp .ogv'
  ).split(' '),
);

/** What can't be cured by leaving a file out. */
const NOT_OF_THE_FILE = new Set(['PROGRAM_MISSING']);

/** What is played, and what is known to be wrong with it before anything is heard. */
export interface ReplayInputs {
  readonly files: readonly string[];
  readonly faults: ReadonlyMap<string, SynestheteError>;
}

/**
 * The files that were named, and for a folder those in it that have sound, in the order of their names with numbers as
 * numbers. Each is probed: what can't be played is known before the work begins.
 *
 * @param outputs files of a folder that are to be written, not played
 * @param strict whether a file that can't be played fails all
 * @throws SynestheteError that of the only file, or of the first with `strict`; NO_AUDIO where none can be played;
 * FILE_NOT_FOUND for a folder that can't be read
 */
export async function probedInputs(
  named: readonly string[],
  outputs: readonly string[],
  strict: boolean,
): Promise<ReplayInputs> {
  const found: { readonly file: string; readonly mayLackSound: boolean }[] = [];
  const written = new Set(outputs.map((path) => resolve(path)));
  for (const path of named) {
    const isFolder = await stat(path).then(
      (about) => about.isDirectory(),
      () => false,
    );
    const files = isFolder ? (await filesIn(path)).filter((file) => !written.has(resolve(file))) : [path];
    for (const file of files) {
      found.push({ file, mayLackSound: isFolder && !SOUND_NAMES.has(extname(file).toLowerCase()) });
    }
  }
  const errors = await probe(found.map(({ file }) => file));
  const played = found.filter(({ file, mayLackSound }) => !(mayLackSound && errors.has(file)));
  const files = played.map(({ file }) => file);
  const faults = new Map([...errors].filter(([file]) => files.includes(file)));
  if (played.length < found.length) {
    warn(`${counted(found.length - played.length, 'file')} without sound passed over`);
  }
  const first = [...faults.values()][0];
  if (first !== undefined && (strict || new Set(files).size === 1)) throw first;
  if (files.length === faults.size && files.every((file) => faults.has(file))) {
    for (const { message } of faults.values()) warn(message);
    throw new SynestheteError(
      'NO_AUDIO',
      `there is nothing to play in ${named.join(', ')}: name sound or video files`,
    );
  }
  for (const { message } of faults.values()) warn(`${message}; left out`);
  return { files, faults };
}

/** @returns what is wrong with each file that can't be played */
async function probe(files: readonly string[]): Promise<Map<string, SynestheteError>> {
  const { probeFile } = await import('../../../streams/sources/index.ts');
  const waiting = [...new Set(files)];
  const progress = new Progress('files probed', { total: waiting.length });
  const errors = new Map<string, SynestheteError>();
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      try {
        await probeFile(file);
      } catch (error) {
        if (!(error instanceof SynestheteError) || NOT_OF_THE_FILE.has(error.code)) throw error;
        errors.set(file, error);
      }
      progress.step();
    }
  };
  try {
    await Promise.all(Array.from({ length: PROBED_TOGETHER }, work));
  } finally {
    progress.stop();
  }
  // In the order of the files, whatever was probed first.
  return new Map(
    [...new Set(files)].flatMap((file) => (errors.has(file) ? [[file, errors.get(file)!]] : [])),
  );
}

/** Those of systems and editors, hidden ones and tables of moods are passed over, as in a gallery. */
async function filesIn(folder: string): Promise<string[]> {
  const { scanGallery } = await import('../../../models/gallery/index.ts');
  const { files } = await scanGallery(folder, join(folder, '.synesthete'));
  return files
    .map(({ file }) => file)
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((file) => join(folder, file));
}
