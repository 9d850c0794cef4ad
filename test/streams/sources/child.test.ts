import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startChild } from '../../../streams/sources/child.ts';
import { fileSource } from '../../../streams/sources/index.ts';
import { bundledFfmpeg } from '../../../streams/sources/programs.ts';
import { commandOf, descendantsOf, isRunning, needsProc, until } from './support/processes.ts';
import { wav16 } from './support/signals.ts';

const INDEX = new URL('../../../streams/sources/index.ts', import.meta.url).href;
const folder = t.testdir();
const longFile = join(folder, 'long.wav');
writeFileSync(
  longFile,
  wav16(44100, 1, 44100 * 120, () => 1000),
);
process.env['SYNESTHETE_FFMPEG'] = (await bundledFfmpeg()) ?? '';

const run = (args: string[], guarded: boolean) => {
  const lines: string[] = [];
  const closing = new AbortController();
  const child = startChild(process.execPath, args, {
    signal: closing.signal,
    guarded,
    onErrorLine: (line) => lines.push(line),
  });
  return { child, closing, lines };
};

for (const guarded of [false, true]) {
  const name = guarded ? 'guarded' : 'plain';

  t.test(`${name}: output, complaints and exit code`, async (t) => {
    const { child, lines } = run(
      ['-e', 'console.log("out"); console.error("a\\rb\\n\\nc"); process.exitCode = 7'],
      guarded,
    );
    const output = [];
    for await (const bytes of child.stdout) output.push(bytes);
    t.equal(Buffer.concat(output as Buffer[]).toString(), 'out\n');
    t.same(await child.ended, { code: 7 });
    t.same(lines, ['a', 'b', 'c']);
  });

  t.test(`${name}: a program that does not exist`, async (t) => {
    const closing = new AbortController();
    const child = startChild(join(folder, 'no-such-program'), [], {
      signal: closing.signal,
      guarded,
      onErrorLine: () => undefined,
    });
    child.stdout.resume();
    const { code, failure } = await child.ended;
    if (guarded) t.equal(code, 127);
    else t.match(failure, { code: 'ENOENT' });
  });

  t.test(`${name}: ended at once when asked to, whatever it does`, needsProc, async (t) => {
    const script = 'process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => {}, 1e6)';
    const { child, closing } = run(['-e', script], guarded);
    const [bytes] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(bytes.toString());
    t.ok(isRunning(pid));
    closing.abort();
    await child.ended;
    await until(() => !isRunning(pid));
  });
}

t.test('unsubscribing from a file ends ffmpeg', needsProc, async (t) => {
  const before = descendantsOf(process.pid);
  await new Promise<void>((resolve, reject) => {
    const subscription = fileSource(longFile, { pace: 1 }).events.subscribe({
      next: (event) => {
        if (event.kind !== 'block') return;
        t.equal(descendantsOf(process.pid).length, before.length + 2, 'ffmpeg and its guard');
        subscription.unsubscribe();
        resolve();
      },
      error: reject,
    });
  });
  await until(() => descendantsOf(process.pid).length === before.length);
});

t.test('an error in the consumer, too', needsProc, async (t) => {
  const before = descendantsOf(process.pid);
  await t.rejects(
    new Promise<void>((_resolve, reject) => {
      const subscription = fileSource(longFile, {
        ready: () => Promise.reject(new Error('consumer')),
      }).events.subscribe({
        error: reject,
      });
      t.teardown(() => {
        subscription.unsubscribe();
      });
    }),
    { message: 'consumer' },
  );
  await until(() => descendantsOf(process.pid).length === before.length);
});

t.test('ffmpeg ends with this program even while it finds nothing to write', needsProc, async (t) => {
  const zeros = join(folder, 'zeros.mp3');
  writeFileSync(zeros, '');
  truncateSync(zeros, 2 ** 35); // sparse: no room on the disk is taken
  for (const ending of ['process.exit(3)', 'process.kill(process.pid, "SIGKILL")']) {
    const script = `
      const { fileSource } = await import(${JSON.stringify(INDEX)});
      fileSource(${JSON.stringify(zeros)}).events.subscribe({ error: () => process.exit(9) });
      process.stdin.once('data', () => ${ending});`;
    const program = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', script], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const decoders = () => descendantsOf(program.pid!).filter((pid) => commandOf(pid).includes(zeros));
    await until(() => decoders().length === 2);
    const children = decoders();
    program.stdin.write('end');
    await once(program, 'exit');
    await until(() => !children.some(isRunning));
    t.pass(ending);
  }
});

// Ctrl-C, and the end that no program can prepare for.
for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  t.test(`nothing stays behind when ${signal} ends this program`, needsProc, async (t) => {
    const holder = fileURLToPath(new URL('./support/holder.ts', import.meta.url));
    const program = spawn(process.execPath, [...process.execArgv, holder, longFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(program.stdout, 'data');
    // What reads TypeScript has a process of its own.
    const children = descendantsOf(program.pid!).filter((pid) => !commandOf(pid).includes('esbuild'));
    t.equal(children.length, 4, 'ffmpeg, the capture program and their guards');
    program.kill(signal);
    await once(program, 'exit');
    await until(() => !children.some(isRunning));
  });
}
