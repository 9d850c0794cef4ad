import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface ChildOptions {
  /** Ends the child at once when aborted. */
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line of standard error, without its line end. */
  readonly onErrorLine: (line: string) => void;
  /**
   * Ends the child when this program dies, however it dies. Without it a child lives on until it next writes to its
   * broken pipe, which is soon for a decoder, and never for a capture program whose device says nothing.
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

/**
 * Starts a program whose output is read. It gets a process group of its own: Ctrl-C in a terminal then reaches only this
 * program, which decides what to end and says why.
 */
export function startChild(program: string, args: readonly string[], options: ChildOptions): Child {
  const guarded = options.guarded === true && process.platform !== 'win32';
  const child = spawn(guarded ? '/bin/sh' : program, guarded ? ['-c', GUARD, 'sh', program, ...args] : args, {
    stdio: [guarded ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
    env: { ...process.env, ...options.env },
  });
  const { stdin, stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('a piped child has output streams');

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
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('error', (error) => {
      failure = error;
      if (child.pid === undefined) resolve({ code: null, failure: error });
    });
    child.once('exit', () => {
      gone = true;
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
