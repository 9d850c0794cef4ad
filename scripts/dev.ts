import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { build, isOutOfDate, ROOT, STEPS } from './build/steps.ts';

/*
 * `npm run dev`: the demo, started again when the program changes; pages are built when they change, and a reload shows them.
 * Arguments go to `live --demo`. Kernels are built at the start only.
 */

const COMPILERS: readonly (readonly string[])[] = [
  ['tsc', '-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'],
  ['vite', 'build', '--watch', '--logLevel', 'warn'],
  ['vite', 'build', '--watch', '--logLevel', 'warn', '--config', 'vite.report.config.ts'],
];
// Not `node --watch`: it has the program's own processes send messages to the program, of what they load.
const DEMO = [process.execPath, 'dist/src/cli/main.js', 'live', '--demo', ...process.argv.slice(2)];
const PROGRAM = ['dist/src', 'dist/streams', 'dist/models'];
/** A compilation writes its files within this. */
const SETTLES_MS = 300;
const ENDS_WITHIN_MS = 10_000;

/** A command with all that it starts. */
class Running {
  readonly #child: ChildProcess;
  readonly ended: Promise<unknown>;

  constructor([command, ...args]: readonly string[]) {
    // A group of its own, which can be ended as a whole.
    this.#child = spawn(command!, args, {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.ended = once(this.#child, 'close');
  }

  async end(): Promise<void> {
    this.#signal('SIGTERM');
    const late = setTimeout(() => {
      this.#signal('SIGKILL');
    }, ENDS_WITHIN_MS);
    await this.ended;
    clearTimeout(late);
  }

  #signal(name: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

await build(STEPS.filter(isOutOfDate));
const compilers = COMPILERS.map((command) => new Running(command));
let demo = new Running(DEMO);
let isOver = false;
let restart: Promise<void> = Promise.resolve();

function startAgain(): void {
  restart = restart.then(async () => {
    await demo.end();
    if (!isOver) demo = new Running(DEMO);
  });
}

let settling: NodeJS.Timeout | undefined;
const watchers = PROGRAM.map((folder) =>
  watch(join(ROOT, folder), { recursive: true }, (_, name) => {
    if (name?.endsWith('.js') !== true) return;
    clearTimeout(settling);
    settling = setTimeout(startAgain, SETTLES_MS);
  }),
);

const stopped = new Promise((resolve) => {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, resolve);
});
// A demo that ends waits for the next change; compilers go on until they are ended.
const failed = Promise.race(compilers.map(({ ended }) => ended)).then(() => {
  if (!isOver) process.exitCode = 1;
});
await Promise.race([stopped, failed]);
isOver = true;
clearTimeout(settling);
for (const watcher of watchers) watcher.close();
await restart;
await Promise.all([...compilers, demo].map((running) => running.end()));
