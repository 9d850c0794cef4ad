import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/**
 * Packs the built project.
 * @param folder without another tarball
 * @returns the path of the tarball
 */
export async function pack(folder: string): Promise<string> {
  if (!existsSync(join(ROOT, 'dist', 'demo-index'))) throw new Error('nothing is built: run `npm run build`');
  // What `prepare` makes is there: it would only be made a second time.
  const args = ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder];
  await run('npm', args, { cwd: ROOT });
  const [name] = (await readdir(folder)).filter((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error('npm pack made no tarball');
  return join(folder, name);
}

/**
 * Checks a tarball: publint, whether its package.json and files fit together; attw, whether TypeScript finds the types of every
 * export. Programs need ES modules, so CommonJS and the resolution of before Node 16 are not looked at.
 *
 * @returns what is wrong; undefined where nothing is
 */
export async function lintPackage(tarball: string): Promise<string | undefined> {
  const tools = [
    ['publint', 'run', tarball, '--strict'],
    ['attw', tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--no-color'],
  ];
  const problems = await Promise.all(
    tools.map(async ([tool = '', ...args]) => {
      try {
        await run(join(ROOT, 'node_modules', '.bin', tool), args);
        return [];
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
        const output = `${stdout}${stderr}`.trim();
        return [`${tool}: ${output === '' ? (error as Error).message : output}`];
      }
    }),
  );
  const all = problems.flat();
  return all.length === 0 ? undefined : all.join('\n');
}
