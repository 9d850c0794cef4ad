import { open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkFolder, writeFolder, type FolderOptions } from '../../../models/write-folder.ts';
import { readBuiltParts } from './built-parts.ts';
import type { EvaluationFindings } from './findings.ts';
import { lossesSection } from './losses.ts';
import { MATCH_FOLDER, matches, writeMatches } from './matches.ts';
import { GENERATOR, reportPage } from './page.ts';
import { THUMBNAIL_FOLDER, writeThumbnails } from './thumbnails.ts';

const PAGE = 'index.html';
/** The generator stands within this many bytes of the page. */
const HEAD_BYTES = 1024;

/** Everything in the folder of a report. */
const OWN: ReadonlySet<string> = new Set([PAGE, THUMBNAIL_FOLDER, MATCH_FOLDER]);

/** Only a folder that holds a former report and nothing else may be replaced. */
const OPTIONS: FolderOptions = {
  async mayReplace(folder) {
    const file = await open(join(folder, PAGE)).catch(() => undefined);
    if (file === undefined) return false;
    try {
      if ((await readdir(folder)).some((name) => !OWN.has(name))) return false;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.subarray(0, bytesRead).includes(GENERATOR);
    } finally {
      await file.close();
    }
  },
};

/**
 * Fails as `writeReport` would, before anything is read.
 * @throws SynestheteError USAGE, WRITE_FAILED, BROKEN_INSTALL
 */
export async function checkReport(folder: string): Promise<void> {
  await checkFolder(folder, OPTIONS);
  await readBuiltParts();
}

/**
 * Writes the report of an evaluation, whole or not at all, in place of a former one: `index.html`, `thumbnails/` and
 * `matches/`.
 * @param step called after each thumbnail
 * @throws SynestheteError USAGE, WRITE_FAILED, BROKEN_INSTALL
 */
export async function writeReport(
  folder: string,
  findings: EvaluationFindings,
  step: () => void,
): Promise<void> {
  await writeFolder(
    folder,
    async (place) => {
      const page = await reportPage(findings, {
        matches: await writeMatches(place, matches(findings)),
        losses: await lossesSection(findings.model),
      });
      await writeFile(join(place, PAGE), page);
      await writeThumbnails(
        place,
        findings.pictures.map(({ name }) => name),
        step,
      );
    },
    OPTIONS,
  );
}
