import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SynestheteError } from '../../../models/errors.ts';

/** The built `web-client/report`, which stands inside the page. */
export interface BuiltParts {
  readonly script: string;
  readonly style: string;
}

/** @throws SynestheteError BROKEN_INSTALL where one of them is missing */
export async function readBuiltParts(): Promise<BuiltParts> {
  const [script, style] = await Promise.all([built('#report-script'), built('#report-style')]);
  return { script, style };
}

async function built(name: string): Promise<string> {
  const file = new URL(import.meta.resolve(name));
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new SynestheteError(
      'BROKEN_INSTALL',
      `${fileURLToPath(file)}, a part of the report's page, is missing: install synesthete again`,
      { cause: error },
    );
  }
}
