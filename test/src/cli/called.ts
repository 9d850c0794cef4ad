import { setImmediate } from 'node:timers/promises';
import type { Command } from 'commander';
import { commandLine } from '../../../src/cli/command-line.ts';
import { report } from '../../../src/cli/terminal/failure.ts';
import type { Outcome } from './run.ts';

/** Ends with the call before. */
let before: Promise<unknown> = Promise.resolve();

/**
 * Runs the program in this process, which saves a start: of commands that end by themselves, one after the other. Tests of signals,
 * of standard input, and of what a process does with its output use `synesthete`.
 *
 * @param program another than the whole
 */
export function called(
  args: readonly string[],
  program: Command | Promise<Command> = commandLine(args),
): Promise<Outcome> {
  const outcome = before.then(() => call(args, program));
  before = outcome.catch(() => undefined);
  return outcome;
}

async function call(args: readonly string[], program: Command | Promise<Command>): Promise<Outcome> {
  // What the test has to say is said before.
  await setImmediate();
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const restore = [captured(process.stdout, stdout), captured(process.stderr, stderr)];
  let code = 0;
  try {
    await (await program).parseAsync(args, { from: 'user' });
  } catch (error) {
    code = report(error, false);
  } finally {
    for (const end of restore) end();
  }
  return {
    code,
    signal: null,
    stdout: Buffer.concat(stdout),
    stderr: Buffer.concat(stderr).toString(),
  };
}

/** Keeps what is written. @returns what ends that */
function captured(stream: NodeJS.WriteStream, chunks: Uint8Array[]): () => void {
  const write = stream.write.bind(stream);
  stream.write = (chunk: Uint8Array | string, ...more: unknown[]) => {
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    const done = more.find((argument) => typeof argument === 'function');
    if (done !== undefined) queueMicrotask(done as () => void);
    return true;
  };
  return () => {
    stream.write = write;
  };
}
