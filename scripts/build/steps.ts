import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * What a checkout has to have made before it runs, step by step. A step is out of date when an input has changed since it last
 * began, or an output is missing.
 */

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** When each step last began, as the time of an empty file. */
const STAMPS = join(ROOT, '.tap', 'built');

export interface Step {
  readonly name: string;
  /** Run in the root, with npm's programs in PATH. */
  readonly command: string;
  /** Files and folders, from the root. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Waits for the others. */
  readonly last?: boolean;
}

/** The versions of the tools. */
const TOOLS = 'package-lock.json';

export const STEPS: readonly Step[] = [
  {
    name: 'feature kernels',
    command: 'asc --config asconfig.json',
    inputs: ['models/features/kernels', 'asconfig.json', TOOLS],
    outputs: ['dist/kernels.wasm'],
  },
  {
    name: 'search kernel',
    command: 'asc --config asconfig.search.json',
    inputs: ['models/gallery/search/kernels', 'asconfig.search.json', TOOLS],
    outputs: ['dist/search-kernel.wasm'],
  },
  {
    name: 'program',
    command: 'tsc -p tsconfig.build.json',
    inputs: ['models', 'streams', 'src', 'tsconfig.json', 'tsconfig.build.json', TOOLS],
    outputs: ['dist/models', 'dist/streams', 'dist/src'],
  },
  {
    name: 'pages',
    command: 'vite build --logLevel warn',
    inputs: [
      ...['web-client', 'src/client', 'src/server/protocol', 'streams/program'],
      ...['models/errors.ts', 'models/screens.ts', 'vite.config.ts', TOOLS],
    ],
    outputs: ['dist/web-client'],
  },
  {
    name: 'report page',
    command: 'vite build --logLevel warn --config vite.report.config.ts',
    inputs: ['web-client', 'src/report', 'vite.report.config.ts', TOOLS],
    outputs: ['dist/report'],
  },
  {
    name: 'index of the built-in pictures',
    command: 'node dist/src/cli/main.js index demo/gallery --index dist/demo-index',
    inputs: ['demo/gallery', 'models/pretrained', 'models/pictures', TOOLS],
    outputs: ['dist/demo-index'],
    last: true,
  },
];

/** The class of tests, which tap makes of its plugins. */
export const TEST_CLASS: Step = {
  name: 'tap',
  command: 'tap build',
  inputs: ['.taprc', TOOLS],
  outputs: ['node_modules/@tapjs/test/test-built/dist'],
};

/** @returns whether anything at or below the path has changed since; a folder changes when a file comes or goes */
function changedSince(path: string, atMs: number): boolean {
  const { mtimeMs } = statSync(path);
  if (mtimeMs >= atMs) return true;
  if (!statSync(path).isDirectory()) return false;
  return readdirSync(path).some((name) => changedSince(join(path, name), atMs));
}

const stampOf = (step: Step): string => join(STAMPS, step.name.replaceAll(' ', '-'));

export function isOutOfDate(step: Step): boolean {
  const stamp = stampOf(step);
  if (![stamp, ...step.outputs.map((output) => join(ROOT, output))].every((path) => existsSync(path)))
    return true;
  const { mtimeMs } = statSync(stamp);
  return step.inputs.some((input) => changedSince(join(ROOT, input), mtimeMs));
}

async function take(step: Step): Promise<void> {
  mkdirSync(STAMPS, { recursive: true });
  // What changes while it is being built is built next time.
  const began = `${stampOf(step)}.${process.pid}`;
  writeFileSync(began, '');
  const child = spawn(step.command, { cwd: ROOT, shell: true, stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new Error(`${step.name}: \`${step.command}\` failed`);
  renameSync(began, stampOf(step));
}

/** Takes the steps, side by side where they may be. */
export async function build(steps: readonly Step[]): Promise<void> {
  await Promise.all(steps.filter((step) => step.last !== true).map(take));
  for (const step of steps.filter((step) => step.last === true)) await take(step);
}
