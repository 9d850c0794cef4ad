import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';

export interface ChildOptions {
  /** Ends the child at once when aborted. */
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line of standard error, without its line end. */
  readonly onErrorLine: (line: string) => void;
  /**
   * Ends the child when this program dies, however it dies. Without it a child that no exit hook could end
   * lives on until it next writes to its broken pipe: never for a capture program whose device says nothing, and late
   * for a decoder that looks for sound in gigabytes of zeros.
   */
  readonly guarded?: boolean;
}

/** How a child ended: its exit code, or null when a signal or a failure to start ended it. */
interface ChildEnd {
  readonly code: number | null;
  /** Set when the program could not be started. */
  readonly failure?: NodeJS.ErrnoException;
}

export interface Child {
  /** Bytes of standard output. Reading slowly makes the child wait: nothing but one pipe is buffered. */
  readonly stdout: Readable;
  /** Resolves, never rejects, once the child is gone and its output has been read or thrown away. */
  readonly ended: Promise<ChildEnd>;
  kill(): void;
}

/**
 * The shell waits for its standard input to close, which the kernel does when this program dies, and then ends the
 * capture program. It lets go of the output, so that the end of the capture program is the end of the output.
 */
const GUARD = '"$@" </dev/null & exec >&-; read -r _; kill -9 $! 2>/dev/null; wait $!';

/** How to end each child that runs. A program that calls process.exit() aborts nothing, and must leave nothing behind. */
const running = new Set<() => void>();

function endAll(): void {
  for (const kill of running) kill();
}

/**
 * Starts a program whose output is read. It gets a process group of its own: Ctrl-C in a terminal then reaches only this
 * program, which decides what to end and says why. It never throws: where the system can't start it, `ended` has the failure.
 */
export function startChild(program: string, args: readonly string[], options: ChildOptions): Child {
  const guarded = options.guarded === true && process.platform !== 'win32';
  const start = () =>
    spawn(guarded ? '/bin/sh' : program, guarded ? ['-c', GUARD, 'sh', program, ...args] : args, {
      stdio: [guarded ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
      env: { ...process.env, ...options.env },
    });
  let child: ReturnType<typeof start>;
  try {
    child = start();
  } catch (error) {
    return neverStarted(Promise.resolve(error as NodeJS.ErrnoException));
  }
  const { stdin, stdout, stderr } = child as Partial<typeof child>;
  // Without free file numbers it has no pipes.
  if (stdout === undefined || stdout === null || stderr === undefined || stderr === null) {
    return neverStarted(once(child, 'error').then(([error]) => error as NodeJS.ErrnoException));
  }

  let failure: NodeJS.ErrnoException | undefined;
  let gone = false;
  const kill = () => {
    stdout.destroy();
    if (gone || child.pid === undefined) return;
    try {
      // The whole group: the shell of the guard and the program behind it.
      if (process.platform === 'win32') child.kill();
      else process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It ended by itself in between.
    }
  };
  if (running.size === 0) process.on('exit', endAll);
  running.add(kill);
  const forget = () => {
    running.delete(kill);
    if (running.size === 0) process.off('exit', endAll);
  };
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('error', (error) => {
      failure = error;
      if (child.pid !== undefined) return;
      forget();
      resolve({ code: null, failure: error });
    });
    child.once('exit', () => {
      gone = true;
      forget();
    });
    child.once('close', (code) => {
      options.signal.removeEventListener('abort', kill);
      resolve(failure === undefined ? { code } : { code, failure });
    });
  });
  stdin?.on('error', () => {
    // The guard is gone already.
  });
  stdout.on('error', () => {
    // Destroyed by kill.
  });
  stdout.once('end', () => stdin?.end());
  readLines(stderr, options.onErrorLine);
  options.signal.addEventListener('abort', kill);
  if (options.signal.aborted) kill();
  return { stdout, ended, kill };
}

/** A child that could not be started: no output, and the reason. */
function neverStarted(reason: Promise<NodeJS.ErrnoException>): Child {
  return {
    stdout: Readable.from([]),
    ended: reason.then((failure) => ({ code: null, failure })),
    kill: () => undefined,
  };
}

const LONGEST_LINE = 4096;

/** Lines end with \n or \r: programs that draw a progress line use the latter. */
function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split(/[\r\n]+/);
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const line of lines) if (line !== '') onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
