import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { CodeBlock } from './markdown.ts';

/** What a block that takes longer has failed at. */
const BLOCK_WITHIN_MS = 300_000;
const SERVES_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 10_000;
/** How much of what a failed block printed is shown. */
const SHOWN_CHARACTERS = 2000;

/**
 * What to do with a block. Its comment says so: `docs:try skip: REASON`, `docs:try serves`, `docs:try needs: PROGRAM`, and of JavaScript
 * that only its types are checked: `docs:try types: REASON`.
 */
export type Plan =
  | { readonly kind: 'run'; readonly needs?: string }
  | { readonly kind: 'serve' }
  | { readonly kind: 'types'; readonly reason: string }
  | { readonly kind: 'skip'; readonly reason: string };

/** @throws Error for a comment to docs:try that says nothing known */
export function planOf({ comment }: Pick<CodeBlock, 'comment'>): Plan {
  const [, word, rest] = /^docs:try\s+(\w+)(?::\s*(.+))?$/.exec(comment ?? '') ?? [];
  if (word === 'skip' && rest !== undefined) return { kind: 'skip', reason: rest };
  if (word === 'types' && rest !== undefined) return { kind: 'types', reason: rest };
  if (word === 'needs' && rest !== undefined) return { kind: 'run', needs: rest };
  if (word === 'serves') return { kind: 'serve' };
  if (comment?.startsWith('docs:try') === true) throw new Error(`"${comment}" is not understood`);
  return { kind: 'run' };
}

/** Where blocks are pasted. */
export interface Shell {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Answers with success once a server that a block started is ready. */
  readonly healthUrl: string;
  /** Who runs them: the user of this process unless set. */
  readonly uid?: number;
  readonly gid?: number;
}

/** A block that is being run, with all that it started. */
class Running {
  readonly #child: ChildProcess;
  #output = '';
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  hasEnded = false;

  constructor(code: string, { folder, env, uid, gid }: Shell) {
    this.#child = spawn('bash', ['-e', '-o', 'pipefail', '-c', code], {
      cwd: folder,
      env,
      // A group of its own, which can be ended as a whole.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-SHOWN_CHARACTERS);
      });
    }
    this.ended = once(this.#child, 'exit').then(([exitCode, signal]) => {
      this.hasEnded = true;
      return (exitCode ?? signal) as number | string;
    });
  }

  get output(): string {
    return this.#output.trim();
  }

  async end(): Promise<void> {
    this.signal('SIGTERM');
    await Promise.race([this.ended, pause(ENDS_WITHIN_MS, undefined, { ref: false })]);
    this.signal('SIGKILL');
  }

  /** Signals the whole group, in which children may outlive the shell. */
  signal(signal: NodeJS.Signals): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, signal);
    } catch {
      // All of the group have ended.
    }
  }
}

/** Runs blocks one after the other. A server runs on until the next one is started, or `stopServer`. */
export class BlockRunner {
  readonly #shell: Shell;
  #running: Running | undefined;
  #server: Running | undefined;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** Runs a block to its end. @returns what went wrong; undefined when all went well */
  async run(code: string): Promise<string | undefined> {
    const block = new Running(code, this.#shell);
    this.#running = block;
    const ended = await Promise.race([block.ended, pause(BLOCK_WITHIN_MS, 'late', { ref: false })]);
    await block.end();
    this.#running = undefined;
    if (ended === 0) return undefined;
    const why = ended === 'late' ? `did not end within ${BLOCK_WITHIN_MS / 1000} s` : `ended with ${ended}`;
    return `${why}\n${block.output}`;
  }

  /** Starts a block that serves, and waits until it does. @returns as `run` */
  async serve(code: string): Promise<string | undefined> {
    await this.stopServer();
    const { healthUrl } = this.#shell;
    if (await answers(healthUrl)) return `something answers at ${healthUrl} already: stop it`;
    const server = new Running(code, this.#shell);
    this.#server = server;
    const deadline = performance.now() + SERVES_WITHIN_MS;
    while (performance.now() < deadline && !server.hasEnded) {
      if (await answers(healthUrl)) return undefined;
      await pause(200);
    }
    await this.stopServer();
    return `${server.hasEnded ? 'ended' : 'did not serve'} before ${healthUrl} answered\n${server.output}`;
  }

  async stopServer(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.end();
  }

  /** Ends all that runs, at once. */
  kill(): void {
    for (const running of [this.#running, this.#server]) running?.signal('SIGKILL');
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
