import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, cp, readFile, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What `npm run dev` uses of a checkout. Others use what is built meanwhile, so that it gets a copy of dist/src and all. */
const COPIED = ['dist', 'models', 'streams', 'src', 'web-client', 'scripts', 'demo', 'package.json'];
const CONFIGURATIONS = ['tsconfig.json', 'vite.config.ts', 'vite.report.config.ts'];
/** Without the check of types, which others make and which is most of a compilation. */
const TSCONFIG = JSON.stringify({
  extends: './tsconfig.json',
  compilerOptions: { noEmit: false, outDir: 'dist', noCheck: true },
  include: ['src', 'streams', 'models'],
});
const STAMPS = join('.tap', 'built');
/** Named so that `npm test` builds it. */
const BUILT = new URL('../../dist/src/', import.meta.url);

t.setTimeout(600_000);

let printed = '';

async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 240_000;
  while (!(await is())) {
    if (performance.now() > endMs)
      throw new Error(`this did not come: ${is.toString()}\n${printed.slice(-2000)}`);
    await pause(50);
  }
}

/** Whether any process of the group is left. */
function isRunning(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

t.test(
  'dev starts the demo, again when the program changes, builds pages, and ends as a whole',
  async (t) => {
    t.ok(existsSync(BUILT), 'the program is built');
    const folder = t.testdir({});
    for (const name of [...COPIED, ...CONFIGURATIONS, 'package-lock.json', STAMPS])
      await cp(join(ROOT, name), join(folder, name), { recursive: true, preserveTimestamps: true });
    for (const name of ['node_modules', 'asconfig.json', 'asconfig.search.json'])
      await symlink(join(ROOT, name), join(folder, name));

    await writeFile(join(folder, 'tsconfig.build.json'), TSCONFIG);
    // Copied folders are newer than what was built of them.
    const now = new Date();
    for (const name of await readdir(join(folder, STAMPS)))
      await utimes(join(folder, STAMPS, name), now, now);

    const dev = spawn('npm', ['run', '--silent', 'dev', '--', '--port', '0', '--engine', 'cpu'], {
      cwd: folder,
      detached: true,
      env: { ...process.env, XDG_DATA_HOME: join(folder, 'data') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(dev, 'exit');
    printed = '';
    dev.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    const starts = (): string[] => [...printed.matchAll(/http:\/\/[\w.]+:\d+/g)].map(([address]) => address);
    try {
      await until(() => starts().length > 0 && printed.includes('Watching for file changes'));
      const first = starts().length;

      const main = join(folder, 'src', 'cli', 'main.ts');
      const program = await readFile(main, 'utf8');
      await writeFile(main, program.replace('\n', "\nprocess.stdout.write('changed\\n');\n"));
      await until(() => printed.includes('changed\n') && starts().length > first);
      t.pass('started again');

      await appendFile(join(folder, 'web-client', 'display.html'), '<!-- changed -->\n');
      const page = join(folder, 'dist', 'web-client', 'display.html');
      await until(async () => (await readFile(page, 'utf8').catch(() => '')).includes('<!-- changed -->'));
      t.pass('the page is built');
    } finally {
      // Before tap removes the folder.
      process.kill(-dev.pid!, 'SIGINT');
      await ended;
      while (isRunning(dev.pid!)) await pause(50);
    }
    const last = starts().at(-1)!;
    await t.rejects(fetch(`${last}/healthz`), 'the demo has ended');
  },
);
