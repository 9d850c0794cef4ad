import { fork, type ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { SynestheteError, type ErrorCode } from '../../errors.ts';
import { startProcess } from '../../start-process.ts';
import type { RenditionRequest } from './make.ts';

/** What `process.ts` answers each request with. */
export type RenditionAnswer =
  { readonly ok: true } | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

/** The process ends after this time without work: its memory is the show's again. */
const IDLE_MS = 20_000;
/** No picture takes so long: the process hangs. */
const MOST_MS = 120_000;

/**
 * Makes renditions in a process of its own, of a low priority, so that neither the show nor its analysis waits for
 * them, and a picture that costs all memory ends that process alone. It starts with the first request.
 */
export class RenditionMaker {
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;

  /**
   * Call it again only when the last call has settled.
   * @throws SynestheteError of `makeRendition`; CANNOT_START; ENGINE_FAILED when the process hangs or ends
   */
  async make(request: RenditionRequest): Promise<void> {
    clearTimeout(this.#idle);
    const child = (this.#child ??= await this.#start());
    try {
      const answer = await answerOf(child, request);
      if (!answer.ok) throw new SynestheteError(answer.code, answer.message);
    } finally {
      this.#idle = setTimeout(() => {
        this.close();
      }, IDLE_MS).unref();
    }
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  /** @throws SynestheteError CANNOT_START */
  async #start(): Promise<ChildProcess> {
    const file = import.meta.url.endsWith('.ts') ? './process.ts' : './process.js';
    const child = await startProcess('the process that makes renditions', () =>
      fork(fileURLToPath(new URL(file, import.meta.url)), {
        // Only what loads code: a program given as text has none of its own.
        execArgv: process.execArgv.filter((option) => option.includes('import=')),
        // Standard output is the program's own.
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    );
    const forget = (): void => {
      if (this.#child === child) this.#child = undefined;
    };
    child.once('exit', forget);
    child.on('error', forget);
    // Before it has started threads of its own, which inherit this.
    if (child.pid !== undefined) lower(child.pid);
    // It doesn't keep the program from ending.
    child.unref();
    child.channel?.unref();
    return child;
  }
}

function lower(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A system without priorities, or it has ended already.
  }
}

/** @throws SynestheteError ENGINE_FAILED */
function answerOf(child: ChildProcess, request: RenditionRequest): Promise<RenditionAnswer> {
  return new Promise((resolve, reject) => {
    const end = (why: string): void => {
      settle();
      reject(failed(why));
    };
    const onMessage = (answer: RenditionAnswer): void => {
      settle();
      resolve(answer);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      end(signal === null ? `has ended with exit code ${code}` : `was ended by ${signal}`);
    };
    const onError = ({ message }: Error): void => {
      end(`can't be started: ${message}`);
    };
    // It keeps the program alive while it waits, which the process does not.
    const hanging = setTimeout(() => {
      child.kill('SIGKILL');
      end(`took longer than ${MOST_MS / 1000} s`);
    }, MOST_MS);
    const settle = (): void => {
      clearTimeout(hanging);
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
    };
    child.on('message', onMessage).on('exit', onExit).on('error', onError);
    child.send(request, (error) => {
      if (error !== null) end(`takes no requests: ${error.message}`);
    });
  });
}

function failed(why: string): SynestheteError {
  return new SynestheteError('ENGINE_FAILED', `the process that makes renditions ${why}`);
}
