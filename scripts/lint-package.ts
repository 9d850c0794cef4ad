import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lintPackage, pack } from './pack.ts';

/* Packs the built project and checks the tarball. */

const folder = await mkdtemp(join(tmpdir(), 'synesthete-package-'));
try {
  const problem = await lintPackage(await pack(folder));
  process.stdout.write(`${problem ?? 'the package is sound'}\n`);
  process.exitCode = problem === undefined ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}
