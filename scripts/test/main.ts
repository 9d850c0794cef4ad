import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, isOutOfDate, ROOT, STEPS, TEST_CLASS } from '../build/steps.ts';
import { stepsFor } from './needs.ts';

/*
 * `npm test`: builds what is out of date and runs every test; `npm test -- PATH…`: builds only what the tests of these files and
 * folders need. Options go to tap.
 */

const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith('-'));
const named = args.filter((arg) => !arg.startsWith('-'));

const TAP = ['--import=./scripts/test/plain-files.js', 'node_modules/tap/dist/esm/run.mjs'];

const ERRORS = '.tap/test-errors.log';

/** @returns the test files at a path, from the root */
function testsAt(path: string): string[] {
  if (!existsSync(path))
    throw new Error(`${path} isn't there: name test files or folders, and options as --name=value`);
  if (!statSync(path).isDirectory()) return [relative(ROOT, join(process.cwd(), path))];
  const inside = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  return inside.map((name) => relative(ROOT, join(process.cwd(), path, name))).sort();
}

/**
 * @param args of Node's
 * @param errors where its standard error goes
 * @returns the exit code
 */
async function run(args: readonly string[], errors: number | 'inherit' = 'inherit'): Promise<number> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['inherit', 'inherit', errors] });
  // Ctrl-C reaches the child by itself, which then ends in order.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      resolve(code ?? 1);
    });
  });
}

/** What all tests print beside their results is kept apart, to be read when one has failed. */
async function testAll(): Promise<number> {
  await build([TEST_CLASS, ...STEPS].filter(isOutOfDate));
  // At once, before many processes do it each for themselves.
  await run(['scripts/erase-types/all.js']);
  mkdirSync(join(ROOT, '.tap'), { recursive: true });
  const errors = openSync(join(ROOT, ERRORS), 'w');
  const code = await run([...TAP, ...options], errors);
  closeSync(errors);
  if (code !== 0) process.stdout.write(`What the tests printed on standard error is in ${ERRORS}.\n`);
  return code;
}

async function test(files: readonly string[]): Promise<number> {
  await build([TEST_CLASS, ...stepsFor(files)].filter(isOutOfDate));
  return run([...TAP, ...options, ...files]);
}

try {
  process.exitCode = await (named.length === 0 ? testAll() : test(named.flatMap(testsAt)));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
