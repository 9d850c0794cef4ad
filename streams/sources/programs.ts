import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, rename, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SynestheteError } from '../../models/errors.ts';
import { isShortage, startFailure } from '../../models/start-process.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Where a program of this name lies on the PATH, or undefined. */
export async function findOnPath(
  program: string,
  path = process.env['PATH'] ?? '',
): Promise<string | undefined> {
  const file = process.platform === 'win32' ? `${program}.exe` : program;
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, file);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/**
 * The ffmpeg that decodes: the one that the environment variable SYNESTHETE_FFMPEG names; else the one on the PATH, if
 * it has the soxr resampler; else the one of the npm package @ffmpeg-installer/ffmpeg.
 *
 * @throws SynestheteError PROGRAM_MISSING when there is none, or when the named one can't be used; CANNOT_START.
 */
export async function findFfmpeg(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const named = environment['SYNESTHETE_FFMPEG'];
  if (named !== undefined && named !== '') {
    const trouble = await troubleOf(named);
    if (trouble === undefined) return named;
    throw new SynestheteError(
      'PROGRAM_MISSING',
      `SYNESTHETE_FFMPEG names ${named}, which ${trouble}: correct it, or unset it to use another ffmpeg`,
    );
  }
  const onPath = await findOnPath('ffmpeg', environment['PATH']);
  if (onPath !== undefined && (await troubleOf(onPath)) === undefined) return onPath;
  const bundled = await bundledFfmpeg();
  if (bundled !== undefined && (await troubleOf(bundled)) === undefined) return bundled;
  throw new SynestheteError(
    'PROGRAM_MISSING',
    'ffmpeg with the soxr resampler is needed: install ffmpeg, or run npm install again so that ' +
      '@ffmpeg-installer/ffmpeg brings its own',
  );
}

/** What is known of each ffmpeg: asking one costs up to 0.3 s, and the answer stays the same. */
const troubles = new Map<string, Promise<string | undefined>>();

/**
 * What keeps an ffmpeg from being used, as the end of a sentence; undefined when nothing does.
 * @throws SynestheteError CANNOT_START
 */
function troubleOf(ffmpeg: string): Promise<string | undefined> {
  const known = troubles.get(ffmpeg) ?? askForTrouble(ffmpeg);
  troubles.set(ffmpeg, known);
  // A shortage passes, and is no property of the program.
  known.catch(() => troubles.delete(ffmpeg));
  return known;
}

async function askForTrouble(ffmpeg: string): Promise<string | undefined> {
  let about: string;
  try {
    about = (await run(ffmpeg, ['-version'], { timeout: 20_000, windowsHide: true })).stdout;
  } catch (error) {
    if (isShortage(error)) throw startFailure(ffmpeg, error);
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' ? 'does not exist' : 'does not run';
  }
  if (!about.startsWith('ffmpeg version')) return 'is not ffmpeg';
  if (!about.includes('--enable-libsoxr')) return 'was built without the soxr resampler';
  return undefined;
}

/**
 * The binary of the npm package. npm may be set not to run install scripts, and the package sets its executable bit in
 * one: where the bit is missing it is set here, and where it may not be set the binary is copied to the user's cache.
 */
export async function bundledFfmpeg(): Promise<string | undefined> {
  let installed: { path: string; version: string };
  try {
    installed = require('@ffmpeg-installer/ffmpeg') as typeof installed;
  } catch {
    return undefined; // no binary for this platform, or optional dependencies were left out
  }
  return makeExecutable(installed.path, installed.version);
}

/** @returns the path itself, or that of an executable copy of it. */
export async function makeExecutable(
  path: string,
  version: string,
  cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'synesthete'),
): Promise<string | undefined> {
  if (await isExecutable(path)) return path;
  try {
    await chmod(path, 0o755);
    return path;
  } catch {
    const copy = join(cacheFolder, `ffmpeg-${version}`);
    if (await isExecutable(copy)) return copy;
    try {
      await mkdir(dirname(copy), { recursive: true });
      const unfinished = `${copy}.${process.pid}`;
      await copyFile(path, unfinished);
      await chmod(unfinished, 0o755);
      await rename(unfinished, copy);
      return copy;
    } catch {
      return undefined;
    }
  }
}
