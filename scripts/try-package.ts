import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, mkdtemp, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { lintPackage, pack } from './pack.ts';
import { BlockRunner } from './try-blocks.ts';

/*
 * Packs the built project, checks the tarball, installs it in an empty folder with the script
 * of the examples' container, runs the demo from there until its first picture has
 * come, and a program that uses the library, as somebody who may not write to the package.
 * `--node 20,22,24` does so with these versions of Node, which npm's package `node` brings, instead of the one that runs this.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CONTAINER = join(ROOT, 'examples', 'container');
const INSTALL_WITHIN_MS = 300_000;
const FIRST_PICTURE_WITHIN_MS = 60_000;
/** The user `nobody`, for whom root's files are read-only. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** Waits for the first picture of a show with what the package gives to programs, and fetches it. */
const FIRST_PICTURE = `
import { ShowClient } from 'synesthete/client';
import { WebSocket } from 'ws';

setTimeout(() => { console.error('no picture came'); process.exit(1); }, ${FIRST_PICTURE_WITHIN_MS});
const client = new ShowClient(process.argv[2], {
  WebSocket,
  async onShow({ show: { image } }) {
    if (image === null) return;
    client.close();
    const answer = await fetch(client.address(image.url));
    const bytes = (await answer.arrayBuffer()).byteLength;
    process.exit(answer.ok && bytes > 0 ? 0 : 1);
  },
});
`;

/** Finds a built-in picture by its mood and predicts it. */
const LIBRARY = `
import { openModel } from 'synesthete';

const model = await openModel(undefined, { engine: 'cpu' });
const gallery = await model.openGallery();
const [best] = gallery.search({ valence: 0.9, arousal: 0.6 }, { count: 1 });
let predicted = 0;
for await (const { kind, valence } of model.predict(best.rendition)) if (kind === 'image' && valence > 0.5) predicted++;
await model.close();
process.exitCode = predicted === 1 ? 0 : 1;
`;

const run = promisify(execFile);

/** Of a person who has nothing set up, with the Node of a folder. */
function environmentOf(home: string, nodeFolder?: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|XDG_)/i.test(name));
  const { PATH = '' } = process.env;
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    PATH: nodeFolder === undefined ? PATH : `${nodeFolder}${delimiter}${PATH}`,
    npm_config_update_notifier: 'false',
    // As docs/dependencies.md says, for machines that can't reach where the CUDA libraries are.
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  };
}

/** Installs a package in a new folder, from npm's cache where it is there. */
async function install(folder: string, what: string, env: NodeJS.ProcessEnv): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), '{"private":true}\n');
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', what];
  await run('npm', args, {
    cwd: folder,
    env: { ...env, npm_config_cache: cache },
    timeout: INSTALL_WITHIN_MS,
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @returns what went wrong; undefined when all went well */
async function tryDemo(folder: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const runner = new BlockRunner({ folder, env, healthUrl: `${address}/healthz`, ...user });
  const onExit = (): void => {
    runner.kill();
  };
  process.on('exit', onExit);
  try {
    return (
      (await runner.serve(`npx --no-install synesthete live --demo --port ${port}`)) ??
      (await runner.run(`node first-picture.mjs ${address}`)) ??
      (await runner.run('node library.mjs')) ??
      (await runner.run(`PORT=${port} node health.mjs`))
    );
  } finally {
    await runner.stopServer();
    process.off('exit', onExit);
  }
}

/** Installs the tarball and runs the demo, with the Node that the environment finds. */
async function tryWith(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const version = (await run('node', ['--version'], { env })).stdout.trim();
  const beganAtMs = performance.now();
  // As the container of the examples is made.
  await run('sh', [join(CONTAINER, 'install.sh'), tarball, folder], {
    env: { ...env, npm_config_cache: cache, npm_config_loglevel: 'error' },
    timeout: INSTALL_WITHIN_MS,
  });
  const installed = secondsSince(beganAtMs);
  await writeFile(join(folder, 'first-picture.mjs'), FIRST_PICTURE);
  await writeFile(join(folder, 'library.mjs'), LIBRARY);
  await copyFile(join(CONTAINER, 'health.mjs'), join(folder, 'health.mjs'));
  const installedPackage = join(folder, 'node_modules', 'synesthete');
  if (!isRoot) await run('chmod', ['-R', 'a-w', installedPackage]);
  const startedAtMs = performance.now();
  const problem = await tryDemo(folder, env);
  if (!isRoot) await run('chmod', ['-R', 'u+w', installedPackage]);
  const line = `Node ${version}: installed in ${installed} s, first picture and library in ${secondsSince(startedAtMs)} s`;
  if (problem === undefined) process.stdout.write(`ok       ${line}\n`);
  else {
    process.exitCode = 1;
    process.stdout.write(`FAILED   ${line}\n${problem}\n`);
  }
}

function secondsSince(atMs: number): string {
  return ((performance.now() - atMs) / 1000).toFixed(1);
}

const { values } = parseArgs({ options: { node: { type: 'string' } } });
const folder = await mkdtemp(join(tmpdir(), 'synesthete-package-'));
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
// Others may read it.
await chmod(folder, 0o755);
const home = join(folder, 'home');
await mkdir(home);
if (isRoot) await chown(home, NOBODY, NOBODY);

const cache = (await run('npm', ['config', 'get', 'cache'], { cwd: ROOT })).stdout.trim();
const tarball = await pack(folder);
process.stdout.write(`packed   ${((await stat(tarball)).size / 1e6).toFixed(1)} MB\n`);
const unsound = await lintPackage(tarball);
if (unsound !== undefined) {
  process.exitCode = 1;
  process.stdout.write(`FAILED   ${unsound}\n`);
}
if (values.node === undefined) await tryWith(join(folder, 'project'), environmentOf(home));
for (const major of values.node?.split(',') ?? []) {
  const nodeFolder = join(folder, `node-${major}`);
  await install(nodeFolder, `node@${major}`, environmentOf(home));
  const bin = join(nodeFolder, 'node_modules', 'node', 'bin');
  await tryWith(join(folder, `project-${major}`), environmentOf(home, bin));
}
