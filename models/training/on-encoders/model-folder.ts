import { realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeFolders } from '../../make-folders.ts';
import { sha256 } from '../../checksum.ts';
import { ONNX_FILE, WEIGHTS_FILE } from '../../families/on-encoders/index.ts';
import { writeModelDescription, type NewModelDescription } from '../../weights/index.ts';
import { checkFolder, writeFolder, type FolderOptions } from '../../write-folder.ts';
import { writeFailure } from '../../write-whole.ts';

/** The files of a model. Other files in its folder (a card, the package's encoders) stay when it is replaced. */
const OWN: readonly string[] = ['model.json', WEIGHTS_FILE, ONNX_FILE];

/**
 * Writes a model's folder, whole or not at all, replacing an existing model.
 *
 * @param out the folder; a link to one stays a link
 * @param weights the bytes of WEIGHTS_FILE
 * @param description the description without its files, which are added with their checksums
 * @param others files beside the weights: their checksums, and a function that writes each to a given path
 * @returns the contents of model.json
 * @throws SynestheteError USAGE when `out` is a file; WRITE_FAILED
 */
export async function writeModelFolder(
  out: string,
  weights: readonly Uint8Array[],
  description: Omit<NewModelDescription, 'weights'>,
  others: readonly OtherFile[],
): Promise<NewModelDescription> {
  const whole: NewModelDescription = {
    ...description,
    weights: [
      { file: WEIGHTS_FILE, sha256: sha256(Buffer.concat(weights)) },
      ...others.map(({ file, sha256: sum }) => ({ file, sha256: sum })),
    ],
  };
  const place = await realpath(out).catch(() => resolve(out));
  try {
    await makeFolders(dirname(place));
  } catch (error) {
    throw writeFailure(out, error);
  }
  await writeFolder(
    place,
    async (folder) => {
      for (const { file, write } of others) await write(join(folder, file));
      await writeFile(join(folder, WEIGHTS_FILE), weights);
      await writeModelDescription(join(folder, 'model.json'), whole);
    },
    REPLACED,
  );
  return whole;
}

const REPLACED: FolderOptions = {
  mayReplace: () => Promise.resolve(true),
  stays: (name) => !OWN.includes(name),
};

/**
 * Fails like `writeModelFolder`, before a training that takes long.
 * @throws SynestheteError USAGE, WRITE_FAILED
 */
export async function checkModelFolder(out: string): Promise<void> {
  let place = await realpath(out).catch(() => resolve(out));
  // The first folder to be made.
  while ((await stat(dirname(place)).catch(() => undefined)) === undefined) place = dirname(place);
  await checkFolder(place, REPLACED);
}

export interface OtherFile {
  readonly file: string;
  readonly sha256: string;
  readonly write: (path: string) => Promise<void>;
}
