import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownFiles, partsOf, type CodeBlock } from './markdown.ts';
import { BlockRunner, planOf, type Plan } from './try-blocks.ts';
import { typeErrors } from './type-blocks.ts';

/*
 * Pastes every sh block of the documents, one after the other, into a shell in a temporary folder that stands for a checkout:
 * it has the built program and demo/. README comes first, whose blocks make the files that others use. js blocks are run by Node
 * there; the types of these and of ts blocks are checked against the built package. Pages may be named as arguments; README is tried
 * all the same.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FIRST = 'README.md';
/** Where `live` and `replay --serve` are by default. */
const HEALTH_URL = 'http://127.0.0.1:8090/healthz';

/** A folder where `npx synesthete` is the built program, as in a checkout, and whose home is empty. */
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'synesthete-docs-'));
  const programs = join(folder, 'node_modules', '.bin');
  await mkdir(programs, { recursive: true });
  await mkdir(join(folder, 'home'));
  await writeFile(join(folder, 'package.json'), '{"private":true}\n');
  const start = `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'dist/src/cli/main.js')}" "$@"\n`;
  await writeFile(join(programs, 'synesthete'), start, { mode: 0o755 });
  await symlink(join(ROOT, 'demo'), join(folder, 'demo'));
  await symlink(ROOT, join(folder, 'node_modules', 'synesthete'));
  for (const name of ['ws', '@types']) {
    await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
}

/** Of a person who has nothing set up: what npm sets for this script would let npx look in the checkout. */
function environmentOf(folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|XDG_)/i.test(name));
  return {
    ...Object.fromEntries(inherited),
    HOME: join(folder, 'home'),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
}

function isThere(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status === 0;
}

const count = { tried: 0, failed: 0, skipped: 0 };

const isScript = ({ language }: CodeBlock): boolean => language === 'js' || language === 'ts';

async function tryBlock(runner: BlockRunner, place: string, block: CodeBlock): Promise<void> {
  const plan = planOf(block);
  if (plan.kind === 'types' && !isScript(block)) throw new Error(`${place}: only js and ts have types`);
  const reason =
    plan.kind === 'skip'
      ? plan.reason
      : plan.kind === 'run' && plan.needs !== undefined && !isThere(plan.needs)
        ? `${plan.needs} is not installed`
        : undefined;
  if (reason !== undefined) {
    count.skipped++;
    process.stdout.write(`skipped  ${place}: ${reason}\n`);
    return;
  }
  count.tried++;
  const beganAtMs = performance.now();
  const problem = await outcome(runner, plan, block);
  const seconds = ((performance.now() - beganAtMs) / 1000).toFixed(1);
  if (problem === undefined) process.stdout.write(`ok       ${place}  ${seconds} s\n`);
  else {
    count.failed++;
    process.stdout.write(`FAILED   ${place}  ${seconds} s\n${block.code}\n${problem}\n`);
  }
}

/** @returns what went wrong; undefined when all went well */
async function outcome(runner: BlockRunner, { kind }: Plan, block: CodeBlock): Promise<string | undefined> {
  if (kind === 'serve') return runner.serve(block.code);
  if (!isScript(block)) return runner.run(block.code);
  const wrong = typeErrors(folder, block.code);
  if (wrong !== undefined || kind === 'types' || block.language === 'ts') return wrong;
  await writeFile(join(folder, 'block.mjs'), block.code);
  return runner.run('node block.mjs');
}

const folder = await makeFolder();
const runner = new BlockRunner({ folder, env: environmentOf(folder), healthUrl: HEALTH_URL });
process.on('exit', () => {
  runner.kill();
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const pages = await markdownFiles(ROOT);
const named = process.argv.slice(2);
const others = pages.filter((path) => path !== FIRST && (named.length === 0 || named.includes(path)));
for (const page of [FIRST, ...others]) {
  for (const block of partsOf(await readFile(join(ROOT, page), 'utf8')).blocks) {
    if (block.language === 'sh' || isScript(block)) await tryBlock(runner, `${page}:${block.line}`, block);
  }
  await runner.stopServer();
}
process.stdout.write(`\n${count.tried} tried, ${count.failed} failed, ${count.skipped} skipped\n`);
process.exitCode = count.failed === 0 ? 0 : 1;
